from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.library.pictures import save_photo
from tests.server.services import Client, error_code
from zhclip.models import Encoder
from zhclip.search import Library
from zhclip.server.app import create_service


def test_an_original_is_the_file_as_it_is(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    response = client.get(f"/v1/pictures/{hit.metadata['id']}")
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    assert response.content == hit.path.read_bytes()
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["content-disposition"].startswith("inline; filename*=UTF-8''%E7%85%A7%E7%89%87%20")


def test_a_thumbnail_is_a_small_jpeg(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    response = client.get(f"/v1/pictures/{hit.metadata['id']}/thumbnail")
    assert response.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(response.content)) as image:
        assert (image.format, image.size) == ("JPEG", (hit.metadata["width"], hit.metadata["height"]))


@pytest.mark.parametrize(
    "identity",
    [
        "0" * 32,
        "x",
        "..",
        "%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%2fetc%2fpasswd",
        '"%20||%20id%20!=%20"',
        "%00",
        "%ff",
        "海",
    ],
)
@pytest.mark.parametrize("form", ["/v1/pictures/{}", "/v1/pictures/{}/thumbnail", "/v1/similar/{}"])
def test_no_other_file_is_given(client: Client, identity: str, form: str) -> None:
    response = client.get(form.format(identity))
    assert (response.status_code, error_code(response)) == (404, "not_found")


def test_a_file_that_is_no_picture_any_more_is_not_given(tmp_path: Path, tiny_encoder: Encoder) -> None:
    photos = [save_photo(tmp_path / "photos" / f"{name}.png", seed=seed) for seed, name in enumerate("abc")]
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
        client = Client(create_service(library))
        ids = {hit.path: hit.metadata["id"] for hit in library.search("海")}
        photos[0].write_text("secret")
        photos[1].unlink()
        photos[2].unlink()
        os.mkfifo(photos[2])
        for photo in photos:
            for place in (f"/v1/pictures/{ids[photo]}", f"/v1/pictures/{ids[photo]}/thumbnail"):
                if place.endswith("thumbnail") and photo == photos[2]:
                    continue
                response = client.get(place)
                assert (response.status_code, error_code(response)) == (404, "not_found")


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("describe", {"captions": ["海"]}),
        ("classify", {"labels": ["海"]}),
        ("why", {"query": "海"}),
        ("search", None),
    ],
)
def test_where_a_picture_was_is_not_told(
    tmp_path: Path, tiny_encoder: Encoder, route: str, body: dict[str, Any] | None
) -> None:
    photo = save_photo(tmp_path / "photos" / "a.png", seed=0)
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
        client = Client(create_service(library))
        (hit,) = library.search("海")
        identity = {"id": hit.metadata["id"]}
        wanted = {"query": {"parts": [identity]}} if body is None else body | identity
        assert client.post(f"/v1/{route}", json=wanted).status_code == 200
        photo.write_text("no picture")
        damaged = client.post(f"/v1/{route}", json=wanted)
        assert (damaged.status_code, error_code(damaged)) == (422, "invalid_picture")
        photo.unlink()
        missing = client.post(f"/v1/{route}", json=wanted)
        assert (missing.status_code, error_code(missing)) == (404, "not_found")
        assert str(tmp_path) not in damaged.text + missing.text


def test_a_picture_is_classified(client: Client, library: Library) -> None:
    (hit,) = library.search("海", top_k=1)
    by_id = client.post("/v1/classify", json={"labels": ["猫", "狗", "a horse"], "id": hit.metadata["id"], "top_k": 2})
    assert by_id.status_code == 200, by_id.text
    assert len(by_id.json()["guesses"]) == 2
    sent = client.post(
        "/v1/classify",
        files={"picture": hit.path.read_bytes()},
        data={"labels": ["猫", "狗", "a horse"], "top_k": "2"},
    )
    assert sent.json()["label"] == by_id.json()["label"]
    first, second = by_id.json()["guesses"], sent.json()["guesses"]
    assert [guess["label"] for guess in first] == [guess["label"] for guess in second]


@pytest.mark.parametrize(
    "body", [{"labels": ["a"]}, {"labels": [], "id": "0" * 32}, {"labels": ["a"], "id": "0" * 32, "url": "http://x"}]
)
def test_a_classification_wants_one_picture_and_names(client: Client, body: object) -> None:
    response = client.post("/v1/classify", json=body)
    assert (response.status_code, error_code(response)) == (422, "invalid_request")


def test_what_the_library_holds(client: Client, library: Library) -> None:
    body = client.get("/v1/library").json()
    assert (body["pictures"], body["location"], body["dim"]) == (8, library.location, 16)
