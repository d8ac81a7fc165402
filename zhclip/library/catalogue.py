"""A photo library: what holds pictures, keeps up with their folders, and finds them near a vector."""

from __future__ import annotations

import os
import threading
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import FolderError, LibraryError, LibraryNotFoundError, SlowLibraryWarning
from zhclip.library.captions import CaptionTable
from zhclip.library.indexing import Indexer, Progress, make_plan
from zhclip.library.lock import FileLock
from zhclip.library.metadata import Words
from zhclip.library.picture import Failure, IndexReport, Match, Picture, Status, fold, picture_id
from zhclip.library.record import DEFAULT_MODEL, ModelRecord, Record, model_name
from zhclip.library.scan import is_within, scan
from zhclip.library.state import FileRecord, State, state_path, to_failure
from zhclip.library.store import MOST_ROWS, Store
from zhclip.library.where import Where
from zhclip.models import Encoder, load_model

EXACT_ON_A_SERVER = 100_000
"""Beyond this many pictures a server's index becomes approximate."""

EXACT_IN_A_FILE = 300_000
"""Beyond this many pictures a search in a file takes over 0.1 s (see ``benchmarks/store_search.py``)."""


class Catalogue:
    """The pictures of a library, and the model that their vectors are of.

    Opening one costs nothing: the store is opened when it is first needed, and the model is
    loaded when something is to be embedded. It may be used from several threads; one writes
    at a time.

    Args:
        location: Path of the library's file (Milvus Lite, made by the first :meth:`add`),
            or ``http(s)://host:port[/database]`` of a Milvus server.
        model: The model's name (see :func:`zhclip.load_model`) or an encoder; the one that the
            library was made with by default, ``"mini"`` for a new library.
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
            raise LibraryError(f"{text} is a folder; a library is a file, for example {Path(text) / 'photos.db'}")
        self._token = token
        self._asked = model
        self._encoder: Encoder | None = None
        self._store: Store | None = None
        self._record: Record | None = None
        self._opening = threading.RLock()
        self._writing = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.location!r})"

    def __len__(self) -> int:
        """How many picture files the library holds; 0 where there is no library yet."""
        if not self.exists():
            return 0
        store, record = self.opened()
        return store.count(record.collection)

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

    def add(
        self,
        *folders: str | os.PathLike[str],
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        captions: str | os.PathLike[str] | None = None,
        keep_missing: bool = False,
        progress: bool | Progress = False,
    ) -> IndexReport:
        """Bring the library up to date with folders: new, changed, moved and deleted pictures.

        Files that did not change since the last time are not opened. A file that cannot be
        read goes into the ledger of failures and is tried again when it changes.

        Args:
            folders: Folders, searched with all that is in them, or single files.
            include: Patterns of the files to take (``*.jpg``, ``2024/*``); all by default.
            exclude: Patterns of files and folders to leave out.
            captions: A CSV or TSV table with the columns ``image``, ``caption`` and ``tags``; its words go
                before those beside the pictures. Give it each time: without it they leave again.
            keep_missing: Keep pictures in the library whose files are gone.
            progress: Show a progress bar, or call this with (done, total, failed) files.

        Returns:
            What was done.

        Raises:
            FolderError: A folder is missing, may not be read, or holds no pictures.
            LibraryLockedError: Another process holds the library.
            ModelMismatchError: The library was made with another model.
            StoreError: The store failed on the way (a full disk, say); what was written stays.
        """
        started = time.monotonic()
        if not folders:
            raise FolderError("no folder given; name at least one")
        found = scan(folders, include=include, exclude=exclude)
        if not found.files and not found.unreadable:
            names = ", ".join(str(folder) for folder in folders)
            raise FolderError(
                f"there are no pictures in {names}; check the folder and the patterns. "
                "Pictures that were deleted there leave the library with zhclip remove"
            )
        words: Mapping[str, Words] = {}
        if captions is not None:
            words = CaptionTable(captions).choose([file.path for file in found.files])
            found.mark_words(words)
        report = IndexReport()
        with self.writer() as state:
            plan = make_plan(found, state, keep_missing=keep_missing)
            report.unchanged = plan.unchanged
            if plan.work or plan.gone or found.unreadable:
                indexer = self.begin(state)
                indexer.note_unreadable(plan, found.unreadable)
                if plan.work:
                    indexer.carry_out(plan, self.encoder, report, progress, words)
                report.removed = indexer.forget(plan.gone, plan.files)
            self._keep_fast(state)
            report.failed = [
                to_failure(failure)
                for path, failure in state.failures().items()
                if path in found.unreadable or found.covers(path)
            ]
        report.seconds = time.monotonic() - started
        return report

    def change_index(self, index: Literal["FLAT", "HNSW"]) -> None:
        """Choose how the store finds the nearest vectors; :meth:`add` does so by the library's size.

        Args:
            index: ``FLAT`` compares with every vector; ``HNSW`` looks at a few, and finds 98 % or
                more of the same. Milvus Lite knows ``FLAT`` alone.

        Raises:
            LibraryError: The library is a file.
        """
        self.require()
        if not self.remote:
            raise LibraryError("a library in a file is searched exactly; a Milvus server has other indexes")
        with self.writer() as state:
            store, record = self.opened()
            store.change_index(record.collection, index)
            self.replace_record(replace(record, index=index).signed(), state)

    def remove(self, *paths: str | os.PathLike[str]) -> int:
        """Take files, or all below folders, out of the library; the files themselves stay.

        Returns:
            How many pictures left.
        """
        roots = tuple(os.path.realpath(Path(path).expanduser()) for path in paths)
        if not self.exists():
            raise LibraryNotFoundError(self._nothing())
        with self.writer() as state:
            files = state.files()
            gone = [path for path in (*files, *state.failures()) if any(is_within(path, root) for root in roots)]
            return self.begin(state).forget(gone, files) if gone else 0

    def status(self) -> Status:
        """What the library holds, and which model it is of.

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        self.require()
        with self.writer() as state:
            _, record = self.opened()
            pictures, files, failed = state.count()
        model, following = record.model, record.next_model
        return Status(
            location=self.location,
            pictures=pictures,
            files=files,
            failed=failed,
            model=model.name,
            fingerprint=model.fingerprint,
            dim=model.dim,
            since=model.since,
            next_model=following.name if following else None,
        )

    def failed(self) -> list[Failure]:
        """The ledger of failures: files that could not be indexed, in the order of their paths."""
        if not self.exists():
            return []
        with self.writer() as state:
            return [to_failure(record) for record in state.failures().values()]

    def nearest(
        self, vector: NDArray[np.float32], *, limit: int, offset: int = 0, where: Where | None = None
    ) -> list[Match]:
        """The pictures nearest to a vector, best first; files of one content are one picture.

        Args:
            vector: ``[dim]``, of the library's model; its length does not matter.
            limit: The most pictures.
            offset: Leave out this many of the best.
            where: What the pictures must be like.

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        store, record = self.opened()
        expression = self._expression(where) if where else ""
        wanted = limit + offset
        rows = min(wanted + 8, MOST_ROWS)
        while True:
            found = store.search(record.collection, vector, limit=rows, expression=expression, index=record.index)
            best: dict[str, tuple[Picture, float]] = {}
            for row, cosine in found:
                picture = Picture.from_row(row)
                if where is None or where.matches(picture):
                    first, _ = best.get(picture.content, (picture, cosine))
                    best[picture.content] = (min(first, picture, key=lambda copy: copy.path), cosine)
            if len(best) >= wanted or len(found) < rows or rows == MOST_ROWS:
                break
            rows = min(rows * 4, MOST_ROWS)
        chosen = sorted(best.values(), key=lambda match: (-match[1], match[0].path))[offset:wanted]
        paths = self._paths([picture.content for picture, _ in chosen])
        matches = []
        for picture, cosine in chosen:
            others = [path for path in paths[picture.content] if path != picture.path]
            matches.append(Match(picture, cosine, (picture.path, *others)))
        return matches

    def get(self, path: str | os.PathLike[str]) -> Picture | None:
        """What the library knows of the picture file at a path; None where it does not hold it."""
        absolute = Path(path).expanduser().absolute()
        return self.get_by_id(picture_id(absolute)) or self.get_by_id(picture_id(absolute.resolve()))

    def get_by_id(self, identity: str) -> Picture | None:
        """The picture of an id (see :attr:`Picture.id`); None where the library does not hold it."""
        if not identity.isalnum():
            return None
        store, record = self.opened()
        rows = store.query(record.collection, f'id == "{identity}"')
        return Picture.from_row(rows[0]) if rows else None

    def _expression(self, where: Where) -> str:
        store, record = self.opened()
        expression = where.expression(inside_names=store.finds_inside_names)
        if where.name is None or store.finds_inside_names:
            return expression
        part = fold(where.name)
        rows = (row for batch in store.rows(record.collection, fields=("id", "name")) for row in batch)
        listed = ", ".join(f'"{row["id"]}"' for row in rows if part in row["name"])
        return " && ".join(filter(None, [expression, f"id in [{listed}]"]))

    def _paths(self, contents: list[str]) -> dict[str, list[Path]]:
        store, record = self.opened()
        paths: dict[str, list[Path]] = {content: [] for content in contents}
        if contents:
            listed = ", ".join(f'"{content}"' for content in contents)
            for row in store.query(record.collection, f"content in [{listed}]", fields=("content", "path")):
                paths[row["content"]].append(Path(row["path"]))
        return {content: sorted(found) for content, found in paths.items()}

    def _keep_fast(self, state: State) -> None:
        """Go over to an approximate index where exact search gets slow, or say what would help."""
        _, files, _ = state.count()
        if self.remote and self._record and self._record.index == "FLAT" and files > EXACT_ON_A_SERVER:
            self._open().change_index(self._record.collection, "HNSW")
            self.replace_record(replace(self._record, index="HNSW").signed(), state)
        elif not self.remote and files > EXACT_IN_A_FILE:
            warnings.warn(
                f"the library {self.location} holds {files:,} pictures, and over {EXACT_IN_A_FILE:,} a search in a "
                "file takes more than a tenth of a second; a Milvus server is faster: "
                "zhclip migrate --to http://HOST:19530",
                SlowLibraryWarning,
                stacklevel=3,
            )

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
                self._record = store.read_record()  # another process, or object, may have written since
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
            raise LibraryError(f"there is another library at {self.location} already; name an empty place")
        store.drop_leftovers(record.collection)
        if not store.has(record.collection):
            store.create(record.collection, record.model.dim)
        store.load(record.collection)
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

    def _open(self) -> Store:
        with self._opening:
            if self._store is None:
                store = Store(self.location, token=self._token)
                try:
                    record = store.read_record()
                    if record is not None:
                        self._check(record)
                        store.load(record.collection)
                except BaseException:
                    store.close()
                    raise
                self._store, self._record = store, record
            return self._store

    def opened(self) -> tuple[Store, Record]:
        """The store, and what the library says of itself; for the library's own modules.

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        if not self.remote and not Path(self.location).exists():
            raise LibraryNotFoundError(self._nothing())
        store = self._open()
        if self._record is None:
            self._record = store.read_record()  # another object of this process may have made it
        if self._record is None:
            raise LibraryNotFoundError(self._nothing())
        return store, self._record

    def _nothing(self) -> str:
        return f"there is no library at {self.location} yet; make one with: zhclip index FOLDER"

    def _check(self, record: Record) -> None:
        """Refuse a model other than the library's, and load none where its name is the library's."""
        if isinstance(self._asked, Encoder):
            record.check(self._asked, self.location)
        elif self._asked is not None and model_name(self._asked) != record.model.name:
            # Another name can be the same model: only its fingerprint tells.
            encoder = load_model(self._asked)
            record.check(encoder, self.location)
            self._encoder = encoder
