from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.library.pictures import save_photo
from tests.search.encoders import SpreadEncoder
from tests.server.services import Client, error_code, serving
from zhclip.errors import ZhclipWarning
from zhclip.search import Explanation, Library, Part, Query, RemoteLibrary
from zhclip.server.app import create_service

NO_MAP = "ignore:there is no map of the picture"


@pytest.fixture(scope="module")
def path(photos: Path) -> Path:
    return photos / "sea" / "照片 1.png"


@pytest.fixture(scope="module")
def identity(library: Library, path: Path) -> str:
    (hit,) = library.search(path, top_k=1)
    return str(hit.metadata["id"])


def check(body: dict[str, Any], expected: Explanation) -> None:
    """What a service says is what the library says."""
    assert body["score"] == pytest.approx(expected.score, abs=1e-5)
    assert body["words"] == [
        vars(word) | {"contribution": pytest.approx(word.contribution, abs=1e-5)} for word in expected.words
    ]
    assert expected.heat is not None
    assert np.array(body["heat"]) == pytest.approx(expected.heat, abs=2e-3)
    assert all(value == round(value, 3) for row in body["heat"] for value in row)


QUERIES: list[tuple[Any, Query]] = [
    ("夕阳 over the sea", Query("夕阳 over the sea")),
    ("没有人的海滩", Query("没有人的海滩")),
    ({"parts": ["没有人的海滩"], "negation": False}, Query("没有人的海滩", negation=False)),
    (
        {"parts": ["花", {"text": "蜜蜂", "weight": 2}], "exclude": ["dog"]},
        Query("花", Part("蜜蜂", weight=2), exclude="dog"),
    ),
    ({"parts": ["a dog", "a beach"], "every": True}, Query("a dog", "a beach", every=True)),
]


@pytest.mark.parametrize(("sent", "query"), QUERIES)
def test_a_hit_is_explained(client: Client, library: Library, identity: str, sent: Any, query: Query) -> None:
    response = client.post("/v1/why", json={"query": sent, "id": identity})
    assert response.status_code == 200, response.text
    check(response.json(), library.explain(query, identity))


def test_words_are_of_the_query_as_it_was_understood(client: Client, identity: str) -> None:
    body = client.post("/v1/why", json={"query": "没有人的海滩", "id": identity}).json()
    understood = body["understood"]
    texts = [part["text"] for part in (*understood["parts"], *understood["exclude"])]
    assert texts == ["海滩", "人"]
    for word in body["words"]:
        assert texts[word["part"]][word["start"] : word["stop"]] == word["text"]
    assert [word["part"] for word in body["words"]] == [0, 1]


def test_pictures_that_are_sent(client: Client, library: Library, photos: Path, path: Path, identity: str) -> None:
    other, picture = photos / "forest" / "照片 5.png", path.read_bytes()
    mixed = {"query": {"parts": ["街景", {"picture": "car"}]}}
    for files, fields, query in (
        ({"any": picture}, {"text": ["海", "船"], "exclude": "人"}, Query("海", "船", exclude="人")),
        ({"car": other.read_bytes(), "hit": picture}, {"request": json.dumps(mixed)}, Query("街景", other)),
        ({"car": other.read_bytes()}, {"request": json.dumps({**mixed, "id": identity})}, Query("街景", other)),
    ):
        response = client.post("/v1/why", files=files, data=fields)
        assert response.status_code == 200, response.text
        check(response.json(), library.explain(query, path))


def test_a_form_with_two_pictures_is_refused(client: Client, path: Path, identity: str) -> None:
    picture = path.read_bytes()
    for files, fields in (([("picture", picture)], {"id": identity}), ([("picture", picture), ("more", picture)], {})):
        response = client.post("/v1/why", files=files, data={"text": "海", **fields})
        assert (response.status_code, error_code(response)) == (422, "invalid_request")
        assert "give one picture, not 2" in response.json()["error"]["message"]


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_the_client_is_told_of_a_text_that_was_cut(client: Client, identity: str) -> None:
    response = client.post("/v1/why", json={"query": "很长的句子" * 50, "id": identity})
    (note,) = response.json()["notes"]
    assert note.startswith("the model reads 50 tokens; the end of '很长的句子")


def test_the_map_over_the_picture(client: Client, library: Library, path: Path, identity: str) -> None:
    wanted = {"query": "海", "id": identity}
    response = client.post("/v1/why", json=wanted, headers={"Accept": "image/webp, image/jpeg;q=0.8"})
    assert (response.status_code, response.headers["content-type"]) == (200, "image/jpeg")
    with Image.open(path) as image, Image.open(io.BytesIO(response.content)) as shown:
        assert (shown.format, shown.size) == ("JPEG", image.size)
        expected = library.explain("海", path).overlay(image)
        difference = np.asarray(shown, dtype=float) - np.asarray(expected, dtype=float)
        assert np.abs(difference).mean() < 5
    for accept in ("*/*", "application/json, image/jpeg", ""):
        response = client.post("/v1/why", json=wanted, headers={"Accept": accept})
        assert response.headers["content-type"] == "application/json"


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no query": ({"id": "0" * 32}, 422, "invalid_request"),
    "no picture": ({"query": "海"}, 422, "invalid_request"),
    "two pictures": ({"query": "海", "id": "0" * 32, "url": "http://x"}, 422, "invalid_request"),
    "an unknown picture": ({"query": "海", "id": "0" * 32}, 404, "not_found"),
    "an unknown picture in the query": ({"query": {"parts": [{"id": "0" * 32}]}, "id": "0" * 32}, 404, "not_found"),
    "an address": ({"query": "海", "url": "http://127.0.0.1/x.jpg"}, 422, "invalid_url"),
    "an empty query": ({"query": "", "id": "0" * 32}, 422, "invalid_request"),
    "a part of nothing": ({"query": {"parts": [{}]}, "id": "0" * 32}, 422, "invalid_query"),
    "a file that is not sent": ({"query": {"parts": [{"picture": "a"}]}, "id": "0" * 32}, 422, "invalid_query"),
    "an unknown key": ({"query": "海", "id": "0" * 32, "top_k": 1}, 422, "invalid_request"),
}


@pytest.mark.parametrize(("body", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense(client: Client, body: dict[str, Any], status: int, code: str) -> None:
    response = client.post("/v1/why", json=body)
    assert (response.status_code, error_code(response)) == (status, code)


def test_a_blank_query_is_refused(client: Client, identity: str) -> None:
    response = client.post("/v1/why", json={"query": " \t", "id": identity})
    assert (response.status_code, error_code(response)) == (422, "invalid_query")


@pytest.mark.filterwarnings(NO_MAP)
def test_a_model_without_places_gives_no_map(tmp_path: Path) -> None:
    picture = save_photo(tmp_path / "photos" / "a.png")
    with Library(tmp_path / "photos.db", model=SpreadEncoder()) as library:
        library.add(tmp_path / "photos")
        with serving(create_service(library)) as address, RemoteLibrary(address) as remote:
            with pytest.warns(ZhclipWarning, match="the service's model gives no features"):
                explanation = remote.explain("海", picture)
            assert explanation.heat is None
            assert [word.text for word in explanation.words] == ["海"]
            with Image.open(picture) as image:
                assert explanation.overlay(image).tobytes() == image.tobytes()
