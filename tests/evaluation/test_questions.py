"""Questions with known answers, of captioned and of labelled pictures."""

from pathlib import Path

import numpy as np

from tests.evaluation.colours import ColourEncoder, plain
from zhclip.evaluation.captioned import CaptionedPictures, Captions
from zhclip.evaluation.labelled import PictureFile, read_labelled
from zhclip.evaluation.questions import RIGHT, UNSURE, WRONG, collect_questions


def captioned(folder: Path) -> CaptionedPictures:
    pictures = []
    for name in ("red", "lime", "blue"):
        plain(name).save(folder / f"{name}.png")
        pictures.append(PictureFile(folder / f"{name}.png"))
    (folder / "broken.png").write_bytes(b"no picture")
    pictures.append(PictureFile(folder / "broken.png"))
    english = ["a red wall", "a Green lawn", "the blue sea", "nobody sees it"]
    chinese = ["红墙", "绿草地"]
    return CaptionedPictures(
        pictures,
        range(4),
        {
            "en": Captions(english, range(4), np.array([[0, 0], [1, 1], [2, 2], [3, 3]])),
            "zh": Captions(chinese, range(2), np.array([[0, 0], [1, 1]])),
        },
    )


def test_captions_and_names_are_asked_of_all_pictures(tmp_path: Path) -> None:
    things = tmp_path / "things"
    things.mkdir()
    lines = []
    for name, colour, labels in (
        ("a", "red", '"en": "red"'),
        ("b", "lime", '"en": "green", "zh": "绿"'),
        ("c", "blue", '"zh": "蓝"'),
    ):
        plain(colour).save(things / f"{name}.png")
        lines.append(f'{{"image": "{name}.png", {labels}}}')
    (things / "labels.jsonl").write_text("\n".join(lines), encoding="utf-8")
    questions = collect_questions(ColourEncoder(), captioned(tmp_path), [read_labelled(things)])
    # Three captions of readable pictures in English, two in Chinese, then the names; three photos, then b, c and a.
    assert questions.pictures.shape == (6, 4)
    assert questions.is_name.tolist() == [False] * 5 + [True] * 4
    np.testing.assert_array_equal(questions.truth[:5], np.eye(6, dtype=np.int8)[[0, 1, 2, 0, 1]])
    names = {
        "绿": [WRONG, UNSURE, WRONG, RIGHT, WRONG, UNSURE],  # a caption names it; one has no Chinese label
        "蓝": [WRONG, WRONG, WRONG, WRONG, RIGHT, UNSURE],
        "green": [WRONG, UNSURE, WRONG, RIGHT, UNSURE, WRONG],
        "red": [UNSURE, WRONG, WRONG, WRONG, UNSURE, RIGHT],
    }
    np.testing.assert_array_equal(questions.truth[5:], list(names.values()))
    assert questions.kinds[:5].tolist() == [0, 1, 2, 0, 1]
    assert questions.kinds[5] == questions.kinds[7] != questions.kinds[6]  # green in both languages is one kind
    assert (questions.tokens[5:] >= 1).all() and (questions.tokens[:3] >= 3).all()


def test_without_names_captions_alone_are_asked(tmp_path: Path) -> None:
    questions = collect_questions(ColourEncoder(), captioned(tmp_path))
    assert (len(questions.texts), len(questions.pictures)) == (5, 3)
    assert not questions.is_name.any()
