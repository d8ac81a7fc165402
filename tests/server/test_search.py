from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.server.services import Client, error_code
from zhclip.search import Hit, Library, Part, Query, Where
from zhclip.search.wire import SearchResponse


def hits_of(body: bytes) -> list[Hit]:
    return [hit.to_hit() for hit in SearchResponse.model_validate_json(body).hits]


def close(hits: list[Hit]) -> list[Any]:
    return [(hit.rank, hit.path, pytest.approx(hit.score, abs=1e-5), hit.caption, hit.metadata) for hit in hits]


def plain(hits: list[Hit]) -> list[Any]:
    return [(hit.rank, hit.path, hit.score, hit.caption, hit.metadata) for hit in hits]


QUERIES: list[tuple[Any, Query]] = [
    ("夕阳 sea", Query("夕阳 sea")),
    ({"parts": ["花", {"text": "蜜蜂", "weight": 2}]}, Query("花", Part("蜜蜂", weight=2))),
    (
        {"parts": ["海滩"], "exclude": ["人", {"text": "dog", "weight": 0.5}]},
        Query("海滩", exclude=["人", Part("dog", 0.5)]),
    ),
    ({"parts": ["a dog", "a beach"], "every": True}, Query("a dog", "a beach", every=True)),
    ({"parts": ["没有人的海滩"], "negation": False}, Query("没有人的海滩", negation=False)),
    (
        {"parts": ["海"], "where": {"orientation": "portrait", "formats": ["png"], "taken_from": "2001-02-03"}},
        Query("海", where=Where(orientation="portrait", formats=("png",))),
    ),
]


@pytest.mark.parametrize(("sent", "query"), QUERIES)
def test_a_json_query_finds_what_the_library_finds(client: Client, library: Library, sent: Any, query: Query) -> None:
    response = client.post("/v1/search", json={"query": sent, "top_k": 5, "offset": 1})
    assert response.status_code == 200, response.text
    hits = library.search(query, top_k=5, offset=1)
    assert plain(hits_of(response.content)) == close(hits)


def test_a_picture_in_a_form_finds_itself(client: Client, library: Library, photos: Path) -> None:
    picture = photos / "sea" / "照片 1.png"
    response = client.post("/v1/search", files={"picture": picture.read_bytes()}, data={"top_k": "2"})
    assert response.status_code == 200, response.text
    assert plain(hits_of(response.content)) == close(library.search(picture, top_k=2))
    assert hits_of(response.content)[0].path == picture


def test_a_form_mixes_texts_and_pictures(client: Client, library: Library, photos: Path) -> None:
    one, two = (photos / "sea" / f"照片 {number}.png" for number in (1, 2))
    request = {
        "query": {"parts": ["街景", {"picture": "car", "weight": 2}], "exclude": [{"picture": "other"}]},
        "top_k": 8,
    }
    files = {"car": one.read_bytes(), "other": two.read_bytes()}
    response = client.post("/v1/search", files=files, data={"request": json.dumps(request)})
    assert response.status_code == 200, response.text
    hits = library.search(Query("街景", Part(one, weight=2), exclude=two), top_k=8)
    assert plain(hits_of(response.content)) == close(hits)
    understood = response.json()["understood"]
    assert understood["parts"] == [{"text": "街景", "weight": 1.0}, {"picture": "car", "weight": 2.0}]
    assert understood["exclude"] == [{"picture": "other", "weight": 1.0}]


def test_several_files_of_one_name_are_several_pictures(client: Client, library: Library, photos: Path) -> None:
    pictures = [photos / "sea" / f"照片 {number}.png" for number in (1, 2)]
    files = [("picture", picture.read_bytes()) for picture in pictures]
    response = client.post("/v1/search", files=files, data={"text": ["海", "船"], "exclude": "人"})
    hits = library.search(Query("海", "船", *pictures, exclude="人"))
    assert plain(hits_of(response.content)) == close(hits)


def test_a_picture_of_the_library_is_named_by_its_id(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    response = client.post("/v1/search", json={"query": {"parts": [{"id": hit.metadata["id"]}]}, "top_k": 1})
    assert [found.path for found in hits_of(response.content)] == [hit.path]


def test_words_are_searched_for_by_a_plain_address(client: Client, library: Library) -> None:
    response = client.get("/v1/search", params={"q": "海 sea", "top_k": 3, "offset": 2})
    assert plain(hits_of(response.content)) == close(library.search("海 sea", top_k=3, offset=2))


def test_what_is_negated_is_shown_as_excluded(client: Client) -> None:
    understood = client.get("/v1/search", params={"q": "没有人的海滩"}).json()["understood"]
    assert ([part["text"] for part in understood["parts"]], understood["negation"]) == (["海滩"], False)
    assert [part["text"] for part in understood["exclude"]] == ["人"]
    literal = client.get("/v1/search", params={"q": "没有人的海滩", "negation": False}).json()["understood"]
    assert ([part["text"] for part in literal["parts"]], literal["exclude"]) == (["没有人的海滩"], [])


def test_more_may_be_excluded_than_a_client_excludes(client: Client) -> None:
    response = client.post("/v1/search", json={"query": {"parts": ["没有人的海滩"], "exclude": ["狗"] * 16}})
    understood = SearchResponse.model_validate_json(response.content).understood
    assert [part.text for part in understood.models()] == ["海滩", *["狗"] * 16, "人"]


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_the_client_is_told_of_a_text_that_was_cut(client: Client) -> None:
    response = client.post("/v1/search", json={"query": "很长的句子" * 50})
    assert response.status_code == 200
    (note,) = response.json()["notes"]
    assert note.startswith("the model reads 50 tokens; the end of '很长的句子")


def test_similar_pictures_leave_out_the_picture(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    response = client.get(f"/v1/similar/{hit.metadata['id']}", params={"top_k": 3})
    assert plain(hits_of(response.content)) == close(library.similar(hit.metadata["id"], top_k=3))
    response = client.get(f"/v1/similar/{'0' * 32}")
    assert (response.status_code, error_code(response)) == (404, "not_found")


def test_where_there_is_no_library_the_service_says_so(tmp_path: Path) -> None:
    from zhclip.server.app import create_service

    client = Client(create_service(Library(tmp_path / "none.db")))
    assert client.get("/healthz").status_code == 200
    for place in ("/readyz", "/v1/library", "/v1/search?q=x", f"/v1/similar/{'0' * 32}", f"/v1/pictures/{'0' * 32}"):
        response = client.get(place)
        assert (response.status_code, error_code(response)) == (503, "no_library")
        assert "zhclip index" in response.json()["error"]["message"]


@pytest.mark.parametrize("field", [False, True])
def test_a_byte_order_mark_before_json_is_passed_over(client: Client, field: bool) -> None:
    content = '\ufeff{"query": "海", "top_k": 2}'
    sent: dict[str, Any] = {"content": content.encode(), "headers": {"Content-Type": "application/json"}}
    if field:
        sent = {"files": {"a": b"no part of the query"}, "data": {"request": content}}
    response = client.post("/v1/search", **sent)
    assert (response.status_code, len(response.json()["hits"])) == (200, 2)


@pytest.mark.parametrize(
    ("accepted", "note"), [("en", "the model knows no word of '🐶'"), ("zh-CN", "模型不认识 '🐶'")]
)
def test_a_note_is_of_the_clients_language(client, accepted: str, note: str) -> None:
    for texts in (["🐶"], ["海", "🐶"]):
        query = {"query": {"parts": texts, "min_relevance": 0}}
        (said,) = client.post("/v1/search", json=query, headers={"Accept-Language": accepted}).json()["notes"]
        assert said.startswith(note)
