"""How much a client may send, how slowly, and how much at once: to the page's routes as to the service's own."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.limits import BodyLimit
from zhclip.server.settings import Settings


class Sender:
    """A client that sends a body in chunks, each when it is let."""

    def __init__(
        self, app: Any, path: str, *, client: str = "192.168.0.7", headers: dict[str, str] | None = None
    ) -> None:
        sent = {"host": "127.0.0.1"} | (headers or {})
        self.scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "http_version": "1.1",
            "client": (client, 1),
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        }
        self.app = app
        self.chunks: asyncio.Queue[tuple[bytes, bool]] = asyncio.Queue()
        self.status = 0
        self.answer = b""

    def send(self, chunk: bytes, *, more: bool = True) -> None:
        self.chunks.put_nowait((chunk, more))

    async def receive(self) -> dict[str, Any]:
        body, more = await self.chunks.get()
        return {"type": "http.request", "body": body, "more_body": more}

    async def note(self, message: Any) -> None:
        self.status = message.get("status", self.status)
        self.answer += message.get("body", b"")

    async def run(self) -> int:
        await self.app(self.scope, self.receive, self.note)
        return self.status

    @property
    def code(self) -> str:
        return str(json.loads(self.answer)["error"]["code"])


class Kept:
    """An application that answers 200 and keeps the bodies that it got."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.bodies.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


SETTINGS = Settings(max_body=100, max_upload=300, max_bodies=1000, client_bodies=3, body_seconds=0.2, least_rate=1000)


@pytest.mark.parametrize(("path", "size", "status"), [
    ("/v1/search", 100, 200), ("/v1/search", 101, 413), ("/upload", 300, 200), ("/upload", 301, 413),
])  # fmt: skip
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_is_only_so_large(path: str, size: int, status: int, announced: bool) -> None:
    kept = Kept()
    sender = Sender(BodyLimit(kept, SETTINGS), path, headers={"content-length": str(size)} if announced else None)
    sender.send(b"x" * size, more=False)
    assert asyncio.run(sender.run()) == status
    assert kept.bodies == ([b"x" * size] if status == 200 else [])
    if status == 413:
        assert sender.code == "too_large"


def test_a_body_that_comes_in_pieces_may_take_its_time_and_no_longer() -> None:
    async def send(pause: float) -> Sender:
        sender = Sender(BodyLimit(Kept(), SETTINGS), "/upload")
        running = asyncio.create_task(sender.run())
        for _ in range(20):  # two seconds at least where the rate is less than half of what is asked for
            sender.send(b"x" * 10)
            await asyncio.sleep(pause)
        sender.send(b"", more=False)
        await running
        return sender

    slow = asyncio.run(send(0.1))
    assert (slow.status, slow.code) == (408, "too_slow")
    assert asyncio.run(send(0.0)).status == 200


def test_one_client_takes_only_its_own_places() -> None:
    async def ask() -> tuple[list[int], int, int, int]:
        app = BodyLimit(Kept(), SETTINGS)
        slow = [Sender(app, "/upload") for _ in range(3)]
        running = [asyncio.create_task(sender.run()) for sender in slow]
        await asyncio.sleep(0)
        one_more, another = Sender(app, "/upload"), Sender(app, "/upload", client="192.168.0.8")
        for sender in (one_more, another):
            sender.send(b"", more=False)
        refused, answered = await one_more.run(), await another.run()
        for sender in slow:
            sender.send(b"", more=False)
        statuses = await asyncio.gather(*running)
        afterwards = Sender(app, "/upload")
        afterwards.send(b"", more=False)
        assert one_more.code == "busy"
        return list(statuses), refused, answered, await afterwards.run()

    assert asyncio.run(ask()) == ([200, 200, 200], 429, 200, 200)


def test_all_bodies_together_are_only_so_large() -> None:
    async def ask() -> list[int]:
        app = BodyLimit(Kept(), SETTINGS)
        senders = [Sender(app, "/upload", client=f"192.168.0.{number}") for number in range(5)]
        running = [asyncio.create_task(sender.run()) for sender in senders]
        for sender in senders:
            sender.send(b"x" * 250)
        await asyncio.sleep(0.01)
        for sender in senders:
            sender.send(b"", more=False)
        statuses = await asyncio.gather(*running)
        assert app.held == 0
        return list(statuses)

    assert sorted(asyncio.run(ask())) == [200, 200, 200, 200, 429]


def test_routes_that_are_added_have_the_limits(library: Library) -> None:
    app = create_service(library, SETTINGS, api=False)

    @app.post("/upload")
    def upload() -> None:
        return None

    for size, status in ((300, 200), (301, 413)):
        sender = Sender(app, "/upload")
        sender.send(b"x" * size, more=False)
        assert asyncio.run(sender.run()) == status
