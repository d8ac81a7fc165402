"""Every event and route of the page, with what nobody's page would send."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from zhclip.models import Encoder
from zhclip.page.app import create_app
from zhclip.page.visitors import COOKIE, HEADER
from zhclip.search import Library

EVENTS = ("act", "send", "more", "why", "folder", "library", "add_folder")
SECRET = "a picture of nobody's business"


def png(colour: str = "red") -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Encoder) -> Iterator[Library]:
    folder = tmp_path_factory.mktemp("photos")
    for colour in ("red", "green", "blue"):
        (folder / f"{colour}.png").write_bytes(png(colour))
    (folder.parent / "secret.png").write_bytes(png("black"))
    with Library(folder.parent / "photos.db", model=tiny_encoder) as library:
        library.add(folder)
        yield library


@pytest.fixture(scope="module")
def app(library: Library) -> Any:
    return create_app(library)


class Visitor:
    """A browser that has opened the page."""

    def __init__(self, app: Any) -> None:
        self.client = TestClient(app, base_url="http://127.0.0.1:9000", client=("127.0.0.1", 1))
        self.token = self.client.get("/page/visit").json()["token"]

    def send(self, event: str, asked: Any = None, **headers: str) -> httpx.Response:
        content = json.dumps({} if asked is None else asked).encode()
        sent = {HEADER: self.token, "Content-Type": "application/json", **headers}
        return self.client.post(f"/page/en/{event}", content=content, headers=sent)

    def upload(self, *files: bytes) -> list[str]:
        form = [("files", ("a.png", file, "image/png")) for file in files]
        response = self.client.post("/en/gradio_api/upload", files=form)
        assert response.status_code == 200
        return list(response.json())


@pytest.fixture
def ann(app: Any) -> Visitor:
    return Visitor(app)


@pytest.fixture
def ben(app: Any) -> Visitor:
    return Visitor(app)


def test_a_visitor_searches_by_an_upload(ann: Visitor) -> None:
    (key,) = ann.upload(png("blue"))
    answer = ann.send("send", {"text": "", "pictures": [{"id": key, "name": "a.png"}]}).json()
    assert answer["results"].index("blue.png") < answer["results"].index("red.png")
    assert ann.client.get(f"/uploads/{key}").headers["content-type"] == "image/jpeg"
    assert ann.client.get(f"/en/gradio_api/file={key}").headers["content-type"] == "image/jpeg"


def test_an_upload_is_its_visitors_alone(ann: Visitor, ben: Visitor) -> None:
    (key,) = ann.upload(png())
    assert "drop it again" in ben.send("send", {"pictures": [{"id": key}]}).json()["results"]
    assert "drop it again" in ben.send("act", {"do": "open", "at": f"?p={key}"}).json()["results"]
    assert "svg" in ben.client.get(f"/uploads/{key}").headers["content-type"]


@pytest.mark.parametrize("path", ["/etc/passwd", "/dev/zero", "../secret.png", "/proc/self/environ", "/nowhere", ""])
@pytest.mark.parametrize("event", EVENTS)
def test_a_path_is_no_picture_and_nobody_learns_whether_it_is_there(
    ann: Visitor, library: Library, event: str, path: str
) -> None:
    if path.startswith("../"):
        path = str(Path(library.location).parent / "secret.png")
    answers = []
    for given in (path, "/never/was/there"):
        asked = {
            "at": f"?p={given}&q=a",
            "id": given,
            "text": "a",
            "pictures": [{"id": given, "name": "x", "path": given, "meta": {"_type": "gradio.FileData"}}][:1],
        }
        response = ann.send(event, asked)
        assert response.status_code in (200, 422)
        answers.append(response.text.replace(given, "PATH") if given else response.text)
    if path:
        assert answers[0] == answers[1]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    "asked",
    [
        [],
        "text",
        None,
        {"at": 5},
        {"at": "?" + "&a=1" * 5_000},
        {"at": "?q=" + "%00" * 50},
        {"at": "?q=a&until=9999-12-31&since=0001-01-01&near=nan,inf&km=nan&name=a%0Ab&format=%22%27"},
        {"do": ["clear"]},
        {"offset": -1},
        {"offset": 10**30},
        {"offset": "0; drop"},
        {"count": 10**9},
        {"values": {"folder": {"a": 1}}},
        {"do": "filter", "values": {"folder": "\0/etc", "near": "1e309,x", "width": "nan"}},
        {"do": "weight", "row": 10**40, "to": float("inf")},
        {"do": "similar", "id": '" or id != "'},
        {"id": "中" * 32},
        {"id": "a" * 1_000},
        {"pictures": [{"id": "u" + "0" * 32}] * 17},
        {"text": "\ud800"},
        {"text": "a" * 100_000},
    ],
)
def test_no_event_fails_whatever_it_holds(ann: Visitor, event: str, asked: Any) -> None:
    response = ann.send(event, asked)
    assert response.status_code < 500, response.text
    assert isinstance(response.json(), dict)


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_needs_the_pages_token(ann: Visitor, ben: Visitor, event: str) -> None:
    forged = f"{ann.token.partition('.')[0]}.{ben.token.partition('.')[2]}"
    for token in ("", "x", forged, ann.token[:-1], ann.token + "0"):
        assert ann.send(event, {}, **{HEADER: token}).status_code == 403
    assert ann.send(event, {}, Origin="http://127.0.0.1:9701").status_code == 403
    assert ann.send(event, {}, Origin="http://127.0.0.1:9000").status_code == 200
    assert ann.send(event, {}, **{"Content-Type": "text/plain"}).status_code == 415


def test_a_page_of_another_port_reads_nothing(ann: Visitor) -> None:
    for place in ("/en/", "/page/visit", "/en/theme.css"):
        response = ann.client.get(place, headers={"Origin": "http://127.0.0.1:9701"})
        assert not [name for name in response.headers if name.startswith("access-control")]
    cookie = ann.client.get("/page/visit").headers["set-cookie"]
    assert COOKIE in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


@pytest.mark.parametrize(
    "place",
    [
        "/config",
        "/gradio_api/info",
        "/gradio_api/queue/data?session_hash=a",
        "/gradio_api/heartbeat/a",
        "/gradio_api/file=/etc/passwd",
        "/gradio_api/proxy=http://127.0.0.1/",
        "/gradio_api/startup-events",
        "/monitoring",
        "/static/../../x",
        "/svelte/x",
        "/manifest.json",
    ],
)
def test_gradios_routes_are_closed(ann: Visitor, place: str) -> None:
    response = ann.client.get(f"/en{place}")
    assert response.status_code == 404 or "svg" in response.headers["content-type"]


@pytest.mark.parametrize(
    "place", ["queue/join", "run/predict", "call/act", "cancel", "component_server", "reset", "login"]
)
def test_gradio_takes_no_orders(ann: Visitor, place: str) -> None:
    body = {"data": [{"text": "", "files": [{"path": "/etc/passwd"}]}], "fn_index": 0, "session_hash": "a"}
    assert ann.client.post(f"/en/gradio_api/{place}", json=body).status_code == 404


def test_a_deep_link_is_not_read(ann: Visitor) -> None:
    assert ann.client.get("/en/?deep_link=../x").status_code == 200


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(ann: Visitor) -> None:
    headers = {"Content-Length": "400000000", "Content-Type": "multipart/form-data; boundary=x"}
    assert ann.client.post("/en/gradio_api/upload", content=b"", headers=headers).status_code == 413
    assert ann.send("act", {"text": "a" * 300_000}).status_code == 413


def test_what_is_said_of_one_search_is_in_no_other(ann: Visitor, ben: Visitor) -> None:
    long = ann.send("send", {"text": "a dog on the grass " * 40}).json()["results"]
    assert "was left out" in long
    assert "was left out" not in ben.send("send", {"text": "a cat"}).json()["results"]
    chinese = ann.client.post(
        "/page/zh/send", json={"text": "a dog on the grass " * 40}, headers={HEADER: ann.token}
    ).json()["results"]
    assert "was left out" not in chinese
    assert "zc-note" in chinese


def test_a_bad_filter_leaves_the_results_and_says_why(ann: Visitor) -> None:
    answer = ann.send("act", {"at": "?q=a", "do": "filter", "values": {"near": "the moon"}}).json()
    assert list(answer) == ["refused"]
    assert "write latitude and longitude" in answer["refused"]
