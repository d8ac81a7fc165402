"""``zhclip calibrate``: what a model's cosines mean."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from zhclip.errors import ModelError
from zhclip.messages import translate


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
    from zhclip.evaluation.calibration import collect_answers, fit_calibration, join_answers, plot_calibration
    from zhclip.evaluation.captioned import embed_captioned
    from zhclip.models import load_model
    from zhclip.models.location import find_model

    folder = find_model(model)
    if not folder.is_dir():
        raise ModelError(
            "{folder} is no folder, so a calibration has no place in it; zhclip convert makes one of it", folder=folder
        )
    embedded = embed_captioned(load_model(model), read_captioned(data, language or ["zh", "en"]))
    answers = [collect_answers(embedded.images, texts, pairs) for texts, pairs in embedded.texts.values()]
    fitted = fit_calibration(join_answers(answers), keep=keep)
    fitted.calibration.save(folder)
    typer.echo(
        translate(
            "wrote {target}; the threshold {threshold} keeps {kept} of right answers, withholds {withheld} of wrong "
            "ones, and shows nothing in {silent} of searches for what is not there",
            target=folder / "calibration.json",
            threshold=f"{fitted.calibration.threshold:.2f}",
            kept=f"{fitted.kept:.1f} %",
            withheld=f"{fitted.withheld:.1f} %",
            silent=f"{fitted.silent:.1f} %",
        )
    )
    if plot is not None:
        plot_calibration(fitted, plot, title=model)
