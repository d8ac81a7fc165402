"""``zhclip data``: what is wrong with training data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from zhclip.cli.options import JsonOption
from zhclip.messages import translate

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from zhclip.training.data_check import CaptionReport, DataReport, SplitReport
    from zhclip.training.data_config import FilterConfig
    from zhclip.training.filters import FilterCounts

SHOWN = 5
"""Pictures that are named; ``--json`` names all."""


def check(
    config: Annotated[Path, typer.Argument(help=translate("The configuration file of a training run."))],
    overrides: Annotated[
        list[str] | None, typer.Argument(help=translate("Values to change, as in data.filters.min_side=64."))
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read all data of a run once and print what was found.

    Raises:
        ConfigError: The configuration is wrong.
        DataError: A source is missing or cannot be read.
        Exit: With status 1, where a picture cannot be read or nothing can be used.
    """
    from zhclip.training.config import load_config
    from zhclip.training.data_check import check_data
    from zhclip.training.preparation import text_preparation

    run = load_config(config, overrides or ())
    report = check_data(run, text_preparation(run.model))
    if as_json:
        typer.echo(json.dumps(report.to_dict(), ensure_ascii=False, indent=2))
    else:
        _print(report, run.data.filters)
    if report.loses_data:
        raise typer.Exit(1)


def _print(report: DataReport, filters: FilterConfig) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.print(_table(report, filters))
    for split, name in ((report.train, translate("training")), (report.validation, translate("validation"))):
        # Most reasons name the picture themselves.
        bad = [(bad.name, translate(bad.reason)) for bad in split.unreadable]
        reasons = [reason if picture in reason else f"{picture}: {reason}" for picture, reason in bad]
        _print_names(console, f"{name}, {translate('cannot be read')}", reasons)
        _print_names(console, f"{name}, {translate('same as another')}", split.repeated_pictures)
        for language, captions in split.captions.items():
            if captions.most_unknown:
                pieces = "  ".join(f"{piece} {count}" for piece, count in captions.most_unknown.items())
                title = f"{name}, {language}, {translate('most frequent unknown tokens')}"
                console.print(f"{title}: {pieces}", markup=False)
    _print_names(console, f"{translate('validation')}, {translate('in the training data, too')}", report.in_both)


def _print_names(console: Console, title: str, names: list[str]) -> None:
    if names:
        console.print(title, style="yellow")
        for name in names[:SHOWN]:
            console.print(f"  {name}", markup=False)
        if len(names) > SHOWN:
            console.print(f"  ... {len(names) - SHOWN:,} {translate('more; --json names all')}")


def _table(report: DataReport, filters: FilterConfig) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column(translate("training"), justify="right")
    table.add_column(translate("validation"), justify="right")
    splits = (report.train, report.validation)

    def row(label: str, *values: str) -> None:
        # Zeros are what one hopes for; they step back.
        table.add_row(label, *(f"[dim]{value}[/]" if value in ("0", "") else value for value in values))

    def pictures(label: str, count: str) -> None:
        row(label, *(f"{getattr(split, count):,}" for split in splits))

    pictures(translate("pictures"), "pictures")
    row(f"  {translate('cannot be read')}", *(f"{len(split.unreadable):,}" for split in splits))
    pictures(f"  {translate('without a caption')}", "without_caption")
    row(f"  {translate('same as another')}", *(f"{len(split.repeated_pictures):,}" for split in splits))
    row(f"  {translate('in the training data, too')}", "", f"{len(report.in_both):,}")
    for language in dict.fromkeys([*report.train.captions, *report.validation.captions]):
        for label, values in _caption_rows(language, splits):
            row(label, *values)
    if report.sentence_pairs:
        row(translate("sentence pairs"), f"{report.sentence_pairs:,}", "")
    for label, count in _filter_rows(report.filters, filters):
        row(f"{translate('left out')}: {label}", f"{count:,}", "")
    pictures(translate("usable pictures"), "usable")
    return table


def _caption_rows(language: str, splits: tuple[SplitReport, SplitReport]) -> list[tuple[str, list[str]]]:
    reports: list[CaptionReport | None] = [split.captions.get(language) for split in splits]

    def counts(name: str) -> list[str]:
        return [f"{getattr(report, name):,}" if report else "" for report in reports]

    return [
        (f"{translate('captions')}, {language}", counts("captions")),
        (f"  {translate('blank')}", counts("blank")),
        (f"  {translate('longer than the model reads')}", counts("over_long")),
        (f"  {translate('repeated')}", counts("repeated")),
        (f"  {translate('unknown tokens')}", [f"{report.unknown_rate:.3%}" if report else "" for report in reports]),
    ]


def _filter_rows(counts: FilterCounts, filters: FilterConfig) -> list[tuple[str, int]]:
    of_text = filters.min_text_length > 1 or filters.file_names or filters.max_pictures_per_text
    rows = [
        (filters.min_text_length > 1, translate("texts too short"), counts.min_text_length),
        (filters.file_names, translate("texts that are file names"), counts.file_names),
        (filters.max_pictures_per_text, translate("texts of too many pictures"), counts.max_pictures_per_text),
        (of_text, translate("pictures with no text left"), counts.without_captions),
        (filters.min_side, translate("pictures too small"), counts.min_side),
        (filters.max_aspect, translate("pictures too long or too wide"), counts.max_aspect),
    ]
    return [(label, count) for on, label, count in rows if on]
