"""Recall is what Chinese-CLIP's own scripts give for the same features."""

from __future__ import annotations

import json
import runpy
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from zhclip.errors import ModelError
from zhclip.evaluation import recall
from zhclip.evaluation.retrieval import top_k

# Their scripts leave files open.
pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def write_jsonl(path: Path, records: Iterable[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


class TheirScripts:
    """Chinese-CLIP's evaluation from feature files to scores, run as its users run it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        monkeypatch.setattr(torch.Tensor, "cuda", lambda tensor: tensor)  # the scripts ask for a GPU

    def run(self, module: str, **options: Path) -> None:
        arguments = [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]
        self.monkeypatch.setattr(sys, "argv", [module, *arguments])
        self.monkeypatch.delitem(sys.modules, module, raising=False)
        runpy.run_module(module, run_name="__main__")

    def scores(
        self, images: NDArray[np.float32], texts: NDArray[np.float32], pairs: NDArray[np.int64]
    ) -> tuple[list[float], list[float]]:
        """``[mean, r1, r5, r10]`` both ways."""
        from cn_clip.eval.evaluation import compute_score
        from cn_clip.eval.evaluation_tr import compute_score as compute_score_tr

        features = {
            "image_feats": write_jsonl(
                self.folder / "img_feat.jsonl",
                ({"image_id": row, "feature": values.tolist()} for row, values in enumerate(images)),
            ),
            "text_feats": write_jsonl(
                self.folder / "txt_feat.jsonl",
                ({"text_id": row, "feature": values.tolist()} for row, values in enumerate(texts)),
            ),
        }
        golden = write_jsonl(
            self.folder / "texts.jsonl",
            (
                {"text_id": int(text), "text": "", "image_ids": pairs[pairs[:, 0] == text, 1].tolist()}
                for text in np.unique(pairs[:, 0])
            ),
        )
        self.run("cn_clip.eval.make_topk_predictions", output=self.folder / "pred.jsonl", **features)
        self.run("cn_clip.eval.make_topk_predictions_tr", output=self.folder / "pred_tr.jsonl", **features)
        self.run("cn_clip.eval.transform_ir_annotation_to_tr", input=golden)
        return (
            compute_score(str(golden), str(self.folder / "pred.jsonl")),
            compute_score_tr(str(self.folder / "texts.tr.jsonl"), str(self.folder / "pred_tr.jsonl")),
        )


@pytest.fixture
def their_scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TheirScripts:
    return TheirScripts(tmp_path, monkeypatch)


def unit(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float32)


def several_pictures_a_text(seed: int) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]:
    """60 pictures of which some have no text, 150 texts of which some have two pictures."""
    random = np.random.default_rng(seed)
    images = unit(random.standard_normal((60, 16)))
    first = random.integers(0, 50, 150)
    pairs = [(text, image) for text, image in enumerate(first)]
    pairs += [(text, int(random.integers(0, 50))) for text in range(0, 150, 7)]
    texts = unit(images[first] + 0.35 * random.standard_normal((150, 16)))
    return images, texts, np.unique(np.array(pairs, dtype=np.int64), axis=0)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("chunk", [7, 1024])
def test_the_same_as_theirs(their_scripts: TheirScripts, seed: int, chunk: int) -> None:
    images, texts, pairs = several_pictures_a_text(seed)
    text_to_image, image_to_text = their_scripts.scores(images, texts, pairs)
    ours = recall(images, texts, pairs, chunk=chunk)
    assert ours.text_to_image == pytest.approx(tuple(text_to_image[1:]))
    assert ours.image_to_text == pytest.approx(tuple(image_to_text[1:]))
    assert ours.mean == pytest.approx((text_to_image[0] + image_to_text[0]) / 2)
    assert 20 < ours.text_to_image[0] < 95, "the case is neither trivial nor hopeless"


def test_the_same_as_theirs_where_scores_are_equal(their_scripts: TheirScripts) -> None:
    # Small whole numbers: every product is exact, and many are equal.
    random = np.random.default_rng(5)
    images = random.integers(-1, 2, (40, 4)).astype(np.float32)
    texts = random.integers(-1, 2, (90, 4)).astype(np.float32)
    pairs = np.stack([np.arange(90), random.integers(0, 40, 90)], axis=1)
    text_to_image, image_to_text = their_scripts.scores(images, texts, pairs)
    ours = recall(images, texts, pairs)
    assert ours.text_to_image == pytest.approx(tuple(text_to_image[1:]))
    assert ours.image_to_text == pytest.approx(tuple(image_to_text[1:]))


def test_one_picture_a_text_in_short() -> None:
    images, texts, pairs = several_pictures_a_text(0)
    single = pairs[np.unique(pairs[:, 0], return_index=True)[1]]
    assert recall(images, texts, single[:, 1]) == recall(images, texts, single)


def test_a_collapsed_model_finds_next_to_nothing() -> None:
    same = np.ones((100, 8), dtype=np.float32) / np.sqrt(8).astype(np.float32)
    assert recall(same, same, np.arange(100)).text_to_image == (1.0, 5.0, 10.0)


def test_a_diverged_model_is_an_error() -> None:
    good = np.ones((4, 2), dtype=np.float32)
    with pytest.raises(ModelError, match="not numbers"):
        recall(good, np.full((4, 2), np.nan, dtype=np.float32), np.arange(4))


def test_top_k_is_the_head_of_a_stable_sort() -> None:
    random = np.random.default_rng(2)
    queries = random.integers(-1, 2, (30, 3)).astype(np.float32)
    gallery = random.integers(-1, 2, (50, 3)).astype(np.float32)
    expected = np.argsort(-(queries @ gallery.T), axis=1, kind="stable")[:, :10]
    np.testing.assert_array_equal(top_k(queries, gallery, chunk=8), expected)
    assert top_k(queries, gallery[:4]).shape == (30, 4)
