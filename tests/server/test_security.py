from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.server.services import Client, error_code
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.security import is_local
from zhclip.server.settings import Settings


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def status(client: Client, place: str = "/v1/library", **headers: str) -> int:
    response = client.get(place, headers=headers)
    if response.status_code >= 400:
        error_code(response)
    return response.status_code


TOKEN = Settings(token="secret-token")
AUTH = Settings(auth=("我", "密码"))
BOTH = Settings(token="secret-token", auth=("me", "password"))


@pytest.mark.parametrize(
    ("settings", "given", "expected"),
    [
        (Settings(), "", 200),
        (TOKEN, "", 401),
        (TOKEN, "Bearer secret-token", 200),
        (TOKEN, "bearer  secret-token", 200),
        (TOKEN, "Bearer secret-toke", 401),
        (TOKEN, "Bearer secret-token2", 401),
        (TOKEN, "Bearer", 401),
        (TOKEN, "secret-token", 401),
        (TOKEN, basic("anybody", "secret-token"), 200),
        (TOKEN, basic("secret-token", "anything"), 401),
        (TOKEN, "Basic !!!", 401),
        (TOKEN, "Basic /////w==", 401),
        (AUTH, basic("我", "密码"), 200),
        (AUTH, basic("我", "wrong"), 401),
        (AUTH, basic("you", "密码"), 401),
        (AUTH, "Bearer 密码".encode().decode("latin-1"), 401),
        (BOTH, "Bearer secret-token", 200),
        (BOTH, basic("me", "password"), 200),
        (BOTH, basic("me", "secret-token"), 401),
    ],
)
def test_who_is_let_in(library: Library, settings: Settings, given: str, expected: int) -> None:
    client = Client(create_service(library, settings))
    headers = [(b"authorization", given.encode("latin-1"))] if given else []
    response = client.request("GET", "/v1/library", headers=headers)
    assert response.status_code == expected
    if expected == 401:
        assert error_code(response) == "unauthorized"
        assert response.headers["www-authenticate"].startswith("Basic" if settings.token is None else "Bearer")
        assert ("token" in response.json()["error"]["message"]) == (settings.token is not None)


def test_a_token_guards_everything_but_health(library: Library) -> None:
    client = Client(create_service(library, TOKEN))
    for place in ("/v1/search?q=a", "/v1/library", f"/v1/pictures/{'0' * 32}", "/metrics", "/docs", "/openapi.json"):
        assert status(client, place) == 401
    for place in ("/healthz", "/readyz"):
        assert status(client, place) == 200
    response = client.get("/docs", headers={"Accept": "text/html"})
    assert response.headers["www-authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", 200),
        ("localhost:8000", 200),
        ("127.0.0.1:8000", 200),
        ("192.168.1.5", 200),
        ("[::1]:8000", 200),
        ("photos.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("127.0.0.1.evil.example", 421),
        ("", 421),
        ("[::1", 421),
    ],
)
def test_only_names_that_are_known_are_answered(library: Library, host: str, expected: int) -> None:
    client = Client(create_service(library, Settings(hostnames=("photos.example",))))
    assert status(client, host=host) == expected


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (None, 200),
        ("http://localhost", 200),
        ("https://evil.example", 403),
        ("null", 403),
        ("http://localhost:99", 403),
    ],
)
def test_other_web_sites_may_not_search(client: Client, origin: str | None, expected: int) -> None:
    headers = {} if origin is None else {"Origin": origin}
    response = client.post("/v1/search", json={"query": "海"}, headers=headers)
    assert response.status_code == expected


@pytest.mark.parametrize(
    ("origin", "host", "expected"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", 200),
        ("https://127.0.0.1:8000", "127.0.0.1:8000", 200),
        ("http://127.0.0.1:9999", "127.0.0.1:8000", 403),
        ("http://127.0.0.1", "127.0.0.1:8000", 403),
        ("http://localhost:8000", "127.0.0.1:8000", 403),
        ("ftp://127.0.0.1:8000", "127.0.0.1:8000", 403),
        ("http://[::1]:8000", "[::1]:8000", 200),
        ("https://photos.example", "127.0.0.1:8000", 200),
        ("https://photos.example:9000", "127.0.0.1:8000", 403),
        ("https://other.example:8443", "photos.example", 200),
        ("https://other.example", "photos.example", 403),
        ("https://photos.example.evil.example", "127.0.0.1:8000", 403),
    ],
)
def test_an_origin_is_compared_whole(library: Library, origin: str, host: str, expected: int) -> None:
    settings = Settings(hostnames=("127.0.0.1", "::1", "photos.example", "other.example:8443"))
    client = Client(create_service(library, settings))
    response = client.post("/v1/search", json={"query": "海"}, headers={"Origin": origin, "Host": host})
    assert response.status_code == expected


@pytest.mark.parametrize(
    ("settings", "headers", "expected"),
    [
        ({}, {}, True),
        ({}, {"Origin": "http://localhost:8000"}, True),
        ({"hostnames": ("127.0.0.1",)}, {"Host": "[::1]:8000"}, True),
        ({"hostnames": ("0.0.0.0", "::", "localhost")}, {}, True),
        ({}, {"X-Forwarded-For": "127.0.0.1"}, False),
        ({}, {"X-Forwarded-Proto": "https"}, False),
        ({}, {"X-Real-IP": "127.0.0.1"}, False),
        ({}, {"Forwarded": "for=127.0.0.1"}, False),
        ({}, {"Via": "1.1 proxy"}, False),
        ({}, {"Host": "192.168.0.7"}, False),
        ({}, {"Origin": "https://photos.example"}, False),
        ({}, {"Origin": "null"}, False),
        ({"hostnames": ("photos.example",)}, {}, False),
        ({"hostnames": ("*",)}, {}, False),
        ({"root_path": "/photos"}, {}, False),
    ],
)
def test_who_is_on_this_machine(settings: dict[str, Any], headers: dict[str, str], expected: bool) -> None:
    sent = {"host": "127.0.0.1:8000"} | {name.lower(): value for name, value in headers.items()}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "client": ("127.0.0.1", 50_000),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    assert is_local(scope, Settings(**settings)) is expected
    assert not is_local({**scope, "client": ("192.168.0.7", 50_000)}, Settings(**settings))
    assert not is_local({**scope, "client": None}, Settings(**settings))
    assert not is_local({**scope, "http_version": "1.0"}, Settings(**settings))


def test_the_documentation_loads_nothing_from_elsewhere(client: Client) -> None:
    page = client.get("/docs").text
    assert "/v1/search" in page and "夕阳" in page
    assert "<script" not in page and "http://" not in page and "https://" not in page
