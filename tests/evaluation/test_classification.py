"""Zero-shot classification: labels, probabilities, none of these, accuracy."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.evaluation.colours import ColourEncoder, plain
from tests.models.cn_clip_checkpoints import build_cn_clip
from zhclip.errors import DataError, QueryError
from zhclip.evaluation import classification
from zhclip.evaluation.classification import Classifier, classify, read_labels, zero_shot
from zhclip.evaluation.prompts import EVERYDAY, PROMPTS
from zhclip.models import load_model

COLOURS = ["红色", "green", "蓝色"]


def test_the_right_label_comes_first() -> None:
    results = classify([plain("#d22"), plain("#2d2"), plain("#22d")], COLOURS, model=ColourEncoder())
    assert [result.label for result in results] == COLOURS
    assert [len(result.guesses) for result in results] == [3, 3, 3]
    for result in results:
        probabilities = [guess.probability for guess in result.guesses]
        assert probabilities == sorted(probabilities, reverse=True)
        assert sum(probabilities) + result.none_probability == pytest.approx(1)


def test_none_of_these() -> None:
    grey, red = classify([plain("#888"), plain("#d22")], ["蓝色", "green"], model=ColourEncoder())
    assert grey.label is None
    assert grey.none_probability > grey.guesses[0].probability
    assert red.label is None, "neither is red"
    assert classify(plain("#22d"), ["blue"], model=ColourEncoder())[0].label == "blue"


def test_probabilities_have_the_models_temperature() -> None:
    encoder = ColourEncoder()
    (result,) = classify(plain("#d22"), COLOURS, model=encoder, ensemble=False)
    cosines = encoder.encode_image(plain("#d22")) @ encoder.encode_text(COLOURS).T
    everyday = encoder.encode_text([*EVERYDAY["zh"], *EVERYDAY["en"]])
    none = np.sort(encoder.encode_image(plain("#d22")) @ everyday.T)[0, -5:].mean()
    exponentials = np.exp(20.0 * np.append(cosines, none))
    assert result.guesses[0].probability == pytest.approx(exponentials[0] / exponentials.sum(), abs=1e-5)
    assert result.guesses[0].score == pytest.approx(cosines[0, 0], abs=1e-6)


def test_top_k() -> None:
    (result,) = classify(plain("#d22"), COLOURS, model=ColourEncoder(), top_k=1)
    assert [guess.label for guess in result.guesses] == ["红色"]


def test_the_prompts_put_the_label_in_its_own_language() -> None:
    for language, prompts in PROMPTS.items():
        assert prompts[0] == "{}"
        assert len(set(prompts)) == len(prompts) >= 5
        for prompt in prompts:
            assert prompt.count("{}") == 1
            assert any("一" <= character <= "鿿" for character in prompt) == (language == "zh" and prompt != "{}")


def test_the_everyday_words_are_words() -> None:
    for words in EVERYDAY.values():
        assert len(set(words)) == len(words) > 70
        assert all(word == word.strip() and "," not in word for word in words)


def cn_clip_arguments() -> Namespace:
    return Namespace(gpu="cpu", context_length=52, index="")


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_same_as_cn_clips_evaluation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cn_clip.eval import zeroshot_evaluation
    from cn_clip.eval.zeroshot_evaluation import run, zero_shot_classifier

    # Theirs makes floats of arrays, which NumPy 2 refuses.
    def top_1_twice(output: torch.Tensor, target: torch.Tensor, topk: tuple[int, ...]) -> list[float]:
        return [float((output.topk(1)[1].squeeze(1) == target).sum())] * len(topk)

    monkeypatch.setattr(zeroshot_evaluation, "accuracy", top_1_twice)

    monkeypatch.setitem(classification.PROMPTS, "zh", ("{}", "照片：{}", "{}，近看"))
    labels = ["猫", "金毛犬", "红绿灯", "吉他", "火山", "桥", "咖啡"]
    model: Any = build_cn_clip("vit")
    torch.save({"state_dict": model.state_dict()}, tmp_path / "vit.pt")
    encoder = load_model(tmp_path / "vit.pt", backend="torch", device="cpu")
    templates = [lambda label, prompt=prompt: prompt.format(label) for prompt in classification.PROMPTS["zh"]]
    theirs = zero_shot_classifier(model, labels, templates, cn_clip_arguments())
    classifier = Classifier(encoder, labels)
    np.testing.assert_allclose(classifier.vectors, theirs.T.numpy(), atol=1e-5)

    random = np.random.default_rng(0)
    pixels = random.standard_normal((60, 3, 32, 32), dtype=np.float32)
    truth = random.integers(0, len(labels), 60)
    truth[:20] = (encoder.encode_pixels(pixels[:20]) @ classifier.vectors.T).argmax(axis=1)
    batches = [
        (torch.from_numpy(pixels[part]), torch.from_numpy(truth[part])) for part in (slice(0, 32), slice(32, 60))
    ]
    with torch.no_grad():
        top_1, _ = run(model, theirs, batches, cn_clip_arguments())
    ours = zero_shot(classifier, encoder.encode_pixels(pixels), truth)
    assert ours.top_1 == pytest.approx(100 * top_1)
    assert 20 < ours.top_1 < 100


def test_figures_by_class() -> None:
    encoder = ColourEncoder()
    classifier = Classifier(encoder, ["red", "green", "blue", "sky blue"])
    pictures = [plain(colour) for colour in ("#d22", "#e11", "#2d2", "#22d", "#22e")]
    result = zero_shot(classifier, encoder.encode_image(pictures), np.array([0, 0, 0, 2, 3]))
    assert result.top_1 == pytest.approx(60)
    assert result.top_5 == 100
    assert [(one.label, one.pictures, one.mistaken_for) for one in result.classes] == [
        ("red", 3, "green"),
        ("blue", 1, None),
        ("sky blue", 1, "blue"),
    ]
    assert result.class_mean == pytest.approx((200 / 3 + 100 + 0) / 3)


@pytest.mark.parametrize("labels", [[], "猫"])
def test_no_labels(labels: Any) -> None:
    with pytest.raises(QueryError, match="there are no labels"):
        classify(plain("red"), labels, model=ColourEncoder())


def test_an_empty_label() -> None:
    with pytest.raises(QueryError, match="label 2 of 2 is empty"):
        classify(plain("red"), ["red", " "], model=ColourEncoder())


def test_a_label_twice_counts_once() -> None:
    assert Classifier(ColourEncoder(), ["red", "red ", "blue"]).labels == ["red", "blue"]


def test_label_files(tmp_path: Path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text("\ufeff猫\n\n 狗 \r\na horse", encoding="utf-8")
    assert read_labels(path) == ["猫", "狗", "a horse"]
    path.write_bytes("猫\n狗\n".encode("gbk"))
    with pytest.raises(DataError, match="not UTF-8 but GBK; convert it: iconv"):
        read_labels(path)
    path.write_text("\n \n", encoding="utf-8")
    with pytest.raises(DataError, match="holds no labels"):
        read_labels(path)
    with pytest.raises(DataError, match="no label file"):
        read_labels(tmp_path / "missing.txt")
