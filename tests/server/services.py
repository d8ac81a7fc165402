"""What the tests of the service are made of: applications that are asked, in this process and over a socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import uvicorn
from fastapi import FastAPI
from numpy.typing import NDArray

from tests.library.encoders import CountingEncoder
from zhclip.models import Encoder
from zhclip.server.limits import prompt_protocol
from zhclip.server.serving import Server, listen
from zhclip.server.settings import Settings

JSON = {"Content-Type": "application/json"}


@dataclass
class Client:
    """Asks an application without a socket."""

    app: FastAPI
    host: str = "localhost"

    def request(self, method: str, place: str, **sent: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{self.host}") as client:
                return await client.request(method, place, **sent)

        return asyncio.run(ask())

    def get(self, place: str, **sent: Any) -> httpx.Response:
        return self.request("GET", place, **sent)

    def post(self, place: str, **sent: Any) -> httpx.Response:
        return self.request("POST", place, **sent)


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """Serve an application on a free port of this machine, as ``zhclip serve`` does."""
    ready = threading.Event()
    settings: Settings = app.state.service.settings
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        http = prompt_protocol(settings.request_seconds)
        config = uvicorn.Config(app, http=http, log_level="critical", timeout_graceful_shutdown=1)
        server = Server(config, app, ready.set)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            assert ready.wait(60)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


class GatedEncoder(CountingEncoder):
    """Waits before each run of the text tower until it is let through, and notes how many texts came."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__(encoder)
        self.gate = threading.Event()
        self.waits = threading.Semaphore(0)
        self.runs: list[int] = []

    def _text_features(self, input_ids: NDArray[np.int64], attention_mask: NDArray[np.int64]) -> NDArray[np.float32]:
        self.runs.append(len(input_ids))
        self.waits.release()
        assert self.gate.wait(60)
        return super()._text_features(input_ids, attention_mask)


def error_code(response: httpx.Response) -> str:
    """The code of an error, of which the shape is checked."""
    body = response.json()
    assert list(body) == ["error"]
    assert sorted(body["error"]) == ["code", "message"]
    assert body["error"]["message"]
    return str(body["error"]["code"])
