from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest

from tests.server.services import Client, GatedEncoder, error_code, serving
from zhclip.models import Encoder
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.batching import TextBatches
from zhclip.server.metrics import Metrics
from zhclip.server.settings import Settings

Ask = Callable[[httpx.AsyncClient], Awaitable[Any]]


@pytest.fixture
def gated(library: Library, tiny_encoder: Encoder) -> Iterator[tuple[Library, GatedEncoder]]:
    """The library with a model that waits to be let through."""
    encoder = GatedEncoder(tiny_encoder)
    with Library(library.location, model=encoder) as opened:
        yield opened, encoder
        encoder.gate.set()


def test_texts_that_come_meanwhile_are_the_next_batch(tiny_encoder: Encoder) -> None:
    encoder = GatedEncoder(tiny_encoder)
    encoder.text_batches = TextBatches(Metrics())
    texts = [["一只狗"], ["夕阳 大海 沙滩"], ["a", "b c d"], ["x" * 40], ["海"]]
    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(encoder.encode_text, "first")
        assert encoder.waits.acquire(timeout=60)
        others = [threads.submit(encoder.encode_text, list(own)) for own in texts]
        waiting = encoder.text_batches._waiting
        while len(waiting) < len(texts):
            threading.Event().wait(0.01)
        encoder.gate.set()
        results = [first.result(60), *(other.result(60) for other in others)]
    assert encoder.runs == [1, 6]
    for own, vectors in zip([["first"], *texts], results, strict=True):
        np.testing.assert_allclose(vectors, tiny_encoder.encode_text(own), atol=1e-5)


def test_many_texts_are_several_batches(tiny_encoder: Encoder) -> None:
    encoder = GatedEncoder(tiny_encoder)
    encoder.gate.set()
    encoder.text_batches = TextBatches(Metrics())
    texts = [f"text {number}" for number in range(300)]
    np.testing.assert_allclose(encoder.encode_text(texts), tiny_encoder.encode_text(texts), atol=1e-5)
    assert encoder.runs == [128, 128, 44]


def test_an_error_reaches_everybody_who_waits() -> None:
    batches = TextBatches(Metrics())
    ids = np.ones((1, 3), dtype=np.int64)
    begun, gate = threading.Semaphore(0), threading.Event()

    def fail(_: Any, __: Any) -> Any:
        begun.release()
        assert gate.wait(60)
        raise MemoryError("no room")

    with ThreadPoolExecutor(3) as threads:
        asked = [threads.submit(batches, fail, ids, ids)]
        assert begun.acquire(timeout=60)
        asked += [threads.submit(batches, fail, ids, ids) for _ in range(2)]
        while len(batches._waiting) < 2:
            threading.Event().wait(0.01)
        gate.set()
        for one in asked:
            with pytest.raises(MemoryError, match="no room"):
                one.result(60)
    assert batches(lambda given, mask: (given + mask).astype(np.float32), ids, ids).tolist() == [[2, 2, 2]]


def test_a_service_embeds_concurrent_queries_together(gated: tuple[Library, GatedEncoder]) -> None:
    library, encoder = gated
    app = create_service(library, Settings())
    client = Client(app)

    async def ask_all(http: httpx.AsyncClient) -> list[httpx.Response]:
        asked = [
            asyncio.create_task(http.get("/v1/search", params={"q": f"海 {n}", "negation": False})) for n in range(6)
        ]
        await asyncio.to_thread(encoder.waits.acquire)
        batches = encoder.text_batches
        assert isinstance(batches, TextBatches)
        while len(batches._waiting) < 5:
            await asyncio.sleep(0.01)
        encoder.gate.set()
        return list(await asyncio.gather(*asked))

    responses = run(client, ask_all)
    assert [response.status_code for response in responses] == [200] * 6
    assert encoder.runs == [1, 5]
    text = client.get("/metrics").text
    assert "zhclip_batch_texts_count 2.0" in text
    assert "zhclip_batch_texts_sum 6.0" in text


def run(client: Client, ask: Ask) -> Any:
    async def ask_in_a_loop() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(client.app), base_url="http://localhost") as http:
            return await ask(http)

    return asyncio.run(ask_in_a_loop())


def test_a_full_queue_says_when_to_come_again(gated: tuple[Library, GatedEncoder]) -> None:
    library, encoder = gated
    app = create_service(library, Settings(text_workers=2, queue=3))
    pool = app.state.service.words

    async def ask_all(http: httpx.AsyncClient) -> list[httpx.Response]:
        asked = [asyncio.create_task(http.get("/v1/search", params={"q": "海"})) for _ in range(5)]
        while pool.taken < 5:
            await asyncio.sleep(0.01)
        refused = await http.get("/v1/search", params={"q": "海"})
        encoder.gate.set()
        answered = await asyncio.gather(*asked)
        return [refused, *answered, await http.get("/v1/search", params={"q": "海"})]

    refused, *answered = run(Client(app), ask_all)
    assert (refused.status_code, error_code(refused)) == (429, "busy")
    assert int(refused.headers["retry-after"]) >= 1
    assert [response.status_code for response in answered] == [200] * 6
    metrics = Client(app).get("/metrics").text
    assert 'zhclip_refused_total{pool="words"} 1.0' in metrics
    assert 'zhclip_requests_total{method="GET",route="/v1/search",status="429"} 1.0' in metrics


def test_a_client_that_leaves_frees_its_place(gated: tuple[Library, GatedEncoder], tmp_path: Path) -> None:
    library, encoder = gated
    app = create_service(library, Settings(text_workers=1, queue=2))
    pool = app.state.service.words

    async def leave(address: str) -> httpx.Response:
        async with httpx.AsyncClient(base_url=address, timeout=60) as http:
            asked = [asyncio.create_task(http.get("/v1/search", params={"q": "海"})) for _ in range(3)]
            while pool.taken < 3:
                await asyncio.sleep(0.01)
            assert (await http.get("/v1/search", params={"q": "海"})).status_code == 429
            assert await asyncio.to_thread(encoder.waits.acquire)
            for task in asked[1:]:
                task.cancel()
            while pool.taken > 1:
                await asyncio.sleep(0.01)
            # The two places are free while the first search still runs.
            again = asyncio.create_task(http.get("/v1/search", params={"q": "海"}))
            while pool.taken < 2:
                await asyncio.sleep(0.01)
            encoder.gate.set()
            first, last = await asyncio.gather(asked[0], again)
            assert first.status_code == 200
            return last

    with serving(app) as address:
        assert asyncio.run(leave(address)).status_code == 200
        metrics = httpx.get(f"{address}/metrics").text
        assert 'zhclip_dropped_total{pool="words"} 2.0' in metrics
    assert encoder.runs == [1, 1]


def test_without_batching_each_query_is_embedded_alone(gated: tuple[Library, GatedEncoder]) -> None:
    library, encoder = gated
    encoder.gate.set()
    client = Client(create_service(library, Settings(batching=False)))
    assert client.get("/v1/search", params={"q": "海"}).status_code == 200
    assert encoder.text_batches is None


def test_a_connection_that_asks_for_nothing_is_closed(library: Library) -> None:
    app = create_service(library, Settings(request_seconds=0.3))
    with serving(app) as address:
        site = urlsplit(address)
        for begun in (b"", b"GET / HTTP/1.1\r\nHost:"):
            with socket.create_connection((site.hostname, site.port), timeout=30) as connection:
                connection.sendall(begun)
                with contextlib.suppress(ConnectionResetError):
                    assert connection.recv(10) == b""
