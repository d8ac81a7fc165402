"""``zhclip calibrate``: what a model's cosines mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.errors import ModelError
from zhclip.messages import translate

if TYPE_CHECKING:
    from zhclip.evaluation.labelled import LabelledPictures


def calibrate(
    data: Annotated[Path, typer.Argument(help=translate("Captioned pictures that the model was not trained on."))],
    model: Annotated[str, typer.Option("--model", "-m", help=translate("A model folder; the calibration goes there."))],
    keep: Annotated[
        float,
        typer.Option(min=50, max=100, help=translate("Right answers that the threshold must keep, in percent.")),
    ] = 95.0,
    language: Annotated[
        list[str] | None,
        typer.Option(help=translate("A caption field to use; may be given again. zh and en by default.")),
    ] = None,
    labelled: Annotated[
        list[str] | None,
        typer.Option(
            help=translate(
                "Labelled pictures that the model was not trained on, FILE or FILE:SPLIT, so that names are judged as "
                "well as captions; may be given again."
            )
        ),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option(help=translate("A PNG file for the reliability diagram and the threshold's curve."))
    ] = None,
) -> None:
    """Fit the relevance of hits, and the threshold under which a search says that nothing fits.

    Raises:
        DataError: The data is missing, or too little, or does not fit the model.
        ModelError: The model is no folder, or cannot be loaded.
    """
    from zhclip.cli.captioned_data import read_captioned
    from zhclip.evaluation.answers import collect_answers
    from zhclip.evaluation.calibration import fit_calibration, plot_calibration
    from zhclip.evaluation.questions import collect_questions
    from zhclip.models import load_model
    from zhclip.models.location import find_model

    folder = find_model(model)
    if not folder.is_dir():
        raise ModelError(
            "{folder} is no folder, so a calibration has no place in it; zhclip convert makes one of it", folder=folder
        )
    named = [_read_labelled(source) for source in labelled or ()]
    questions = collect_questions(
        load_model(model, calibrated=False), read_captioned(data, language or ["zh", "en"]), named
    )
    fitted = fit_calibration(*collect_answers(questions), keep=keep)
    fitted.calibration.save(folder)
    typer.echo(
        translate(
            "wrote {target}; the threshold is {threshold}",
            target=folder / "calibration.json",
            threshold=f"{fitted.calibration.threshold:.2f}",
        )
    )
    for kind, shares in fitted.shares.items():
        typer.echo(
            translate(
                "{kind}: keeps {kept} of right answers, withholds {withheld} of wrong ones, and shows nothing in "
                "{silent} of searches for what is not there",
                kind=translate("captions") if kind == "captions" else translate("names"),
                kept=f"{shares.kept:.1f} %",
                withheld=f"{shares.withheld:.1f} %",
                silent=f"{shares.silent:.1f} %",
            )
        )
    if plot is not None:
        plot_calibration(fitted, plot, title=model)


def _read_labelled(source: str) -> dict[str, LabelledPictures]:
    from zhclip.evaluation.labelled import read_labelled

    path, _, split = source.rpartition(":")
    if path and not Path(source).exists():
        return read_labelled(Path(path), split=split)
    return read_labelled(Path(source))
