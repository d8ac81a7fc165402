"""``zhclip eval``: how good a model is, on captioned or labelled pictures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli.options import JsonOption
from zhclip.errors import ConfigError, DataError
from zhclip.messages import Message, translate

if TYPE_CHECKING:
    from zhclip.evaluation.report import Report
    from zhclip.models import Encoder


def evaluate(
    data: Annotated[Path, typer.Argument(help=translate("Captioned or labelled pictures: a file or a folder."))],
    model: Annotated[
        str, typer.Option("--model", "-m", help=translate("A model: a name, a folder, or a file."))
    ] = "mini",
    zero_shot: Annotated[
        bool, typer.Option("--zero-shot", help=translate("Classify labelled pictures instead of measuring recall."))
    ] = False,
    language: Annotated[
        list[str] | None,
        typer.Option(help=translate("A caption field to measure; may be given again. zh and en by default.")),
    ] = None,
    split: Annotated[str | None, typer.Option(help=translate("Only labelled pictures of this split."))] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help=translate("A folder for a report: Markdown, JSON, a chart."))
    ] = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            help=translate("A folder for the ten best answers to each query, as Chinese-CLIP's scripts read them.")
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure a model, print the figures, and write a report where one is asked for.

    Raises:
        ConfigError: Options do not fit together.
        DataError: The data is missing, broken, or has nothing to measure.
        ModelError: The model cannot be loaded.
    """
    from zhclip.models import load_model

    if zero_shot and (predictions or language):
        raise ConfigError("--predictions and --language are for captioned pictures; leave them out with --zero-shot")
    if split and not zero_shot:
        raise ConfigError("--split is for labelled pictures; add --zero-shot")
    if not data.exists():
        raise DataError("no data at {path}; check the path (it is relative to {folder})", path=data, folder=Path.cwd())
    encoder = load_model(model)
    if zero_shot:
        report = _zero_shot(encoder, data, split)
    else:
        report = _captioned(encoder, data, language or ["zh", "en"], predictions)
    if as_json:
        typer.echo(json.dumps(report.figures, ensure_ascii=False, indent=2))
    else:
        _print(report)
    if output is not None:
        from zhclip.evaluation.report import write_report

        write_report(output, report)
        typer.echo(translate("wrote {target}", target=output / "report.md"), err=True)


def _captioned(encoder: Encoder, data: Path, languages: list[str], predictions: Path | None) -> Report:
    from zhclip.cli.captioned_data import read_captioned
    from zhclip.evaluation.captioned import evaluate_captioned
    from zhclip.evaluation.report import captioned_report

    result = evaluate_captioned(encoder, read_captioned(data, languages), predictions=predictions)
    _warn_of(result.failed)
    return captioned_report(encoder, str(data), result)


def _zero_shot(encoder: Encoder, data: Path, split: str | None) -> Report:
    from zhclip.evaluation.labelled import evaluate_labelled, read_labelled
    from zhclip.evaluation.report import zero_shot_report

    results, failed = evaluate_labelled(encoder, read_labelled(data, split=split))
    _warn_of(failed)
    about = Message("{data}, split {split}", data=data, split=split) if split else str(data)
    return zero_shot_report(encoder, about, results)


def _warn_of(failed: dict[str, str]) -> None:
    for name, reason in list(failed.items())[:10]:
        said = translate(reason)
        named = said if name in said else f"{name}: {said}"
        typer.echo(f"zhclip: {translate('warning: {text}', text=' '.join(named.split()))}", err=True)
    if len(failed) > 10:
        more = translate("and {count} more that could not be read", count=len(failed) - 10)
        typer.echo(f"zhclip: {translate('warning: {text}', text=more)}", err=True)


def _print(report: Report) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False)
    for content in (table.said() for table in report.tables[:1]):
        table = Table(box=None, pad_edge=False, header_style="dim", title=content.title, title_justify="left")
        for number, column in enumerate(content.columns):
            table.add_column(column, justify="left" if number == 0 else "right")
        for row in content.rows:
            table.add_row(*row)
        console.print(table)
