"""A library behind a zhclip service: searched as one of this machine is."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from zhclip.errors import PictureError, QueryError, ServiceError, TextCutWarning, ZhclipWarning
from zhclip.library import Status, Where
from zhclip.messages import system_language
from zhclip.models import open_image
from zhclip.search.describing import to_picture
from zhclip.search.query import Content, Hit, Query, Results, to_query

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    import httpx
    from PIL import Image

    from zhclip.search.describing import Caption
    from zhclip.search.explanation import Explanation
    from zhclip.search.wire import QueryModel, RequestModel

TIMEOUT = 60.0


class RemoteLibrary:
    """A library that ``zhclip serve`` serves, on this machine or another.

    >>> with RemoteLibrary("http://127.0.0.1:8000") as library:
    ...     hits = library.search("夕阳 大海 沙滩", top_k=10)

    Hits are those that the library itself gives; their paths are of the machine that holds it. It
    may be used from several threads.

    Args:
        address: Of the service, as ``http://127.0.0.1:8000``.
        token: What the service asks for, if it does.
        timeout: Seconds to wait for an answer.
    """

    def __init__(self, address: str, *, token: str | None = None, timeout: float = TIMEOUT) -> None:
        import httpx  # takes a moment: those who search no service must not pay

        self.address = address.rstrip("/")
        self.timeout = timeout
        try:
            url = httpx.URL(self.address)
        except httpx.InvalidURL:
            url = httpx.URL("")
        if url.scheme not in ("http", "https") or not url.host:
            raise ServiceError(
                "{address!r} is no address of a service; give one like http://127.0.0.1:8000", address=address
            )
        headers: dict[str, str] = {"Accept-Language": system_language()}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        own = url.host in ("localhost", "127.0.0.1", "::1")  # this machine is not asked through a proxy
        self._client = httpx.Client(base_url=self.address, headers=headers, timeout=timeout, trust_env=not own)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"RemoteLibrary({self.address!r})"

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def search(
        self, query: str | Path | Image.Image | Query, *, top_k: int = 10, offset: int = 0, where: Where | None = None
    ) -> Results:
        """Find pictures, as :meth:`zhclip.Library.search` does.

        Args:
            query: A text; a picture as a ``Path`` of this machine or PIL image; or a :class:`Query`.
            top_k: The most hits, 1 to 1000.
            offset: Leave out this many of the best.
            where: What the pictures must be like; its folder is one of the service's machine.

        Raises:
            QueryError: The query is empty, too long, or a value makes no sense.
            PictureError: The query's picture cannot be read.
            LibraryError: The service's library cannot be searched.
            ServiceError: The service cannot be reached, is busy, or refuses.

        Warns:
            TextCutWarning: A text is longer than the model reads.
        """
        from zhclip.search.wire import SearchRequest, SearchResponse, WhereModel

        query = to_query(query)
        if where is not None and query.where is not None:
            raise QueryError("the query has a filter of its own; give where in one place")
        pictures: dict[str, Content] = {}
        model = _to_model(query, pictures)
        if where is not None:
            model.where = WhereModel.of(where)
        request = SearchRequest.model_construct(query=model, top_k=top_k, offset=offset)
        response = SearchResponse.model_validate_json(self._send("/v1/search", request, pictures))
        notes = _warn_of(response.notes)
        understood = response.understood.to_query(lambda part: part.text or pictures[part.picture or ""])
        return Results((hit.to_hit() for hit in response.hits), understood=understood, notes=notes)

    def similar(self, identity: str, *, top_k: int = 10, offset: int = 0) -> list[Hit]:
        """Find pictures like one of the library, as :meth:`zhclip.Library.similar` does.

        Raises:
            QueryError: The library holds no such picture, or a number is out of range.
            ServiceError: The service cannot be reached, is busy, or refuses.
        """
        from urllib.parse import quote

        from zhclip.search.wire import SearchResponse

        place = f"/v1/similar/{quote(identity, safe='')}"
        response = SearchResponse.model_validate_json(
            self._ask("GET", place, params={"top_k": top_k, "offset": offset})
        )
        return [hit.to_hit() for hit in response.hits]

    def explain(self, query: Content | Query, picture: Content) -> Explanation:
        """Say why a picture answers a query as well as it does, as :meth:`zhclip.Library.explain` does.

        Args:
            query: As for :meth:`search`; its filter has no say.
            picture: The id of one of the library's pictures, as in ``hit.metadata["id"]``; or any picture as a
                ``Path`` of this machine, the bytes of a file or a PIL image.

        Returns:
            What each word did for the picture's score, and where in the picture the query is, to three decimals.

        Raises:
            QueryError: The query is empty, too long, or the library holds no picture of that id.
            PictureError: A picture cannot be read.
            LibraryError: The service's library cannot be used.
            ServiceError: The service cannot be reached, is busy, or refuses.

        Warns:
            TextCutWarning: A text is longer than the model reads.
            ZhclipWarning: The model gives no features of places, and there is no map.
        """
        from zhclip.search.picture_wire import WhyRequest, WhyResponse

        pictures: dict[str, Content] = {}
        model = _to_model(to_query(query), pictures)
        identity = picture if isinstance(picture, str) else None
        sent = pictures if isinstance(picture, str) else {**pictures, "picture": picture}
        request = WhyRequest.model_construct(query=model, id=identity)
        response = WhyResponse.model_validate_json(self._send("/v1/why", request, sent))
        notes = _warn_of(response.notes)
        if response.heat is None:
            notes.append(
                ZhclipWarning("there is no map of the picture: the service's model gives no features of places")
            )
            warnings.warn(notes[-1], stacklevel=2)
        understood = response.understood.to_query(lambda part: part.text or pictures[part.picture or ""])
        return replace(response.to_explanation(understood), notes=tuple(notes))

    def describe(self, picture: Content, *, captions: Sequence[str] | None = None, top_k: int = 5) -> list[Caption]:
        """Find captions that describe a picture, as :meth:`zhclip.Library.describe` does.

        Args:
            picture: A ``Path`` of this machine, the bytes of a file or a PIL image.
            captions: What to choose from, at most 1000; the captions of the library's pictures by default.
            top_k: The most captions, 1 to 1000.

        Returns:
            Captions, best first, each once; those of the library's pictures have their ids, and no paths.

        Raises:
            QueryError: It is no picture, a caption is empty, or there is none to choose from.
            PictureError: The picture cannot be read.
            LibraryError: The service's library cannot be used.
            ServiceError: The service cannot be reached, is busy, or refuses.

        Warns:
            TextCutWarning: A caption is longer than the model reads.
        """
        from zhclip.search.picture_wire import DescribeRequest, DescribeResponse

        listed = None if captions is None else list(captions)
        request = DescribeRequest.model_construct(captions=listed, top_k=top_k)
        body = self._send("/v1/describe", request, {"picture": to_picture(picture)})
        response = DescribeResponse.model_validate_json(body)
        _warn_of(response.notes)
        return [caption.to_caption() for caption in response.captions]

    def status(self) -> Status:
        """What the library holds, and which model it is of.

        Raises:
            LibraryNotFoundError: The service has no library yet.
            ServiceError: The service cannot be reached, is busy, or refuses.
        """
        from zhclip.search.wire import LibraryModel

        return LibraryModel.model_validate_json(self._ask("GET", "/v1/library")).to_status()

    def _send(self, place: str, request: RequestModel, pictures: Mapping[str, Content]) -> bytes:
        """The body of a good answer to a request, which is sent with pictures, each under its name."""
        try:
            body = request.model_dump_json().encode()
        except ValueError:
            raise QueryError("a text holds characters that are none (lone surrogates); take them out") from None
        if not pictures:
            return self._ask("POST", place, content=body, headers={"Content-Type": "application/json"})
        files = {name: _file_of(picture) for name, picture in pictures.items()}
        return self._ask("POST", place, data={"request": body.decode()}, files=files)

    def _ask(self, method: str, place: str, **sent: Any) -> bytes:
        """The body of a good answer."""
        import httpx

        try:
            response = self._client.request(method, place, **sent)
        except httpx.TimeoutException:
            raise ServiceError(
                "the service at {address} did not answer in {seconds:g} s; try again",
                address=self.address,
                seconds=self.timeout,
            ) from None
        except httpx.HTTPError:
            raise ServiceError(
                "no zhclip service answers at {address}; is it running (zhclip serve), and is the address right?",
                address=self.address,
            ) from None
        if response.status_code != 200:
            raise self._error(response)
        return response.content

    def _error(self, response: httpx.Response) -> Exception:
        from pydantic import ValidationError

        from zhclip.search.wire import ErrorModel, to_error

        if response.status_code == 401:
            return ServiceError(
                "the service at {address} asks for a token, or knows another one; give it with --token "
                "(a service with --auth alone answers browsers alone)",
                address=self.address,
            )
        try:
            return to_error(ErrorModel.model_validate_json(response.content).error)
        except ValidationError:
            return ServiceError(
                "what answers at {address} is no zhclip service ({status}); is the address right?",
                address=self.address,
                status=response.status_code,
            )


def _to_model(query: Query, pictures: dict[str, Content]) -> QueryModel:
    """The JSON form of a query; its pictures are put to those that are sent, by their names."""
    from zhclip.search.wire import QueryModel

    def send(content: Content) -> dict[str, str]:
        name = f"picture-{len(pictures)}"
        pictures[name] = content
        return {"picture": name}

    return QueryModel.of(query, send)


def _warn_of(notes: list[str]) -> list[ZhclipWarning]:
    """Give what a service noted as warnings, and the warnings themselves."""
    said: list[ZhclipWarning] = [TextCutWarning(note) for note in notes]
    for note in said:
        warnings.warn(note, stacklevel=3)
    return said


def _file_of(content: Content) -> bytes:
    """A picture as a file of the same pixels."""
    if isinstance(content, bytes):
        return content
    if isinstance(content, Path):
        try:
            return content.read_bytes()
        except FileNotFoundError:
            raise PictureError("no picture at {path}; check the path", path=content) from None
        except OSError as error:
            raise PictureError("{path} cannot be read: {error}", path=content, error=error) from None
    file = io.BytesIO()
    open_image(content).save(file, "PNG", compress_level=1)
    return file.getvalue()
