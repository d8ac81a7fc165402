"""The JSON forms of captions and explanations hold all that their Python forms hold."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from pydantic import BaseModel

from zhclip.search import Caption, Explanation, Query, Word
from zhclip.search.picture_wire import CaptionModel, ExplanationModel, WordModel


@pytest.mark.parametrize(
    ("model", "form", "kept"),
    [(CaptionModel, Caption, {"path"}), (WordModel, Word, set()), (ExplanationModel, Explanation, {"query", "notes"})],
)
def test_only_that_is_left_out(model: type[BaseModel], form: type, kept: set[str]) -> None:
    assert set(model.model_fields) == {field.name for field in fields(form)} - kept


def test_a_caption_comes_back_without_its_path() -> None:
    caption = Caption("一只狗", 0.1 + 0.2, 0.5, Path("/photos/狗.jpg"), "0" * 32)
    text = CaptionModel.of(caption).model_dump_json()
    assert "/photos" not in text
    assert CaptionModel.model_validate_json(text).to_caption() == Caption("一只狗", 0.1 + 0.2, 0.5, None, "0" * 32)


@pytest.mark.parametrize("heat", [None, np.array([[0, 0.1234567], [0.5, 1]], dtype=np.float32)])
def test_an_explanation_comes_back(heat: np.ndarray | None) -> None:
    words = (Word("雪地", 0, 2, 0.1 + 0.2), Word("人", 0, 1, -0.25, part=1))
    explanation = Explanation(Query("雪地", exclude="人"), words, heat, -1.0)
    form = ExplanationModel.model_validate_json(ExplanationModel.of(explanation).model_dump_json())
    back = form.to_explanation(explanation.query)
    assert (back.query, back.words, back.score) == (explanation.query, words, -1.0)
    if heat is None:
        assert back.heat is None
    else:
        assert form.heat == [[0.0, 0.123], [0.5, 1.0]]
        assert back.heat is not None
        assert back.heat.dtype == np.float32
