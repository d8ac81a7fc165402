"""Whatever is sent is answered with a clear 4xx, and the next request works."""

from __future__ import annotations

import json
import socket
import struct
import zlib
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.server.services import JSON, error_code


def bomb(width: int, height: int) -> bytes:
    """A small PNG file that says it is a huge picture."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def query(**values: Any) -> bytes:
    return json.dumps({"query": {"parts": ["海"], **values}}).encode()


JSON_BODIES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 400),
    "no JSON": (b"{", 400),
    "not UTF-8": (b'{"query": "\xff\xfe"}', 400),
    "a lone surrogate, escaped": (b'{"query": "\\ud83d"}', 400),
    "a lone surrogate, raw": (b'{"query": "\xed\xa0\x80"}', 400),
    "too deep": (b"[" * 100_000, 400),
    "two values": (b'{"query": "a"} {}', 400),
    "NUL": (b'{"query": "a\\u0000b"}', 422),
    "null": (b"null", 422),
    "a list": (b'["query"]', 422),
    "no query": (b"{}", 422),
    "a number": (b'{"query": 5}', 422),
    "an empty text": (b'{"query": ""}', 422),
    "blank": (b'{"query": " \\t "}', 422),
    "10,000 characters": (json.dumps({"query": "海" * 10_000}).encode(), 422),
    "an unknown key": (b'{"query": "a", "topk": 3}', 422),
    "a number as text": (b'{"query": "a", "top_k": "3"}', 422),
    "too many hits": (b'{"query": "a", "top_k": 1001}', 422),
    "below nothing": (b'{"query": "a", "offset": -1}', 422),
    "beyond all integers": (b'{"query": "a", "top_k": 1' + b"0" * 400 + b"}", 422),
    "no parts": (query(parts=[]), 422),
    "too many parts": (query(parts=["a"] * 17), 422),
    "a part of nothing": (query(parts=[{}]), 422),
    "a part of two kinds": (query(parts=[{"text": "a", "picture": "b"}]), 422),
    "a file that is not sent": (query(parts=[{"picture": "b"}]), 422),
    "a path": (query(parts=[{"picture": "../../etc/passwd"}]), 422),
    "an address, where none is allowed": (query(parts=[{"url": "http://127.0.0.1/x.jpg"}]), 422),
    "a weight of nothing": (query(parts=[{"text": "a", "weight": 0}]), 422),
    "not a number": (b'{"query": {"parts": [{"text": "a", "weight": NaN}]}}', 422),
    "without end": (b'{"query": {"parts": [{"text": "a", "weight": 1e999}]}}', 422),
    "a share over 1": (query(words=1.5), 422),
    "a filter with an unknown key": (query(where={"colour": "red"}), 422),
    "a day that is none": (query(where={"taken_from": "2024-02-30"}), 422),
    "a day as a number": (query(where={"taken_from": 5}), 422),
    "the end of time": (query(where={"taken_until": "9999-12-31"}), 422),
    "no place on earth": (query(where={"near": [91, 0]}), 422),
    "half a place": (query(where={"near": [1]}), 422),
    "NUL in a folder": (query(where={"folder": "/a\0b"}), 422),
    "too many pixels for Milvus": (query(where={"min_width": 2**40}), 422),
    "a picture that is not there": (query(parts=[{"id": "0" * 32}]), 404),
    "more than may be sent": (b'{"query": "' + b"a" * 300_000 + b'"}', 413),
}


@pytest.fixture(autouse=True)
def the_next_request_works(address: str) -> Any:
    yield
    response = httpx.get(f"{address}/v1/search", params={"q": "海"}, timeout=60)
    assert (response.status_code, len(response.json()["hits"])) == (200, 8)


@pytest.mark.parametrize(("body", "status"), JSON_BODIES.values(), ids=JSON_BODIES)
def test_json_that_makes_no_sense(address: str, body: bytes, status: int) -> None:
    response = httpx.post(f"{address}/v1/search", content=body, headers=JSON, timeout=60)
    assert response.status_code == status, response.text
    error_code(response)


ODD_TEXTS = {
    "right to left": "\u202eاستر\u200f كلب",
    "joined emoji": "👨‍👩‍👧‍👦🏳️‍🌈",
    "stacked accents": "e" + "\u0301" * 500,
    "beyond the BMP": "𠮷野家 𓀀",
    "no characters": "\ufffe\uffff\U0010ffff",
    "controls": "a\x01\x02\x1b[31mb\x7f",
    "syntax": '" || 1 == 1 || "%_\\\'; DROP TABLE',
    "full width": "ＳＥＡ　海",
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_odd_texts_are_searched_for(address: str, text: str) -> None:
    wanted = {"query": {"parts": [text], "where": {"name": text[:200], "tags": [text[:200]]}}}
    response = httpx.post(f"{address}/v1/search", json=wanted, timeout=60)
    assert response.status_code == 200, response.text
    assert httpx.get(f"{address}/v1/search", params={"q": text}, timeout=60).status_code == 200


PICTURES: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "no picture": (b"hello", 422),
    "half a picture": (bomb(100, 100)[:60], 422),
    "a bomb": (bomb(50_000, 50_000), 422),
    "more pixels than data": (bomb(900, 900), 422),
    "more than may be sent": (b"\x89PNG" * 100_000, 413),
}


@pytest.mark.parametrize(("content", "status"), PICTURES.values(), ids=PICTURES)
def test_pictures_that_are_none(address: str, content: bytes, status: int) -> None:
    for place, fields in (
        ("/v1/search", {}),
        ("/v1/classify", {"labels": "a"}),
        ("/v1/describe", {}),
        ("/v1/why", {"text": "a"}),
    ):
        response = httpx.post(f"{address}{place}", files={"picture": content}, data=fields, timeout=60)
        assert response.status_code == status, response.text
        error_code(response)


FORMS: dict[str, tuple[str, bytes, int]] = {
    "of another type": ("text/plain", b"query=a", 415),
    "of no type": ("", b"{}", 415),
    "urlencoded": ("application/x-www-form-urlencoded", b"query=a", 415),
    "without a boundary": ("multipart/form-data", b"--x--", 400),
    "damaged": ("multipart/form-data; boundary=x", b"--x\r\nnonsense", 422),
    "empty": ("multipart/form-data; boundary=x", b"--x--\r\n", 422),
    "of an odd coding": (
        "multipart/form-data; boundary=x; charset=utf-7",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n+2AA-\r\n--x--\r\n',
        400,
    ),
    "with an unknown field": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="colour"\r\n\r\nred\r\n--x--\r\n',
        422,
    ),
    "with too many fields": (
        "multipart/form-data; boundary=x",
        b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na\r\n' * 400 + b"--x--\r\n",
        400,
    ),
}


@pytest.mark.parametrize(("kind", "body", "status"), FORMS.values(), ids=FORMS)
def test_forms_that_make_no_sense(address: str, kind: str, body: bytes, status: int) -> None:
    for place in ("/v1/search", "/v1/classify", "/v1/describe", "/v1/why"):
        response = httpx.post(f"{address}{place}", content=body, headers={"Content-Type": kind}, timeout=60)
        assert response.status_code == status, response.text
        error_code(response)


@pytest.mark.parametrize(
    "place",
    [
        "/v1/pictures/../../../../etc/passwd",
        "/v1/pictures/..%2f..%2f..%2fetc%2fpasswd",
        "/v1/pictures/%2e%2e/%2e%2e/etc/passwd",
        "/v1/pictures/%00",
        "//etc/passwd",
        "/v1/search?q=%00",
        "/v1/search?q=" + "a" * 10_000,
        "/v1/search?q=a&top_k=many",
        "/v1/search",
        "/v1/similar/..",
        "/nothing",
    ],
)
def test_places_that_are_none(address: str, place: str) -> None:
    site = urlsplit(address)
    with socket.create_connection((site.hostname, site.port), timeout=60) as connection:
        # As it stands: a client of its own would tidy the path up.
        connection.sendall(f"GET {place} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) in (404, 422)
    assert json.loads(body)["error"]["message"]


def test_another_method_is_refused(address: str) -> None:
    response = httpx.delete(f"{address}/v1/search")
    assert (response.status_code, error_code(response)) == (405, "method_not_allowed")


def test_what_is_no_http_is_refused(address: str) -> None:
    site = urlsplit(address)
    for nonsense in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET /", b"\0" * 5000, b"A" * 200_000):
        with socket.create_connection((site.hostname, site.port), timeout=60) as connection:
            connection.sendall(nonsense + b"\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 400")


def test_a_slow_client_is_told_so(address: str) -> None:
    site = urlsplit(address)
    with socket.create_connection((site.hostname, site.port), timeout=60) as connection:
        connection.sendall(b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b"connection: close" in answer


def test_more_than_may_be_sent_is_refused_before_it_is_sent(address: str) -> None:
    site = urlsplit(address)
    with socket.create_connection((site.hostname, site.port), timeout=60) as connection:
        connection.sendall(
            b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000000\r\nExpect: 100-continue\r\n\r\n"
        )
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_a_thousand_idle_connections(address: str) -> None:
    site = urlsplit(address)
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection((site.hostname, site.port), timeout=60)) for _ in range(1000)
        ]
        connections[-1].sendall(b"GET /v1/search?q=a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connections[-1].recv(100).startswith(b"HTTP/1.1 200")
        assert httpx.get(f"{address}/v1/search", params={"q": "海"}, timeout=60).status_code == 200


@pytest.mark.parametrize("body", [body for body, _ in JSON_BODIES.values()], ids=JSON_BODIES)
def test_a_refusal_is_of_the_clients_language(client, body: bytes) -> None:
    def message(**headers: str) -> tuple[str, str]:
        detail = client.post("/v1/search", content=body, headers={**JSON, **headers}).json()["error"]
        return detail["code"], detail["message"]

    (english_code, english), (chinese_code, chinese) = message(), message(**{"Accept-Language": "zh-CN,en;q=0.5"})
    assert english_code == chinese_code
    assert english != chinese
    assert any("㐀" <= letter <= "鿿" for letter in chinese)
    assert not any("㐀" <= letter <= "鿿" for letter in english)


def test_an_address_that_is_none_is_refused_in_the_clients_language(client) -> None:
    headers = {"Accept-Language": "zh"}
    assert client.get("/v1/nowhere", headers=headers).json()["error"]["message"] == "/v1/nowhere 处没有内容；见 /docs"
    assert client.get("/v1/pictures/x", headers=headers).json()["error"]["message"] != ""
