"""The JSON forms hold all that their Python forms hold."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError

from zhclip import errors
from zhclip.library import Status, Where
from zhclip.search import Hit, Part, Query
from zhclip.search.wire import (
    ErrorDetail,
    HitModel,
    LibraryModel,
    QueryModel,
    SearchRequest,
    WhereModel,
    to_error,
)


@pytest.mark.parametrize(
    ("model", "form"), [(WhereModel, Where), (QueryModel, Query), (HitModel, Hit), (LibraryModel, Status)]
)
def test_nothing_is_left_out(model: type[BaseModel], form: type) -> None:
    assert set(model.model_fields) == {field.name for field in fields(form)}


def test_a_query_comes_back_as_it_was() -> None:
    where = Where(
        folder="/photos",
        name="狗",
        formats=("JPEG",),
        orientation="square",
        min_width=1,
        min_height=2,
        min_bytes=3,
        max_bytes=4,
        taken_from=date(2024, 5, 1),
        taken_until=datetime(2024, 5, 2, 10, 30),
        camera="X",
        tags=("a", "b"),
        near=(39.9, 116.4),
        within_km=5.0,
    )
    picture = b"picture"
    query = Query(
        "花",
        Part("蜜蜂", weight=2),
        picture,
        exclude=["人", Part(picture, weight=0.5)],
        every=True,
        where=where,
        negation=False,
        words=0.25,
        min_relevance=0.5,
    )
    text = SearchRequest.model_construct(query=QueryModel.of(query, lambda _: {"picture": "a"})).model_dump_json()
    read = SearchRequest.model_validate_json(text).model()
    assert read.to_query(lambda part: part.text or picture) == query


def test_a_hit_comes_back_as_it_was() -> None:
    metadata = {
        "id": "0" * 32,
        "paths": [Path("/a/狗 1.jpg"), Path("/b.jpg")],
        "gone": False,
        "format": "JPEG",
        "width": 4,
        "height": 3,
        "bytes": 5,
        "taken": datetime(2024, 5, 1, 10, 30),
        "camera": "",
        "latitude": None,
        "longitude": 116.4,
        "tags": ["海"],
        "more": 1,
    }
    hit = Hit(Path("/a/狗 1.jpg"), 0.1 + 0.2, 3, relevance=None, caption="一只狗", metadata=metadata)
    assert HitModel.model_validate_json(HitModel.of(hit).model_dump_json()).to_hit() == hit


def test_a_day_is_no_moment() -> None:
    read = WhereModel.model_validate_json('{"taken_from": "2024-05-01", "taken_until": "2024-05-01T00:00:00"}')
    assert (read.taken_from, read.taken_until) == (date(2024, 5, 1), datetime(2024, 5, 1))
    assert type(read.taken_from) is date
    for wrong in ('"yesterday"', "20240501", '"9999-12-31"', "null and void"):
        with pytest.raises(ValidationError):
            WhereModel.model_validate_json(f'{{"taken_from": {wrong}}}')


@pytest.mark.parametrize(
    "kind",
    [
        errors.QueryError,
        errors.PictureError,
        errors.LibraryNotFoundError,
        errors.LibraryLockedError,
        errors.ModelMismatchError,
        errors.StoreError,
        errors.LibraryError,
        errors.ModelError,
    ],
)
def test_an_error_keeps_its_kind(kind: type[errors.ZhclipError]) -> None:
    back = to_error(ErrorDetail(code=kind("why").code, message="why"))
    assert (type(back), str(back)) == (kind, "why")


def test_an_error_of_a_service_alone_is_a_service_error() -> None:
    for code in ("busy", "ending", "internal", "of tomorrow"):
        assert type(to_error(ErrorDetail(code=code, message="why"))) is errors.ServiceError
