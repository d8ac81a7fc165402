"""A photo library: what holds pictures, keeps up with their folders, and finds them near a vector."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from zhclip.errors import FolderError, LibraryError, SlowLibraryWarning
from zhclip.file_names import is_there, on_disk
from zhclip.library.access import Access, following
from zhclip.library.captions import CaptionTable
from zhclip.library.indexing import Progress, make_plan
from zhclip.library.picture import Failure, IndexReport, Match, Picture, Status, fold, picture_id
from zhclip.library.scan import count_gone, scan
from zhclip.library.sidecars import Words
from zhclip.library.state import State, to_failure
from zhclip.library.store import MOST_ROWS
from zhclip.library.where import Where

EXACT_ON_A_SERVER = 100_000
"""Beyond this many pictures a server's index becomes approximate."""

EXACT_IN_A_FILE = 500_000
"""Beyond this many pictures a search in a file takes about 0.1 s (see ``benchmarks/store_search.py``)."""


class Catalogue(Access):
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

    @following
    def __len__(self) -> int:
        """How many picture files the library holds; 0 where there is no library yet."""
        if not self.exists():
            return 0
        if self.remote:
            store, record = self.opened()
            return store.count(record.collection)
        with self.reader() as state:  # as true, and a large file need not be read for it
            return state.count()[1]

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
            LibraryLockedError: The library is in use where it cannot be shared.
            ModelMismatchError: The library was made with another model.
            StoreError: The store failed on the way (a full disk, say); what was written stays.
        """
        started = time.monotonic()
        if not folders:
            raise FolderError("no folder given; name at least one")
        before = self._revision()
        found = scan(folders, include=include, exclude=exclude)
        if not found.files and not found.unreadable:
            names = ", ".join(str(folder) for folder in folders)
            raise FolderError(
                "there are no pictures in {folders}; check the folder and the patterns. Pictures that "
                "were deleted there leave the library with zhclip remove",
                folders=names,
            )
        table = None if captions is None else CaptionTable(captions)
        report = IndexReport()
        with self.writer() as state:
            self.check_model()
            if self._revision() != before:  # pictures that another run found meanwhile would seem to be gone
                found = scan(folders, include=include, exclude=exclude)
            words: Mapping[str, Words] = {}
            if table is not None:
                paths = [file.path for file in found.files]
                words = table.choose(paths)
                found.mark_words(words)
                report.unmatched = table.unmatched(paths, found.covers)
            plan = make_plan(found, state, keep_missing=keep_missing)
            report.unchanged = plan.unchanged
            if plan.work or plan.gone or found.unreadable:
                indexer = self.begin(state)
                indexer.note_unreadable(plan, found.unreadable)
                if plan.work:
                    indexer.carry_out(plan, self.encoder, report, progress, words)
                report.removed = indexer.forget(plan.gone, plan.files)
            report.passed_over = dict(plan.passed_over)
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

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        roots = {on_disk(path) for path in paths}
        self.require()
        with self.writer() as state:
            files = state.files()
            gone = [path for path in (*files, *state.failures()) if _is_below(path, roots)]
            return self.begin(state).forget(gone, files) if gone else 0

    def status(self) -> Status:
        """What the library holds, and which model it is of; each folder is listed, to count the files that are gone.

        Raises:
            LibraryNotFoundError: There is no library at the location.
        """
        with self.reader() as state:
            _, record = self.opened()
            pictures, files, failed = state.count()
            held = [path for path, file in state.files().items() if file.content]
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
            gone=count_gone(held),
        )

    def failed(self) -> list[Failure]:
        """The ledger of failures: files that could not be indexed, in the order of their paths."""
        if not self.exists():
            return []
        with self.reader() as state:
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
        wanted = limit + offset
        rows = wanted + 8
        while True:
            found, more = self.candidates(vector, rows=rows, where=where)
            if len(found) >= wanted or not more:
                return self.matches(found[offset:wanted])
            rows *= 4

    def candidates(
        self, vector: NDArray[np.float32], *, rows: int, where: Where | None = None
    ) -> tuple[list[tuple[Picture, float]], bool]:
        """Pictures among the rows nearest to a vector with their cosines, best first; those of one content are one.

        Args:
            vector: ``[dim]``, of the library's model; its length does not matter.
            rows: How many rows to look at; :data:`MOST_ROWS` at most are.
            where: What the pictures must be like.

        Returns:
            The pictures, and whether more rows would show more.
        """
        store, record = self.opened()
        expression = self._expression(where) if where else ""
        rows = min(rows, MOST_ROWS)
        found = store.search(record.collection, vector, limit=rows, expression=expression, index=record.index)
        return _distinct(found, where), len(found) == rows < MOST_ROWS

    @following
    def candidates_by_words(
        self, text: str, *, rows: int, where: Where | None = None
    ) -> tuple[list[tuple[Picture, float]], bool]:
        """Pictures whose captions, tags and file names have words of a text, best first; those of one content are one.

        Args:
            text: Any text; one of its words is enough.
            rows: How many rows to look at; :data:`MOST_ROWS` at most are.
            where: What the pictures must be like.

        Returns:
            The pictures, each with its BM25 score, and whether more rows would show more.

        Raises:
            LibraryError: The library cannot search words.
        """
        store, record = self.opened()
        if not store.knows_words:
            raise LibraryError(
                "the Milvus server of the library {library} cannot search words; that takes Milvus "
                "2.5. Search by looks alone (words 0), or take the library to a file: zhclip migrate "
                "--to photos.db",
                library=self.location,
            )
        if not store.has_words(record.collection):
            raise LibraryError(
                "the library {library} was made before words could be searched; add them with: zhclip reindex",
                library=self.location,
            )
        expression = self._expression(where) if where else ""
        rows = min(rows, MOST_ROWS)
        found = store.search_words(record.collection, text, limit=rows, expression=expression)
        return _distinct(found, where), len(found) == rows < MOST_ROWS

    def captions_near(self, vector: NDArray[np.float32], *, limit: int) -> list[tuple[str, Path]]:
        """The captions of the pictures nearest to a vector, the nearest first; pictures without one do not count.

        Args:
            vector: ``[dim]``, of the library's model.
            limit: The most pictures.

        Returns:
            Captions, each once, and whose they are.
        """
        store, record = self.opened()
        found = store.search(record.collection, vector, limit=limit, expression='caption != ""', index=record.index)
        captions: dict[str, Path] = {}
        for row, _ in found:
            captions.setdefault(row["caption"], Path(row["path"]))
        return list(captions.items())

    def matches(self, found: Sequence[tuple[Picture, float]]) -> list[Match]:
        """Pictures and their cosines, with the paths of all files of each content."""
        paths = self._paths([picture.content for picture, _ in found])
        matches = []
        for picture, cosine in found:
            others = [path for path in paths[picture.content] if path != picture.path]
            if others and not is_there(picture.path):  # such as where a folder was moved: a copy that is there
                there = next((path for path in others if is_there(path)), None)
                other = self.get_by_id(picture_id(there)) if there else None
                if other:
                    others = [picture.path, *(path for path in others if path != there)]
                    picture = other
            matches.append(Match(picture, cosine, (picture.path, *others)))
        return matches

    def cosines(self, vectors: NDArray[np.float32], ids: Sequence[str]) -> NDArray[np.float32]:
        """Cosines of the pictures of some ids with each of some vectors.

        Args:
            vectors: ``[m, dim]``, unit length.
            ids: Of pictures that the library holds.

        Returns:
            ``[len(ids), m]``; -1 for a picture that has left the library meanwhile.
        """
        store, record = self.opened()
        return store.cosines(record.collection, vectors, ids, index=record.index)

    @following
    def sample(self, count: int) -> NDArray[np.float32]:
        """Vectors of about so many pictures, chosen evenly; of all where there are no more.

        Returns:
            ``[n, dim]``, unit length.
        """
        store, record = self.opened()
        share = count / max(store.count(record.collection), 1)
        # An id is a hash, so that those up to a value are as good as drawn by lot.
        expression = f'id < "{int(share * 16**8):08x}"' if share < 1 else 'id != ""'
        rows = store.query(record.collection, expression, fields=("id", "vector"), limit=2 * count)
        vectors = np.array([row["vector"] for row in sorted(rows, key=lambda row: row["id"])], dtype=np.float32)
        return vectors.reshape(-1, record.model.dim)

    def get(self, path: str | os.PathLike[str]) -> Picture | None:
        """What the library knows of the picture file at a path; None where it does not hold it."""
        absolute = Path(path).expanduser().absolute()
        return self.get_by_id(picture_id(absolute)) or self.get_by_id(picture_id(on_disk(absolute)))

    @following
    def get_by_id(self, identity: str) -> Picture | None:
        """The picture of an id (see :attr:`Picture.id`); None where the library does not hold it."""
        if not identity.isalnum():
            return None
        store, record = self.opened()
        rows = store.query(record.collection, f'id == "{identity}"')
        return Picture.from_row(rows[0]) if rows else None

    @following
    def vector_of(self, identity: str) -> tuple[Picture, NDArray[np.float32]] | None:
        """The picture of an id and its vector ``[dim]``; None where the library does not hold it."""
        picture = self.get_by_id(identity)
        if picture is None:
            return None
        store, record = self.opened()
        rows = store.get(record.collection, [identity], fields=("vector",))
        return (picture, np.asarray(rows[0]["vector"], dtype=np.float32)) if rows else None

    def _expression(self, where: Where) -> str:
        store, record = self.opened()
        expression = where.expression(inside_names=store.finds_inside_names)
        if where.name is None or store.finds_inside_names:
            return expression
        part = fold(where.name)
        rows = (row for batch in store.rows(record.collection, fields=("id", "name")) for row in batch)
        listed = ", ".join(f'"{row["id"]}"' for row in rows if part in row["name"])
        return " && ".join(filter(None, [expression, f"id in [{listed}]"]))

    @following
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
                SlowLibraryWarning(
                    "the library {library} holds {files:,} pictures, and over {limit:,} a search in a file takes "
                    "about a tenth of a second; a Milvus server is faster: zhclip migrate --to http://HOST:19530",
                    library=self.location,
                    files=files,
                    limit=EXACT_IN_A_FILE,
                ),
                stacklevel=3,
            )


def _distinct(found: Sequence[tuple[dict[str, Any], float]], where: Where | None) -> list[tuple[Picture, float]]:
    """Rows as pictures, best first: those of one content once, and only those that are as asked."""
    best: dict[str, tuple[Picture, float]] = {}
    for row, score in found:
        picture = Picture.from_row(row)
        if where is None or where.matches(picture):
            first, highest = best.get(picture.content, (picture, score))
            best[picture.content] = (min(first, picture, key=lambda copy: copy.path), max(highest, score))
    return sorted(best.values(), key=lambda match: (-match[1], match[0].path))


def _is_below(path: str, roots: set[str]) -> bool:
    """Whether a path or a folder that it lies in is one of the roots, of which there may be thousands."""
    while path not in roots:
        path, inner = os.path.dirname(path), path  # noqa: PTH120 (called for every file)
        if path == inner:
            return False
    return True
