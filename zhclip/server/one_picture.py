"""The one picture that a request is about: of the library, from an address, or sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zhclip.errors import PictureGoneError
from zhclip.server.errors import Refusal, not_found
from zhclip.server.limits import check_picture
from zhclip.server.originals import read_original

if TYPE_CHECKING:
    from zhclip.library import Picture
    from zhclip.search.picture_wire import PictureRequest
    from zhclip.server.service import Service


def picture_of(service: Service, identity: str) -> Picture:
    """A picture of the library.

    Raises:
        Refusal: It holds none of that id.
    """
    picture = service.library.get_by_id(identity)
    if picture is None:
        raise not_found("the library holds no picture of this id")
    return picture


def gone() -> Refusal:
    """The library holds a picture, but its file is not there; clients are not told where it was."""
    return not_found("the file of this picture is gone, or can no longer be read")


@dataclass(frozen=True)
class GivenPicture:
    """A picture as a client gave it: by its id, or as the bytes of a file."""

    service: Service
    given: str | bytes

    def read(self) -> bytes:
        """The file that a model opens; to read it takes a moment.

        Raises:
            Refusal: The library holds no such picture, or its file is gone.
            PictureError: The file is no picture, is over the limit, or is not the one that the library knows.
        """
        if isinstance(self.given, str):
            try:
                return read_original(picture_of(self.service, self.given))
            except PictureGoneError:
                raise gone() from None
        check_picture(self.given, max_pixels=self.service.settings.max_pixels)
        return self.given


async def take_picture(service: Service, wanted: PictureRequest, files: Collection[bytes]) -> GivenPicture:
    """Take the one picture of a request, and fetch it where an address was given.

    Args:
        service: Whose library holds the pictures with ids.
        wanted: The request.
        files: Those of its form that may be the picture.

    Raises:
        Refusal: There is none or are several, or the address is not allowed or gives none.
    """
    given = [picture for picture in (wanted.id, wanted.url, *files) if picture is not None]
    if len(given) != 1:
        if not given:
            raise Refusal(422, "invalid_request", "give one picture, not none: the id or url of one, or a form's file")
        raise Refusal(
            422,
            "invalid_request",
            "give one picture, not {count}: the id or url of one, or a form's file",
            count=len(given),
        )
    return GivenPicture(service, given[0] if wanted.url is None else await service.fetcher.fetch(wanted.url))
