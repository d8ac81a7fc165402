"""Model work: so much at once, so much in waiting, and the texts of concurrent queries in one batch."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from zhclip.server.errors import Refusal
from zhclip.server.metrics import CLOSED

if TYPE_CHECKING:
    from starlette.requests import Request

    from zhclip.models.encoder import TextTower
    from zhclip.server.metrics import Metrics

T = TypeVar("T")
_MOST_TEXTS = 64
_FIRST_GUESS = 0.05


class Pool:
    """Threads for blocking work, and a queue of bounded length before them.

    Args:
        name: In the metrics.
        workers: How much is worked on at once.
        queue: How much more may wait.
        metrics: Where it is counted.
    """

    def __init__(self, name: str, *, workers: int, queue: int, metrics: Metrics) -> None:
        self.name = name
        self.workers = workers
        self.places = workers + queue
        self.taken = 0
        self._seconds = _FIRST_GUESS
        self._threads = ThreadPoolExecutor(workers, f"zhclip-{name}")
        self._refused = metrics.refused.labels(name)
        self._dropped = metrics.dropped.labels(name)
        metrics.running.labels(name).set_function(lambda: min(self.taken, workers))
        metrics.queued.labels(name).set_function(lambda: max(0, self.taken - workers))

    async def run(self, request: Request, work: Callable[[], T]) -> T:
        """Do a request's work in a thread.

        Where the client leaves before its turn comes, the work is dropped and its place is free at once.

        Args:
            request: Whose body has been read.
            work: What is to be done.

        Raises:
            Refusal: The queue is full, or the client has left.
        """
        if self.taken >= self.places:
            self._refused.inc()
            wait = math.ceil(self._seconds * self.taken / self.workers)
            raise Refusal(
                429,
                "busy",
                "the service is busy with {count} requests of this kind; try again in {seconds} s",
                {"Retry-After": str(wait)},
                count=self.taken,
                seconds=wait,
            )
        self.taken += 1
        future = self._threads.submit(self._timed, work)
        loop = asyncio.get_running_loop()
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._release))
        done = asyncio.ensure_future(asyncio.wrap_future(future))
        left = asyncio.create_task(_client_leaves(request))
        try:
            await asyncio.wait((done, left), return_when=asyncio.FIRST_COMPLETED)
            if done.done():
                return done.result()
            raise Refusal(CLOSED, "closed", "the client closed the connection")
        finally:
            left.cancel()
            if not done.done() and future.cancel():
                self._dropped.inc()
            done.cancel()

    def close(self) -> None:
        """Take no more work; what runs is let end."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _timed(self, work: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return work()
        finally:
            # What comes lately counts most; that two threads may write at once does no harm to an estimate.
            self._seconds += 0.1 * (time.perf_counter() - started - self._seconds)

    def _release(self) -> None:
        self.taken -= 1


async def _client_leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


class _Texts:
    """The texts that one thread waits for."""

    def __init__(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> None:
        self.input_ids = input_ids
        self.attention_mask = attention_mask
        self.outcome: Future[NDArray[np.float32] | None] = Future()
        """The features; None where the thread is to run the next batch itself."""


class TextBatches:
    """Runs a text tower for several threads at once (an :data:`zhclip.models.encoder.TextBatches`).

    One batch runs at a time. What is asked for meanwhile is the next batch, so that nobody waits
    for others to come, and the busier the service the larger its batches. The thread whose texts
    are first in a batch runs it.

    Args:
        metrics: Where the sizes of the batches are counted.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._sizes = metrics.batches
        self._lock = threading.Lock()
        self._waiting: deque[_Texts] = deque()
        self._running = False

    def __call__(
        self, tower: TextTower, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]
    ) -> NDArray[np.float32]:
        """Features ``[n, dim]`` of token ids and attention mask, both ``[n, length]``."""
        mine = _Texts(input_ids, attention_mask)
        with self._lock:
            self._waiting.append(mine)
            leads, self._running = not self._running, True
        features = None if leads else mine.outcome.result()
        return self._lead(tower) if features is None else features

    def _lead(self, tower: TextTower) -> NDArray[np.float32]:
        """Run the batch that begins with this thread's texts, and give the next one to its first thread."""
        with self._lock:
            batch = self._take()
        try:
            features = self._run(tower, batch)
        except BaseException as error:
            for texts in batch[1:]:
                texts.outcome.set_exception(error)
            raise
        finally:
            with self._lock:
                if self._waiting:
                    self._waiting[0].outcome.set_result(None)
                else:
                    self._running = False
        for texts, own in zip(batch[1:], features[1:], strict=True):
            texts.outcome.set_result(own)
        return features[0]

    def _take(self) -> list[_Texts]:
        batch = [self._waiting.popleft()]
        count = len(batch[0].input_ids)
        while self._waiting and count + len(self._waiting[0].input_ids) <= _MOST_TEXTS:
            batch.append(self._waiting.popleft())
            count += len(batch[-1].input_ids)
        return batch

    def _run(self, tower: TextTower, batch: list[_Texts]) -> list[NDArray[np.float32]]:
        length = max(texts.input_ids.shape[1] for texts in batch)
        features = tower(
            np.concatenate([_pad(texts.input_ids, length) for texts in batch]),
            np.concatenate([_pad(texts.attention_mask, length) for texts in batch]),
        )
        self._sizes.observe(len(features))
        return np.split(features, np.cumsum([len(texts.input_ids) for texts in batch])[:-1])


def _pad(values: NDArray[np.int64], length: int) -> NDArray[np.int64]:
    return np.pad(values, ((0, 0), (0, length - values.shape[1])))
