"""What a search shows and what it withholds, before and after queries are judged one by one.

Captions and names are asked of libraries of 100, 1,000 and 10,000 pictures, some of which hold what is asked for.
*Before* is one threshold on the cosine for all queries, *after* the calibration with what is known of each query; both
are fitted on half of the photos and kinds of things, and judge the other half. ``absent`` are things of a list below
that no picture shows. Libraries are drawn from Flickr8k-CN (the captions asked are of its validation split), the
labelled pictures, the ImageNet samples and the web photos; one whose captions name a thing is no answer for it.
The data folder is ``ZHCLIP_DATA``, ``../shared/data`` by default; the model is ``--model`` (mini).

JSON keys: ``before`` and ``after``, each by the number of pictures: ``captions`` and ``names``, each ``kept`` (percent
of right hits among the first ten that are shown), ``withheld`` (percent of wrong ones beside right ones that are not),
``silent`` (percent of searches for what is not there that show nothing); and ``absent`` (``silent`` for the list).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from report import report
from zhclip.evaluation.answers import Answers, collect_answers
from zhclip.evaluation.calibration import Shares, fit_calibration, judge_unseen
from zhclip.evaluation.captioned import CaptionedPictures, Captions
from zhclip.evaluation.features import text_features
from zhclip.evaluation.labelled import read_labelled
from zhclip.evaluation.questions import Questions, collect_questions
from zhclip.models import Calibration, Encoder, load_model
from zhclip.models.calibration import FEATURES
from zhclip.training.data_config import SourceConfig
from zhclip.training.sources import read_sources

SIZES = (100, 1000, 10_000)
LANGUAGES = ("zh", "en")
VALIDATION = 1000
"""Photos of the validation split, which the model was not trained on."""
ABSENT = (
    "二维码", "条形码", "身份证", "X光片", "乐谱", "显微镜下的细胞", "星系", "元素周期表", "电路板", "股票走势图",
    "微信聊天截图", "代码截图", "登机牌", "发票", "手写的数学公式", "天气预报图", "DNA双螺旋", "兵马俑", "埃菲尔铁塔",
    "自由女神像",
    "QR code", "barcode", "passport page", "X-ray image", "sheet music", "cells under a microscope", "galaxy",
    "periodic table", "circuit board", "stock chart", "screenshot of a chat", "source code on a screen",
    "boarding pass", "invoice", "handwritten equations", "weather map", "DNA double helix", "terracotta army",
    "Eiffel Tower", "Statue of Liberty",
)  # fmt: skip


def read_pictures(data: Path, *, quick: bool) -> CaptionedPictures:
    """The validation photos first, then others that only fill libraries; captions of all."""
    files = ["flickr8k-cn/val.jsonl"] + ([] if quick else ["flickr8k-cn/train.jsonl", "web-captions/captions.jsonl"])
    samples = read_sources([SourceConfig(path=str(data / name)) for name in files], list(LANGUAGES))
    captions = {}
    for language in LANGUAGES:
        texts = [(text, row) for row, sample in enumerate(samples) for text in sample.captions.get(language, ())]
        pairs = np.array([(number, row) for number, (_, row) in enumerate(texts)], dtype=np.int64)
        captions[language] = Captions([text for text, _ in texts], range(len(texts)), pairs)
    return CaptionedPictures([sample.picture for sample in samples], range(len(samples)), captions)


def ask_for_absent(
    encoder: Encoder, calibration: Calibration, questions: Questions, size: int, rng: np.random.Generator
) -> float:
    """Percent of the absent things of which a library of so many pictures shows nothing."""
    vectors, known = text_features(encoder, ABSENT), encoder.text(ABSENT).known
    library = questions.pictures[rng.choice(len(questions.pictures), size, replace=False)]
    best = (vectors @ library.T).max(axis=1)
    curves = [calibration.for_query(vector, count, size) for vector, count in zip(vectors, known, strict=True)]
    likely = [float(curve.relevance(cosine)) for curve, cosine in zip(curves, best, strict=True)]
    return 100 * float(np.mean(np.array(likely) < calibration.threshold))


def measure(
    encoder: Encoder, questions: Questions, answers: Answers, reference: NDArray[np.float32], features: Sequence[str]
) -> dict[str, Any]:
    """The figures with some features of queries, by the number of pictures."""
    _, shown = judge_unseen(answers, reference, features=features)
    calibration = fit_calibration(answers, reference, features=features).calibration
    figures: dict[str, Any] = {}
    for size in np.unique(answers.sizes):
        figures[str(size)] = {}
        for name, group in (("captions", ~answers.is_name), ("names", answers.is_name)):
            chosen = (answers.sizes == size) & group
            shares = Shares.measure(answers.of(chosen), shown[chosen])
            figures[str(size)][name] = {key: round(value, 1) for key, value in shares._asdict().items()}
        silent = ask_for_absent(encoder, calibration, questions, int(size), np.random.default_rng(int(size)))
        figures[str(size)]["absent"] = round(silent, 1)
    return figures


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="without the libraries of 10,000 pictures: half a minute")
    parser.add_argument("--model", default="mini")
    given = parser.parse_args()
    data = Path(os.environ.get("ZHCLIP_DATA", Path(__file__).parents[2] / "shared" / "data"))
    encoder = load_model(given.model)
    labelled = [
        read_labelled(data / "labelled/labels.jsonl", split="val"),
        read_labelled(data / "imagenet-samples/labels.jsonl"),
    ]
    questions = collect_questions(encoder, read_pictures(data, quick=given.quick), labelled)
    asked = questions.about(questions.is_name | (questions.kinds < VALIDATION))
    answers, reference = collect_answers(asked, sizes=SIZES)
    before = measure(encoder, asked, answers, reference, ())
    after = measure(encoder, asked, answers, reference, FEATURES)
    rows = [
        [size, kind, name, *(found[kind].values() if kind != "absent" else ("", "", found["absent"]))]
        for name, figures in (("before", before), ("after", after))
        for size, found in figures.items()
        for kind in ("captions", "names", "absent")
    ]
    columns = ["pictures", "asked", "", "kept %", "withheld %", "silent %"]
    report("What is shown", columns, rows, {"model": given.model, "before": before, "after": after})


if __name__ == "__main__":
    main()
