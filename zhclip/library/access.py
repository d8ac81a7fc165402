"""Opening a library: its store, its record, its model, and the right to write."""

from __future__ import annotations

import math
import os
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

from zhclip.errors import LibraryError, LibraryNotFoundError, StoreError, ZhclipWarning
from zhclip.library.indexing import Indexer
from zhclip.library.lite import library_file
from zhclip.library.lock import FileLock, describe_process
from zhclip.library.picture import picture_id
from zhclip.library.record import DEFAULT_MODEL, ModelRecord, Record, model_name
from zhclip.library.state import ROW_FIELDS, FileRecord, State, state_path
from zhclip.library.store import MOST_ROWS, Store
from zhclip.models import Encoder, load_model
from zhclip.models.loading import installed_fingerprint

_PATIENCE = 2.0
_STEP = 0.02

_writing: dict[str, threading.Lock] = {}
"""One lock a location: whoever writes, through whatever object of this process, writes alone."""

_A = TypeVar("_A", bound="Access")
_P = ParamSpec("_P")
_T = TypeVar("_T")


def following(question: Callable[Concatenate[_A, _P], _T]) -> Callable[Concatenate[_A, _P], _T]:
    """Ask a library once more where another process, say, embedded it anew meanwhile: the old vectors are gone."""

    @wraps(question)
    def ask(library: _A, /, *args: _P.args, **values: _P.kwargs) -> _T:
        before = library.collection
        try:
            answer = question(library, *args, **values)
        except StoreError:
            if before is not None:
                library.refresh()
            if library.collection == before:
                raise
        else:
            if before in (None, library.collection):
                return answer
        return question(library, *args, **values)

    return ask


class Access:
    """What a catalogue works with; opened when it is first needed.

    Args:
        location: Path of the library's file, or the address of a Milvus server.
        model: The model's name or an encoder; the one that the library was made with by default.
        token: ``user:password`` or an API key, for a server that asks for one.

    Raises:
        LibraryError: The location is a folder, or no file can be of that name.
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
        self.location = text if self.remote else str(library_file(text))
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

    def _revision(self) -> str:
        """What changes with each run that writes; empty where there is no library."""
        return self._record.revision if self.exists() and self._record else ""

    @property
    def collection(self) -> str | None:
        """The store's collection that the library's pictures were in when it was last looked at; None before that."""
        record = self._record
        return None if record is None else record.collection

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
            # It may have been loaded before the library was made.
            if self._encoder and self._record and self._encoder.fingerprint != self._record.model.fingerprint:
                self._encoder = None
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
        """The right to write, and the state, true to what the store holds; waits where somebody else writes."""
        with self._writing, self._turn() as lock:
            if not lock.take(_PATIENCE):
                warnings.warn(
                    ZhclipWarning(
                        "the library {library} is being written by process {process}; waiting for it",
                        library=self.location,
                        process=describe_process(lock.other()),
                    ),
                    stacklevel=3,
                )
                lock.take(math.inf)
            with self._state() as state:
                self._make_true(state)
                yield state

    @contextmanager
    def reader(self) -> Iterator[State]:
        """The state, to read from: at once where somebody writes, true to the store where nobody does."""
        self.opened()
        with self._state() as state:
            while not self._is_true(state):
                time.sleep(_STEP)
            yield state

    def _is_true(self, state: State) -> bool:
        """Whether the state may be read; where nobody writes that could make it true, do so."""
        self.refresh()
        if self._record is None:  # it was dropped
            raise self._nothing()
        current = state.about() == self._record.about()
        if current and not state.intended():
            return True
        if self._writing.acquire(blocking=False):
            try:
                with self._turn() as lock:
                    if lock.take():
                        self._make_true(state)
                        return True
            finally:
                self._writing.release()
        return current

    def _make_true(self, state: State) -> None:
        """Ask the store about what the state cannot know: all, or what a killed run was about to write."""
        store = self._open()
        store.look_again()
        self.refresh()  # another process, or object, may have written since
        if self._record is None:
            state.restart({})
            return
        store.drop_leftovers(self._record.collection, self._record.next_collection)
        if state.about() != self._record.about():
            batches = store.rows(self._record.collection, fields=ROW_FIELDS)
            files = (FileRecord.of(row) for batch in batches for row in batch)
            known = state.about().get("library") == self._record.library
            state.restart(self._record.about(), files, state.failures().values() if known else ())
        paths = state.intended()
        for start in range(0, len(paths), MOST_ROWS):
            some = paths[start : start + MOST_ROWS]
            rows = store.get(self._record.collection, [*map(picture_id, some)], fields=ROW_FIELDS)
            state.settle(some, [*map(FileRecord.of, rows)])

    @contextmanager
    def _state(self) -> Iterator[State]:
        state = State(state_path(self.location, remote=self.remote))
        try:
            yield state
        finally:
            state.close()

    @contextmanager
    def _turn(self) -> Iterator[FileLock]:
        """What those who write take turns by, of all processes of this machine."""
        path = state_path(self.location, remote=self.remote)
        lock = FileLock(path.with_name(f".{path.name}.lock"), self.location)
        try:
            yield lock
        finally:
            lock.release()

    def begin(self, state: State) -> Indexer:
        """Start writing: make the library where there is none, and sign as its last writer."""
        return self.begin_with(ModelRecord.of(self.encoder) if self._record is None else self._record.model, state)

    def begin_with(self, model: ModelRecord, state: State) -> Indexer:
        """Start writing vectors of a model.

        Raises:
            ModelMismatchError: The library is of another model, or another one was asked for.
        """
        if self._record is None:
            record = Record(model)
            self._check(record)
            self.prepare(record)
        else:
            record = self._record
            record.check(model, self.location)
        record = record.signed()
        self.replace_record(record, state)
        return Indexer(self._open(), record.collection, state)

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
        with self._opening:
            self._record = record
        state.describe(record.about())

    def switch(self, record: Record, encoder: Encoder) -> None:
        """Change to another model and collection, in one step; the state is to follow."""
        self._open().write_record(record)
        with self._opening:
            self._record, self._encoder, self._asked = record, encoder, encoder

    def refresh(self) -> bool:
        """Read again what the library says of itself; whether it was embedded anew meanwhile.

        Raises:
            ModelMismatchError: It was, with another model than the one that was asked for.
        """
        store = self._open()
        with self._opening:
            before, now = self._record, store.read_record()
            anew = before is not None and now is not None and before.collection != now.collection
            if anew:
                self._encoder = None
            if now is not None and (anew or before is None):
                self._check(now)
            self._record = now
            return anew

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
