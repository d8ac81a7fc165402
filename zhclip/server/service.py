"""What the routes of a service share."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import Response

from zhclip.errors import StoreError
from zhclip.messages import Language, translate
from zhclip.models.text import notes_on
from zhclip.search.wire import ErrorModel
from zhclip.server.batching import Pool, TextBatches
from zhclip.server.fetching import Fetcher
from zhclip.server.metrics import Metrics

if TYPE_CHECKING:
    from pydantic import BaseModel

    from zhclip.models import Encoder
    from zhclip.search import Library
    from zhclip.server.settings import Settings

_STORE_SECONDS = 5.0
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorModel, "description": meaning}
    for status, meaning in {
        400: "Not JSON, or not a form",
        401: "No token, or a wrong one",
        403: "From another web site",
        404: "No such picture",
        408: "The body did not come in time",
        413: "The body is too large",
        415: "The body is of another type",
        421: "Under a name that the service does not have",
        422: "The request makes no sense",
        429: "The service is busy; `Retry-After` says for how many seconds",
        500: "The service failed",
        503: "There is no library, or the service is ending",
    }.items()
}


@dataclass
class Service:
    """An open library, and what works on it."""

    library: Library
    settings: Settings
    metrics: Metrics = field(default_factory=Metrics)
    draining: bool = False
    """Told to end: ``/readyz`` says so, and requests are still answered."""
    ended: bool = False
    """Requests that come now are refused."""
    active: int = 0
    """Requests that came and are not answered yet."""

    def __post_init__(self) -> None:
        workers = {"words": self.settings.text_workers, "pictures": self.settings.picture_workers}
        pools = {
            name: Pool(name, workers=count, queue=self.settings.queue, metrics=self.metrics)
            for name, count in workers.items()
        }
        self.words, self.pictures = pools["words"], pools["pictures"]
        self.fetcher = Fetcher(self.settings)
        self._prepared: Encoder | None = None
        self._checking: asyncio.Future[None] | None = None

    def encoder(self) -> Encoder:
        """The library's model, batching the texts of concurrent queries.

        Raises:
            LibraryNotFoundError: There is no library yet.
            ModelError: The model cannot be loaded.
        """
        self.library.require()
        encoder = self.library.encoder
        if encoder is not self._prepared:
            encoder.text_batches = TextBatches(self.metrics) if self.settings.batching else None
            self._prepared = encoder
        return encoder

    async def check_store(self) -> None:
        """Ask the library's store whether it answers; those who ask at once share one answer.

        Raises:
            LibraryNotFoundError: There is no library yet.
            LibraryError: The store does not answer, or not in time.
        """
        if self._checking is None or self._checking.done():
            # Not of a pool: where all are busy, the service still is ready.
            self._checking = asyncio.ensure_future(asyncio.to_thread(self._ask_store))
        try:
            await asyncio.wait_for(asyncio.shield(self._checking), _STORE_SECONDS)
        except TimeoutError:
            raise StoreError("the library's store does not answer") from None

    def _ask_store(self) -> None:
        self.library.require()
        self.library.refresh()  # another process may have embedded it anew
        store, record = self.library.opened()
        store.count(record.collection)

    def warm(self) -> None:
        """Load what a search needs, so that the first is as quick as the second.

        Raises:
            LibraryNotFoundError: There is no library yet.
            ModelError: The model cannot be loaded.
        """
        self.encoder()
        self.library.search("图片", top_k=1)

    def notes(self, texts: list[str], language: Language) -> list[str]:
        """What a client should know of its texts: that the model does not read all of one, or knows none of it."""
        return [translate(str(note), language) for note in notes_on(self.encoder().text, texts)] if texts else []

    def close(self) -> None:
        """End when what runs has ended."""
        self.words.close()
        self.pictures.close()


def as_json(model: BaseModel) -> Response:
    """A model as a response; it is not checked against the schema once more, as FastAPI would."""
    return Response(model.model_dump_json(), media_type="application/json")
