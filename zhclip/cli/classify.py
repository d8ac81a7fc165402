"""``zhclip classify``: which of some labels fits a picture."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from zhclip.cli.options import JsonOption
from zhclip.errors import QueryError
from zhclip.messages import translate


def classify(
    pictures: Annotated[list[Path], typer.Argument(help=translate("Pictures to classify."))],
    labels: Annotated[
        str | None, typer.Option("--labels", "-l", help=translate("Names to choose from, with commas between them."))
    ] = None,
    labels_file: Annotated[
        Path | None, typer.Option("--labels-file", help=translate("A text file of names, one a line."))
    ] = None,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, help=translate("How many names to show."))] = 3,
    model: Annotated[
        str, typer.Option("--model", "-m", help=translate("A model: a name, a folder, or a file."))
    ] = "mini",
    as_json: JsonOption = False,
) -> None:
    """Print the most probable labels of each picture, or that none of them fits.

    Raises:
        QueryError: There are no labels, or they are given twice.
        DataError: The label file cannot be used.
        PictureError: A picture cannot be read.
    """
    from zhclip.evaluation.classification import classify as classify_pictures
    from zhclip.evaluation.classification import read_labels

    if (labels is None) == (labels_file is None):
        raise QueryError("give either --labels 猫,狗 or --labels-file FILE")
    names = read_labels(labels_file) if labels_file else [name for name in _split(labels or "") if name]
    results = classify_pictures(pictures, names, model=model, top_k=top_k)
    if as_json:
        found = [
            {"picture": str(picture), "label": result.label, **asdict(result)}
            for picture, result in zip(pictures, results, strict=True)
        ]
        typer.echo(json.dumps(found, ensure_ascii=False, indent=2))
        return
    for picture, result in zip(pictures, results, strict=True):
        guesses = ", ".join(f"{guess.label} {guess.probability:.0%}" for guess in result.guesses)
        none = "" if result.label else f"{translate('none of these')} {result.none_probability:.0%}, "
        typer.echo(f"{picture}: {none}{guesses}")


def _split(labels: str) -> list[str]:
    return [name.strip() for name in labels.replace("，", ",").replace("、", ",").split(",")]
