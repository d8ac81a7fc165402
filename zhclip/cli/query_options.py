"""What a query says on the command line: its options, and how their values are read."""

from __future__ import annotations

import calendar
import re
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from zhclip.errors import QueryError
from zhclip.library.where import Where
from zhclip.messages import translate
from zhclip.search.query import Part

_WEIGHT = re.compile(r"(.+)[:：]\s*(\d+(?:\.\d+)?|\.\d+)\s*", re.DOTALL)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")

QUERY = translate("What to look for")
FILTERS = translate("Only pictures that are like this")


class Orientation(StrEnum):
    """How a picture lies."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"
    SQUARE = "square"


Images = Annotated[
    list[str] | None,
    typer.Option(
        "--image",
        "-i",
        metavar="FILE[:WEIGHT]",
        help=translate("A picture like those to find; with words, both count. May be given again."),
        rich_help_panel=QUERY,
    ),
]
Also = Annotated[
    list[str] | None,
    typer.Option(
        "--also",
        "-a",
        metavar="TEXT[:WEIGHT]",
        help=translate("Something else that the picture shows, and how much it counts. May be given again."),
        rich_help_panel=QUERY,
    ),
]
Excluded = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        "-x",
        metavar="TEXT[:WEIGHT]",
        help=translate("What the picture must not show. May be given again."),
        rich_help_panel=QUERY,
    ),
]
ExcludedImages = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude-image",
        metavar="FILE[:WEIGHT]",
        help=translate("A picture that hits must not be like. May be given again."),
        rich_help_panel=QUERY,
    ),
]
Every = Annotated[
    bool,
    typer.Option(
        "--every", help=translate("All parts must be in the picture: rank by the weakest."), rich_help_panel=QUERY
    ),
]
Literal = Annotated[
    bool,
    typer.Option(
        "--literal",
        help=translate("Take 'without people' as words to look for, not as an exclusion."),
        rich_help_panel=QUERY,
    ),
]
WordShare = Annotated[
    float,
    typer.Option(
        "--words",
        min=0,
        max=1,
        help=translate("How much captions, tags and file names count beside the looks: 0 to 1."),
        rich_help_panel=QUERY,
    ),
]
MinRelevance = Annotated[
    float | None,
    typer.Option(
        "--min-relevance",
        min=0,
        max=1,
        help=translate("Leave out hits that are less likely to fit; 0 shows all. The model's own limit by default."),
        rich_help_panel=QUERY,
    ),
]
Folder = Annotated[Path | None, typer.Option("--folder", help=translate("Below this folder."), rich_help_panel=FILTERS)]
Name = Annotated[
    str | None, typer.Option("--name", help=translate("With this in the file's name."), rich_help_panel=FILTERS)
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format", help=translate("Of this format, as JPEG or PNG. May be given again."), rich_help_panel=FILTERS
    ),
]
OrientationOption = Annotated[
    Orientation | None, typer.Option("--orientation", help=translate("How it lies."), rich_help_panel=FILTERS)
]
MinWidth = Annotated[
    int | None, typer.Option("--min-width", min=0, help=translate("In pixels."), rich_help_panel=FILTERS)
]
MinHeight = Annotated[
    int | None, typer.Option("--min-height", min=0, help=translate("In pixels."), rich_help_panel=FILTERS)
]
MinBytes = Annotated[
    int | None, typer.Option("--min-bytes", min=0, help=translate("Size of the file."), rich_help_panel=FILTERS)
]
MaxBytes = Annotated[
    int | None, typer.Option("--max-bytes", min=0, help=translate("Size of the file."), rich_help_panel=FILTERS)
]
TakenFrom = Annotated[
    str | None,
    typer.Option(
        "--taken-from",
        metavar="DAY",
        help=translate("Taken on this day or later: 2024, 2024-05, 2024-05-01, or a moment 2024-05-01T18:30."),
        rich_help_panel=FILTERS,
    ),
]
TakenUntil = Annotated[
    str | None,
    typer.Option(
        "--taken-until",
        metavar="DAY",
        help=translate("Taken on this day or before (a year or month counts whole), or before this moment."),
        rich_help_panel=FILTERS,
    ),
]
Camera = Annotated[str | None, typer.Option("--camera", help=translate("As EXIF names it."), rich_help_panel=FILTERS)]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", help=translate("With this tag. May be given again."), rich_help_panel=FILTERS),
]
Near = Annotated[
    str | None,
    typer.Option(
        "--near", metavar="LAT,LON", help=translate("Taken near this place, in degrees."), rich_help_panel=FILTERS
    ),
]
Within = Annotated[
    float, typer.Option("--within", metavar="KM", help=translate("How near, in kilometres."), rich_help_panel=FILTERS)
]


def to_text_part(value: str) -> Part:
    """A text with its weight: ``花`` or ``花:2``."""
    match = _WEIGHT.fullmatch(value)
    return Part(match[1], float(match[2])) if match else Part(value)


def to_image_part(value: str) -> Part:
    """A picture file with its weight; a file whose name ends like one is meant whole."""
    match = None if Path(value).expanduser().exists() else _WEIGHT.fullmatch(value)
    name, weight = (match[1], float(match[2])) if match else (value, 1.0)
    return Part(Path(name).expanduser(), weight)


def to_day(value: str, *, last: bool = False) -> date:
    """A year, a month, a day or a moment; of a year or a month the first day, or the last.

    Raises:
        QueryError: It is none of these.
    """
    try:
        match = _DAY.fullmatch(value.strip())
        if match is None:
            return datetime.fromisoformat(value)
        year, month = int(match[1]), int(match[2] or (12 if last else 1))
        return date(year, month, int(match[3] or (calendar.monthrange(year, month)[1] if last else 1)))
    except ValueError:
        raise QueryError(
            "{value} is no day; write 2024, 2024-05, 2024-05-01 or 2024-05-01T18:30", value=value
        ) from None


def to_place(value: str) -> tuple[float, float]:
    """Latitude and longitude of ``LAT,LON``.

    Raises:
        QueryError: It is not that.
    """
    try:
        latitude, longitude = map(float, re.split(r"[,，]", value))
    except ValueError:
        raise QueryError(
            "{value} is no place; write latitude and longitude in degrees, as 31.23,121.47", value=value
        ) from None
    return latitude, longitude


def to_where(
    *,
    folder: Path | None,
    name: str | None,
    formats: list[str] | None,
    orientation: Orientation | None,
    min_width: int | None,
    min_height: int | None,
    min_bytes: int | None,
    max_bytes: int | None,
    taken_from: str | None,
    taken_until: str | None,
    camera: str | None,
    tags: list[str] | None,
    near: str | None,
    within: float,
) -> Where | None:
    """The filter that the options ask for; None where they ask for nothing.

    Raises:
        QueryError: A value makes no sense.
    """
    where = Where(
        folder=folder,
        name=name,
        formats=tuple(formats or ()),
        orientation=orientation.value if orientation else None,
        min_width=min_width,
        min_height=min_height,
        min_bytes=min_bytes,
        max_bytes=max_bytes,
        taken_from=to_day(taken_from) if taken_from else None,
        taken_until=to_day(taken_until, last=True) if taken_until else None,
        camera=camera,
        tags=tuple(tags or ()),
        near=to_place(near) if near else None,
        within_km=within,
    )
    return where if where else None
