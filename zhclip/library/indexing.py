"""An indexing run: what changed since the last one, and carrying it out."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhclip.library.picture import IndexReport, picture_id
from zhclip.library.pipeline import Batch, Pipeline, Preparer
from zhclip.library.scan import FoundFile, Scan
from zhclip.library.sidecars import Words
from zhclip.library.state import FailureRecord, FileRecord, State
from zhclip.library.store import Store
from zhclip.messages import translate
from zhclip.models import Encoder

Progress = Callable[[int, int, int], None]
"""Called with how many files are done, how many there are, and how many of them failed."""


@dataclass
class Plan:
    """What an indexing run has to do."""

    work: list[FoundFile] = field(default_factory=list)
    """New and changed files."""
    unchanged: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)
    """Unchanged files that are no pictures, by their suffixes."""
    gone: list[str] = field(default_factory=list)
    """Remembered files, and failures, that are no longer there."""
    files: dict[str, FileRecord] = field(default_factory=dict)
    failures: dict[str, FailureRecord] = field(default_factory=dict)


def make_plan(found: Scan, state: State, *, keep_missing: bool) -> Plan:
    """Compare what was found with what is remembered; no file is opened."""
    plan = Plan(files=state.files(), failures=state.failures())
    seen = set(found.unreadable)
    for file in found.files:
        seen.add(file.path)
        seen.update(file.sidecars)
        known, failed = plan.files.get(file.path), plan.failures.get(file.path)
        if known and (known.size, known.mtime_ns, known.sidecars) == (file.size, file.mtime_ns, file.sidecar_mark):
            plan.unchanged += known.content is not None
            if known.content is None:
                plan.passed_over[_kind(file.path)] += 1
        elif not failed or (failed.size, failed.mtime_ns, failed.ctime_ns) != (file.size, file.mtime_ns, file.ctime_ns):
            plan.work.append(file)
    missing = plan.failures if keep_missing else {**plan.files, **plan.failures}
    plan.gone = [path for path in missing if path not in seen and found.covers(path)]
    return plan


class Indexer:
    """Writes the work of a plan into the store and the state.

    The state notes what is about to be written, the store is written, and the state remembers it: of a run
    that is killed in between, the notes say which files to ask the store about.

    Args:
        store: The store.
        collection: The collection of the pictures.
        state: What is remembered of the files.
    """

    def __init__(self, store: Store, collection: str, state: State) -> None:
        self._store = store
        self._collection = collection
        self._state = state

    def carry_out(
        self, plan: Plan, encoder: Encoder, report: IndexReport, progress: bool | Progress, words: Mapping[str, Words]
    ) -> None:
        """Embed and write the plan's new and changed files, counting into the report."""
        known = {file.content for file in plan.files.values() if file.content}
        pipeline = Pipeline(
            encoder,
            prepare=Preparer(encoder, words),
            known=known,
            stored=self._vectors,
            write=lambda batch: self._write(batch, plan),
        )
        done = failed = 0
        added: set[str] = set()
        passed_over = plan.passed_over
        with shown(progress, len(plan.work)) as show:
            for batch in pipeline.run(plan.work):
                pictures = [item.picture for item in batch.items if item.picture]
                updated = sum(_was_picture(plan, str(picture.path)) for picture in pictures)
                report.updated += updated
                report.added += len(pictures) - updated
                added.update(picture.content for picture in pictures if str(picture.path) not in plan.files)
                passed_over.update(
                    _kind(item.file.path) for item in batch.items if not item.picture and not item.reason
                )
                report.reused += len(pictures) - batch.embedded
                done += len(batch.items)
                failed += sum(item.reason is not None for item in batch.items)
                show(done, len(plan.work), failed)
        leaving = set(plan.gone)
        report.gone = [
            Path(path)
            for path, file in plan.files.items()
            if file.content in added and path not in leaving and not os.path.lexists(path)
        ]

    def forget(self, paths: list[str], files: Mapping[str, FileRecord]) -> int:
        """Take files out of the store and the state; how many of them were pictures."""
        self._state.intend(paths)
        self._store.delete(self._collection, [picture_id(path) for path in paths])
        self._state.forget(paths)
        return sum(path in files and files[path].content is not None for path in paths)

    def keep(
        self,
        rows: Sequence[dict[str, Any]],
        vectors: NDArray[np.float32],
        files: Sequence[FileRecord],
        failures: Sequence[FailureRecord] = (),
        *,
        cleared: Sequence[str] = (),
    ) -> None:
        """Write pictures, and what there is to remember of them and other files.

        Args:
            rows: Of the pictures.
            vectors: Of the pictures, ``[len(rows), dim]``.
            files: Files that were done, the pictures' among them.
            failures: Files that failed. What is no picture now may have been one, and leaves the store.
            cleared: Paths whose earlier failures no longer count.
        """
        spoiled = [*(file.path for file in files if file.content is None), *(failure.path for failure in failures)]
        self._state.intend([*(row["path"] for row in rows), *spoiled])
        if spoiled:
            self._store.delete(self._collection, [picture_id(path) for path in spoiled])
        if rows:
            self._store.upsert(self._collection, rows, vectors)
        self._state.write(files, failures, cleared=cleared)

    def _write(self, batch: Batch, plan: Plan) -> None:
        rows = [
            {**item.picture.to_row(), "mtime_ns": item.file.mtime_ns, "sidecars": item.file.sidecar_mark}
            for item in batch.items
            if item.picture
        ]
        vectors = np.array([batch.vectors[row["content"]] for row in rows], dtype=np.float32)
        files, failures = [], []
        for item in batch.items:
            file = item.file
            if item.reason is None:
                content = item.picture.content if item.picture else None
                files.append(FileRecord(file.path, file.size, file.mtime_ns, file.sidecar_mark, content))
            else:
                failures.append(self._failure(plan, file.path, item.reason, file.size, file.mtime_ns, file.ctime_ns))
            failures.extend(self._failure(plan, path, reason) for path, reason in (item.problems or {}).items())
        cleared = [path for item in batch.items for path in item.file.sidecars]
        self.keep(rows, vectors, files, failures, cleared=cleared)

    def note_unreadable(self, plan: Plan, unreadable: Mapping[str, str]) -> None:
        """Put folders and links that could not be followed into the ledger."""
        if unreadable:
            failures = [self._failure(plan, path, reason) for path, reason in unreadable.items()]
            self.keep([], np.empty((0, 0), dtype=np.float32), [], failures)

    @staticmethod
    def _failure(plan: Plan, path: str, reason: str, *signature: int) -> FailureRecord:
        tries = plan.failures[path].tries + 1 if path in plan.failures else 1
        size, mtime_ns, ctime_ns = signature or (0, 0, 0)
        return FailureRecord(path, reason, size, mtime_ns, ctime_ns, tries)

    def _vectors(self, contents: list[str]) -> dict[str, NDArray[np.float32]]:
        ids = [picture_id(path) for path in self._state.paths_of(contents).values()]
        rows = self._store.get(self._collection, ids, fields=("content", "vector"))
        return {row["content"]: np.asarray(row["vector"], dtype=np.float32) for row in rows}


def _kind(path: str) -> str:
    """The kind of a file, by its suffix; its name where it has none."""
    return Path(path).suffix.lower() or Path(path).name


def _was_picture(plan: Plan, path: str) -> bool:
    known = plan.files.get(path)
    return known is not None and known.content is not None


@contextmanager
def shown(progress: bool | Progress, total: int) -> Iterator[Progress]:
    """Where progress goes: a bar in the terminal, the caller's function, or nowhere."""
    if callable(progress):
        yield progress
        return
    from tqdm import tqdm

    with tqdm(total=total, unit=translate("picture"), disable=not progress, dynamic_ncols=True) as bar:

        def show(done: int, _: int, failed: int) -> None:
            bar.set_postfix({"failed": failed} if failed else {}, refresh=False)
            bar.update(done - bar.n)

        yield show
