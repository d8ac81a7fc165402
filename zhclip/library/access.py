"""Opening a library: its store, its record, its model, and the right to write."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from zhclip.errors import LibraryError, LibraryNotFoundError
from zhclip.library.indexing import Indexer
from zhclip.library.lock import FileLock
from zhclip.library.record import DEFAULT_MODEL, ModelRecord, Record, model_name
from zhclip.library.state import FileRecord, State, state_path
from zhclip.library.store import Store
from zhclip.models import Encoder, load_model
from zhclip.models.loading import installed_fingerprint

_writing: dict[str, threading.Lock] = {}
"""One lock a location: whoever writes, through whatever object of this process, writes alone."""


class Access:
    """What a catalogue works with; opened when it is first needed.

    Args:
        location: Path of the library's file, or the address of a Milvus server.
        model: The model's name or an encoder; the one that the library was made with by default.
        token: ``user:password`` or an API key, for a server that asks for one.

    Raises:
        LibraryError: The location is a folder.
    """

    def __init__(
        self,
        location: str | os.PathLike[str],
        *,
        model: str | os.PathLike[str] | Encoder | None = None,
        token: str | None = None,
    ) -> None:
        text = os.fspath(location)
        self.remote = text.startswith(("http://", "https://"))
        self.location = text if self.remote else str(Path(text).expanduser().resolve())
        if not self.remote and Path(self.location).is_dir():
            raise LibraryError(
                "{path} is a folder; a library is a file, for example {example}",
                path=text,
                example=Path(text) / "photos.db",
            )
        self._token = token
        self._asked = model
        self._encoder: Encoder | None = None
        self._store: Store | None = None
        self._record: Record | None = None
        self._opening = threading.RLock()
        self._writing = _writing.setdefault(self.location, threading.Lock())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"

    def close(self) -> None:
        """Let the library go, for other processes to open; the next use opens it again."""
        with self._opening:
            if self._store is not None:
                self._store.close()
            self._store = self._record = None

    def exists(self) -> bool:
        """Whether there is a library with pictures at the location."""
        if not self.remote and not Path(self.location).exists():
            return False
        with self._opening:
            return self._open().read_record() is not None if self._record is None else True

    def require(self) -> None:
        """Make sure that there is a library to search, before a model is loaded for it.

        Raises:
            LibraryNotFoundError: There is none.
        """
        self.opened()

    @property
    def encoder(self) -> Encoder:
        """The model that the library's vectors are of; loaded when first asked for.

        Raises:
            ModelMismatchError: The model asked for, or the model of that name today, is not
                the one that the library was made with.
            ModelError: It cannot be loaded.
        """
        with self._opening:
            if self._encoder is None:
                self.exists()  # reads the record
                made_with = self._record.model.name if self._record else DEFAULT_MODEL
                asked = made_with if self._asked is None else self._asked
                encoder = asked if isinstance(asked, Encoder) else load_model(asked)
                if self._record:
                    self._record.check(encoder, self.location)
                self._encoder = encoder
            return self._encoder

    def check_model(self) -> None:
        """Make sure that the model is still what the library was made with, and load none for it.

        Raises:
            ModelMismatchError: The model of that name has changed.
        """
        if self._encoder is None and self._record is not None and not isinstance(self._asked, Encoder):
            model = self._record.model
            today = installed_fingerprint(model.name)
            if today is not None:
                self._record.check(replace(model, fingerprint=today), self.location)

    @contextmanager
    def writer(self) -> Iterator[State]:
        """The right to write, and the state, true to what the store holds."""
        path = state_path(self.location, remote=self.remote)
        with self._writing:
            store = self._open()
            # A file is ours alone while it is open; of those who write to a server, this machine's take turns.
            lock = FileLock(path.with_name(f"{path.name}.lock"), self.location) if self.remote else None
            state = State(path)
            try:
                self.refresh()  # another process, or object, may have written since
                if self._record is None:
                    state.restart({})
                elif state.about() != self._record.about():
                    fields = ("path", "bytes", "mtime_ns", "sidecars", "content")
                    rows = store.rows(self._record.collection, fields=fields)
                    files = (FileRecord(*(row[name] for name in fields)) for batch in rows for row in batch)
                    state.restart(self._record.about(), files)
                yield state
            finally:
                state.close()
                if lock:
                    lock.release()

    @contextmanager
    def reader(self) -> Iterator[State]:
        """The state, to read from: at once where somebody writes, true to the store where nobody does."""
        _, record = self.opened()
        state = State(state_path(self.location, remote=self.remote))
        try:
            if state.about() == record.about():
                yield state
                return
        finally:
            state.close()
        with self.writer() as state:
            yield state

    def begin(self, state: State) -> Indexer:
        """Start writing: make the library where there is none, and sign as its last writer."""
        model = ModelRecord.of(self.encoder) if self._record is None else self._record.model
        return Indexer(self._open(), self.begin_with(model, state), state)

    def begin_with(self, model: ModelRecord, state: State) -> str:
        """Start writing vectors of a model; gives the collection to write to.

        Raises:
            ModelMismatchError: The library is of another model.
        """
        if self._record is None:
            record = Record(model)
            self.prepare(record)
        else:
            record = self._record
            record.check(model, self.location)
        record = record.signed()
        self.replace_record(record, state)
        return record.collection

    def prepare(self, record: Record) -> Store:
        """Make the collection of a record, or take what a run for the same library left; the record is not written.

        Raises:
            LibraryError: Another library is here.
        """
        store = self._open()
        if self._record is not None and self._record.library != record.library:
            raise LibraryError(
                "there is another library at {library} already; name an empty place", library=self.location
            )
        store.drop_leftovers(record.collection)
        if not store.has(record.collection):
            store.create(record.collection, record.model.dim)
        return store

    def replace_record(self, record: Record, state: State) -> None:
        """Change what the library says of itself, and with it what the state is of."""
        self._open().write_record(record)
        self._record = record
        state.describe(record.about())

    def switch(self, record: Record, encoder: Encoder, state: State) -> None:
        """Change to another model and collection, in one step."""
        self._open().write_record(record)
        with self._opening:
            self._record, self._encoder, self._asked = record, encoder, encoder
        state.describe(record.about())

    def refresh(self) -> bool:
        """Read again what the library says of itself; whether it was embedded anew meanwhile.

        Raises:
            ModelMismatchError: It was, with another model than the one that was asked for.
        """
        store = self._open()
        with self._opening:
            before, self._record = self._record, store.read_record()
            if before is None or self._record is None or before.collection == self._record.collection:
                return False
            self._encoder = None
            self._check(self._record)
            return True

    def opened(self) -> tuple[Store, Record]:
        """The store, and what the library says of itself; for the library's own modules.

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        if not self.remote and not Path(self.location).exists():
            raise self._nothing()
        store = self._open()
        if self._record is None:
            self.refresh()  # another object of this process may have made it
        if self._record is None:
            raise self._nothing()
        return store, self._record

    def _open(self) -> Store:
        with self._opening:
            if self._store is None:
                store = Store(self.location, token=self._token)
                try:
                    record = store.read_record()
                    if record is not None:
                        self._check(record)
                except BaseException:
                    store.close()
                    raise
                self._store, self._record = store, record
            return self._store

    def _nothing(self) -> LibraryNotFoundError:
        return LibraryNotFoundError(
            "there is no library at {library} yet; make one with: zhclip index FOLDER", library=self.location
        )

    def _check(self, record: Record) -> None:
        """Refuse a model other than the library's, and load none where its name is the library's."""
        if isinstance(self._asked, Encoder):
            record.check(self._asked, self.location)
        elif self._asked is not None and model_name(self._asked) != record.model.name:
            # Another name can be the same model: only its fingerprint tells.
            encoder = load_model(self._asked)
            record.check(encoder, self.location)
            self._encoder = encoder
