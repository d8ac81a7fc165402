"""The library as the page shows it: what it holds, what failed, and adding a folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zhclip.errors import LibraryNotFoundError, ZhclipError
from zhclip.messages import Language, gettext_noop, translate
from zhclip.page.markup import attributes, button_html, command_html, message_html, say, text_html

if TYPE_CHECKING:
    from zhclip.library import Failure
    from zhclip.page.adding import Adding
    from zhclip.page.searcher import Searcher

_MOST_FAILURES = 200
_MOST_FOLDERS = 12


def library_html(searcher: Searcher, adding: Adding | None, language: Language, *, here: bool) -> str:
    """The library view.

    Args:
        searcher: Which library.
        adding: The folder that was added last, or is being added.
        language: Of the words between.
        here: The browser is on the machine that holds the library: it may add folders.
    """
    # Asked for every moment while a folder is added, the status of a large library would hold that up.
    running = adding is not None and adding.running
    status = "" if running else _status_html(searcher, language)
    return (
        f'<div class="zc-library"><h2>{say("Library", language)}</h2>{_adder_html(adding, language, here=here)}'
        f"{status}</div>"
    )


def _adder_html(adding: Adding | None, language: Language, *, here: bool) -> str:
    title = f"<h3>{say('Add a folder', language)}</h3>"
    if not here:
        hint = say("Folders are added on the machine that holds the library:", language)
        return f'{title}<p class="zc-hint">{hint}</p>{command_html("zhclip index ~/Pictures")}'
    if adding is not None and adding.running:
        return title + _progress_html(adding, language)
    field = attributes(
        name="folder", placeholder="~/Pictures", aria_label=say("Folder", language), required="", maxlength="4096"
    )
    return (
        f'{title}<form class="zc-add" data-form="add-folder">'
        f'<input type="text" autocomplete="off" spellcheck="false"{field}>'
        f"{button_html(say('Add', language), main=True, kind='submit')}</form>"
        f'<p class="zc-hint">{say("With all folders inside it. The pictures stay where they are.", language)}</p>'
        + (_result_html(adding, language) if adding is not None else "")
    )


def _progress_html(adding: Adding, language: Language) -> str:
    if adding.total:
        text = say("{done} of {total} files", language, done=f"{adding.done:,}", total=f"{adding.total:,}")
        bar = f"<progress{attributes(max=adding.total, value=adding.done, aria_label=text)}></progress>"
    else:
        text = say("Looking for pictures…", language)
        bar = f"<progress{attributes(aria_label=text)}></progress>"
    failed = f" · {say('{count} could not be read', language, count=adding.failed)}" if adding.failed else ""
    return f'<p class="zc-path">{text_html(adding.folder)}</p>{bar}<p class="zc-hint" role="status">{text}{failed}</p>'


def _result_html(adding: Adding, language: Language) -> str:
    if adding.error is not None:
        return message_html(say("The folder was not added", language), translate(adding.error, language), error=True)
    report = adding.report
    if report is None:
        return ""
    text = say(
        "added {added}, updated {updated}, unchanged {unchanged}, removed {removed}, failed {failed}",
        language,
        added=report.added,
        updated=report.updated,
        unchanged=report.unchanged,
        removed=report.removed,
        failed=len(report.failed),
    )
    lines = [f"{adding.folder}: {text}", *(translate(note, language) for note in report.notes())]
    return f'<div role="status">{"".join(f"""<p class="zc-note">{text_html(line)}</p>""" for line in lines)}</div>'


def _status_html(searcher: Searcher, language: Language) -> str:
    try:
        status = searcher.library.status()
        failures = searcher.library.failed()
        folders = searcher.folders()
    except LibraryNotFoundError:
        return f'<p class="zc-hint">{say("No pictures yet", language)}</p>'
    except ZhclipError as error:
        return message_html(say("The library cannot be read", language), translate(str(error), language), error=True)
    rows = [
        (gettext_noop("pictures"), f"{status.pictures:,}"),
        (gettext_noop("files"), f"{status.files:,}"),
        (gettext_noop("model"), f"{Path(status.model).name} ({status.dim})"),
        (gettext_noop("library"), status.location),
    ]
    if status.gone:
        rows.append((gettext_noop("no longer at their place"), f"{status.gone:,}"))
    if status.next_model:
        rows.append((gettext_noop("being embedded anew with"), status.next_model))
    listed = "".join(f"<div><dt>{say(name, language)}</dt><dd>{text_html(value)}</dd></div>" for name, value in rows)
    return (
        f'<h3>{say("In your library", language)}</h3><dl class="zc-facts">{listed}</dl>'
        + _folders_html(folders, language)
        + _failures_html(failures, language)
    )


def _folders_html(folders: list[str], language: Language) -> str:
    if not folders:
        return ""
    items = "".join(f"<li>{text_html(folder)}</li>" for folder in folders[:_MOST_FOLDERS])
    rest = len(folders) - _MOST_FOLDERS
    more = f'<p class="zc-hint">{say("and {count} more", language, count=rest)}</p>' if rest > 0 else ""
    return f'<h3>{say("Folders", language)}</h3><ul class="zc-paths">{items}</ul>{more}'


def _failures_html(failures: list[Failure], language: Language) -> str:
    if not failures:
        return ""
    items = "".join(
        f"<li><span>{text_html(failure.path)}</span><em>{text_html(_reason(failure, language))}</em></li>"
        for failure in failures[:_MOST_FAILURES]
    )
    title = say("{count} could not be read", language, count=f"{len(failures):,}")
    return f'<details class="zc-failures" open><summary>{title}</summary><ul class="zc-paths">{items}</ul></details>'


def _reason(failure: Failure, language: Language) -> str:
    """The reason without the path, which stands before it."""
    return translate(failure.reason, language)
