from __future__ import annotations

import asyncio
import ipaddress
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.server.services import Client, error_code
from zhclip.search import Library
from zhclip.server import fetching
from zhclip.server.app import create_service
from zhclip.server.errors import Refusal
from zhclip.server.fetching import Fetcher, is_public
from zhclip.server.settings import Settings

NAME = "pictures.example"


class Site(ThreadingHTTPServer):
    """A web site with one picture, and with what would do harm."""

    picture = b""
    asked: list[tuple[str, str | None]]

    @property
    def address(self) -> str:
        return f"http://{NAME}:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers["Host"]))
        if self.path.startswith("/to?"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to?"))
            self.end_headers()
            return
        self.send_response(404 if self.path == "/none" else 200)
        if self.path == "/compressed":
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            if self.path == "/endless":
                while True:
                    self.wfile.write(b"x" * 65536)
            while self.path == "/slow":
                self.wfile.write(b"x")
                time.sleep(0.05)
            self.wfile.write(self.server.picture)
        except OSError:
            pass  # the client has had enough

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(photos: Path) -> Iterator[Site]:
    server = Site(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.picture = (photos / "sea" / "照片 1.png").read_bytes()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def public(site: Site, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The site as one of the internet: its port is a usual one, and its own address is public."""
    site.asked = []
    own = ipaddress.ip_address("127.0.0.1")
    meanings = {NAME: own, "127.0.0.1": own, "intranet.example": ipaddress.ip_address("10.1.2.3")}

    async def look_up(host: str, port: int) -> list[Any]:
        return [meanings[host]]

    monkeypatch.setattr(fetching, "_PORTS", {"http": site.server_port, "https": 443})
    monkeypatch.setattr(fetching, "look_up", look_up)
    monkeypatch.setattr(fetching, "is_public", lambda address: address == own)
    return site


def fetch(address: str, **settings: Any) -> bytes:
    return asyncio.run(Fetcher(Settings(allow_urls=True, **settings)).fetch(address))


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("127.0.0.1", False),
        ("127.1.2.3", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("fec0::1", False),
        ("feff::1", False),
        ("4000::1", False),
        ("5f00::1", False),
        ("3fff::1", False),
        ("64:ff9b:1::8.8.8.8", False),
        ("::8.8.8.8", False),
        ("::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("2002:7f00:1::", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("ff02::1", False),
    ],
)
def test_which_addresses_are_of_the_internet(address: str, expected: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is expected


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.jpg",
        "http://localhost/x.jpg",
        "http://127.1/x.jpg",
        "http://2130706433/x.jpg",
        "http://0x7f.0.0.1/x.jpg",
        "http://0177.0.0.1/x.jpg",
        "http://[::1]/x.jpg",
        "http://[::ffff:127.0.0.1]/x.jpg",
        "http://[::ffff:a9fe:a9fe]/x.jpg",
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "http://0/",
        "http://127.0.0.1:22/",
        "http://8.8.8.8:25/",
        "http://user:password@8.8.8.8/",
        "file:///etc/passwd",
        "ftp://8.8.8.8/x.jpg",
        "gopher://8.8.8.8/x",
        "data:image/png;base64,AAAA",
        "//8.8.8.8/x.jpg",
        "/etc/passwd",
        "http://",
        "http://[/",
        "http://a b/",
        "http://\u202e/",
        "http://" + "a" * 300 + "/",
    ],
)
def test_no_other_address_is_asked(address: str) -> None:
    with pytest.raises(Refusal) as refusal:
        fetch(address)
    assert (refusal.value.status, refusal.value.code) == (422, "invalid_url")


def test_a_picture_is_fetched(public: Site) -> None:
    assert fetch(f"{public.address}/x.png") == public.picture
    # The name is asked for, at the address that was looked up.
    assert public.asked == [("/x.png", f"{NAME}:{public.server_port}")]


def test_each_redirect_is_checked(public: Site) -> None:
    assert fetch(f"{public.address}/to?/x.png") == public.picture
    for target in (
        "http://intranet.example/x.png",
        "file:///etc/passwd",
        f"http://{NAME}:22/",
        "/to?http://intranet.example/",
    ):
        with pytest.raises(Refusal) as refusal:
            fetch(f"{public.address}/to?{target}")
        assert refusal.value.code == "invalid_url"
    with pytest.raises(Refusal, match="too many others"):
        fetch(f"{public.address}/to?" + "/to?" * 5 + "/x.png")


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("none", "answers 404"),
        ("compressed", "compressed"),
        ("endless", "over the limit of 200,000 bytes"),
        ("slow", "did not come in time"),
    ],
)
def test_what_is_no_picture_ends_soon(public: Site, place: str, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        fetch(f"{public.address}/{place}", max_body=200_000, url_seconds=1.0)


def test_a_service_searches_by_address_where_that_is_allowed(public: Site, library: Library, photos: Path) -> None:
    query = {"query": {"parts": [{"url": f"{public.address}/x.png"}]}, "top_k": 1}
    client = Client(create_service(library, Settings(allow_urls=True)))
    response = client.post("/v1/search", json=query)
    assert response.status_code == 200, response.text
    assert response.json()["hits"][0]["path"] == str(photos / "sea" / "照片 1.png")
    assert response.json()["understood"]["parts"] == [{"url": f"{public.address}/x.png", "weight": 1.0}]
    response = client.post("/v1/classify", json={"labels": ["猫", "狗"], "url": f"{public.address}/x.png"})
    assert response.status_code == 200
    response = client.post("/v1/describe", json={"url": f"{public.address}/x.png"})
    assert [caption["text"] for caption in response.json()["captions"]] == ["海边的日落"]
    response = client.post("/v1/why", json={"query": "海", "url": f"{public.address}/x.png"})
    assert [word["text"] for word in response.json()["words"]] == ["海"]
    refused = Client(create_service(library)).post("/v1/search", json=query)
    assert (refused.status_code, error_code(refused)) == (422, "invalid_url")
