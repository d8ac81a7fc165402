"""Under which addresses the service answers, and by which methods."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from tests.server.services import Client, error_code
from zhclip.search import Library
from zhclip.server.app import create_service
from zhclip.server.settings import Settings

READ = ("/healthz", "/readyz", "/metrics", "/docs", "/openapi.json", "/v1/library", "/v1/search?q=a")


@pytest.mark.parametrize("place", READ)
def test_what_is_read_answers_head(client: Client, place: str) -> None:
    read, asked = client.get(place), client.request("HEAD", place)
    assert (read.status_code, asked.status_code, asked.content) == (200, 200, b"")
    assert asked.headers["content-type"] == read.headers["content-type"]


def test_a_picture_answers_head(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    for place in (f"/v1/pictures/{hit.metadata['id']}", f"/v1/pictures/{hit.metadata['id']}/thumbnail"):
        read, asked = client.get(place), client.request("HEAD", place)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked.headers["content-length"] == str(len(read.content))
    assert client.request("HEAD", "/v1/pictures/none").status_code == 404


@pytest.mark.timeout(60)
def test_head_ends_where_the_answer_would_not(library: Library) -> None:
    app: FastAPI = create_service(library)

    @app.get("/endless")
    def endless() -> StreamingResponse:
        def chunks() -> object:
            while True:
                yield b"x"

        return StreamingResponse(chunks())  # type: ignore[arg-type]

    assert Client(app).request("HEAD", "/endless").status_code == 200


@pytest.mark.parametrize(
    ("method", "place", "allowed"),
    [
        ("DELETE", "/v1/search", "GET, HEAD, POST"),
        ("GET", "/v1/classify", "POST"),
        ("HEAD", "/v1/classify", "POST"),
        ("POST", "/v1/library", "GET, HEAD"),
        ("BREW", "/healthz", "GET, HEAD"),
    ],
)
def test_a_refused_method_is_told_all_others(client: Client, method: str, place: str, allowed: str) -> None:
    response = client.request(method, place)
    assert (response.status_code, response.headers["allow"]) == (405, allowed)


def test_the_service_answers_behind_a_prefix_that_is_taken_off_and_one_that_is_not(library: Library) -> None:
    client = Client(create_service(library, Settings(root_path="/photos", token="secret")))
    known = {"Authorization": "Bearer secret"}
    for prefix in ("", "/photos"):
        assert client.get(f"{prefix}/healthz").status_code == 200
        assert error_code(client.get(f"{prefix}/v1/library")) == "unauthorized"
        assert client.get(f"{prefix}/v1/library", headers=known).status_code == 200
        assert client.post(f"{prefix}/v1/search", json={"query": "海"}, headers=known).status_code == 200
        assert client.get(f"{prefix}/openapi.json", headers=known).json()["servers"] == [{"url": "/photos"}]
    for wrong in ("/photos/photos/healthz", "/photosx/healthz", "/other/healthz"):
        assert client.get(wrong, headers=known).status_code == 404
    too_much = client.post("/photos/v1/search", content=b"x" * 21_000_000, headers=known)
    assert error_code(too_much) == "too_large"


def test_counts_do_not_grow_with_methods_that_clients_invent(library: Library) -> None:
    client = Client(create_service(library))
    for number in range(50):
        assert client.request(f"M{number}", "/v1/library").status_code == 405
    lines = client.get("/metrics").text.splitlines()
    (counted,) = [line for line in lines if line.startswith("zhclip_requests_total")]
    assert 'method="other"' in counted and counted.endswith(" 50.0")
    client.request("HEAD", "/v1/library")
    assert 'zhclip_requests_total{method="HEAD",route="/v1/library",status="200"} 1.0' in client.get("/metrics").text


def test_without_its_own_routes_the_service_guards_those_of_others(library: Library) -> None:
    app = create_service(library, Settings(token="secret"), api=False)

    @app.get("/page")
    def page() -> str:
        return "here"

    client = Client(app)
    known = {"Authorization": "Bearer secret"}
    assert client.get("/page").status_code == 401
    assert client.get("/page", headers=known).text == '"here"'
    assert client.get("/page", headers=known | {"Host": "evil.example"}).status_code == 421
    assert client.get("/v1/library", headers=known).status_code == 404
    assert client.get("/openapi.json", headers=known).status_code == 404


def test_a_response_has_each_header_once(library: Library, client: Client) -> None:
    (hit,) = library.search("海", top_k=1)
    for place in ("/healthz", f"/v1/pictures/{hit.metadata['id']}", "/v1/nothing"):
        names = [name.lower() for name, _ in client.get(place).headers.multi_items()]
        assert len(names) == len(set(names))
        assert "cross-origin-resource-policy" in names
