from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.library.pictures import save_photo
from tests.server.services import Client, error_code
from zhclip.models import Encoder
from zhclip.search import Caption, Library
from zhclip.search.picture_wire import MOST_CAPTIONS
from zhclip.server.app import create_service

TEXTS = ["海边的日落", "一只狗在草地上", "a red car", "a red car"]


def said(captions: list[Caption]) -> list[dict[str, Any]]:
    """What a service says of captions."""
    return [
        {
            "text": caption.text,
            "score": pytest.approx(caption.score, abs=1e-5),
            "relevance": caption.relevance,
            "id": caption.id,
        }
        for caption in captions
    ]


def test_the_captions_of_the_library(client: Client, library: Library, photos: Path) -> None:
    path = photos / "forest" / "照片 5.png"
    (hit,) = library.search(path, top_k=1)
    by_id = client.post("/v1/describe", json={"id": hit.metadata["id"]})
    sent = client.post("/v1/describe", files={"picture": path.read_bytes()})
    expected = said(library.describe(path))
    assert (by_id.status_code, sent.status_code) == (200, 200), by_id.text
    assert by_id.json()["captions"] == sent.json()["captions"] == expected
    assert [caption["text"] for caption in expected] == ["海边的日落"]
    owner = library.get_by_id(by_id.json()["captions"][0]["id"])
    assert owner is not None
    assert owner.path == photos / "sea" / "照片 0.png"
    assert "sea" not in by_id.text, "no path is given"


def test_captions_of_a_list_as_json_and_as_fields(client: Client, library: Library, photos: Path) -> None:
    path = photos / "sea" / "照片 1.png"
    (hit,) = library.search(path, top_k=1)
    wanted = {"captions": TEXTS, "top_k": 2}
    answers = [
        client.post("/v1/describe", json={"id": hit.metadata["id"], **wanted}),
        client.post("/v1/describe", files={"picture": path.read_bytes()}, data={"captions": TEXTS, "top_k": "2"}),
        client.post(
            "/v1/describe", files={"picture": path.read_bytes()}, data={"request": json.dumps(wanted, indent=1)}
        ),
    ]
    expected = said(library.describe(path, captions=TEXTS, top_k=2))
    assert [caption["id"] for caption in expected] == [None, None]
    for answer in answers:
        assert answer.json() == {"captions": expected, "notes": []}


@pytest.mark.filterwarnings("ignore::zhclip.errors.TextCutWarning")
def test_the_client_is_told_of_a_caption_that_was_cut(client: Client, photos: Path) -> None:
    picture = {"picture": (photos / "sea" / "照片 1.png").read_bytes()}
    response = client.post("/v1/describe", files=picture, data={"captions": ["海", "很长的句子" * 50]})
    (note,) = response.json()["notes"]
    assert note.startswith("the model reads 50 tokens; the end of '很长的句子")


NOWHERE = "0" * 32
REFUSED: dict[str, tuple[dict[str, Any], int, str, str]] = {
    "no picture": ({}, 422, "invalid_request", "not none"),
    "two pictures": ({"id": NOWHERE, "url": "http://x"}, 422, "invalid_request", "not 2"),
    "an unknown picture": ({"id": NOWHERE}, 404, "not_found", "no picture of this id"),
    "no id": ({"id": "../x"}, 422, "invalid_request", "id:"),
    "an address": ({"url": "http://127.0.0.1/x.jpg"}, 422, "invalid_url", "--allow-urls"),
    "no captions": ({"id": NOWHERE, "captions": []}, 422, "invalid_request", "captions:"),
    "an empty caption": ({"id": NOWHERE, "captions": ["a", ""]}, 422, "invalid_request", "captions.1:"),
    "a long caption": ({"id": NOWHERE, "captions": ["a" * 1001]}, 422, "invalid_request", "captions.0:"),
    "too many captions": (
        {"id": NOWHERE, "captions": ["a"] * (MOST_CAPTIONS + 1)},
        422,
        "invalid_request",
        "at most 1000 items",
    ),
    "none wanted": ({"id": NOWHERE, "top_k": 0}, 422, "invalid_request", "top_k:"),
    "an unknown key": ({"id": NOWHERE, "labels": ["a"]}, 422, "invalid_request", "labels:"),
}


@pytest.mark.parametrize(("body", "status", "code", "message"), REFUSED.values(), ids=REFUSED)
def test_what_makes_no_sense(client: Client, body: dict[str, Any], status: int, code: str, message: str) -> None:
    response = client.post("/v1/describe", json=body)
    assert (response.status_code, error_code(response)) == (status, code)
    assert message in response.json()["error"]["message"]


def test_files_that_make_no_sense(client: Client, photos: Path) -> None:
    picture = (photos / "sea" / "照片 1.png").read_bytes()
    for files, fields, code in (
        ([("picture", picture), ("picture", picture)], {}, "invalid_request"),
        ([("picture", b"no picture")], {}, "invalid_picture"),
        ([("picture", picture[:50])], {}, "invalid_picture"),
        ([("picture", picture)], {"captions": ["a", " "]}, "invalid_query"),
    ):
        response = client.post("/v1/describe", files=files, data=fields)
        assert (response.status_code, error_code(response)) == (422, code)


def test_a_library_without_captions_says_how_to_have_them(tmp_path: Path, tiny_encoder: Encoder) -> None:
    picture = save_photo(tmp_path / "bare" / "a.png").read_bytes()
    with Library(tmp_path / "bare.db", model=tiny_encoder) as bare:
        client = Client(create_service(bare))
        response = client.post("/v1/describe", files={"picture": picture})
        assert (response.status_code, error_code(response)) == (503, "no_library")
        bare.add(tmp_path / "bare")
        response = client.post("/v1/describe", files={"picture": picture})
        assert (response.status_code, error_code(response)) == (422, "invalid_query")
        assert "photo.txt" in response.json()["error"]["message"]
