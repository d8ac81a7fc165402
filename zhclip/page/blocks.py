"""The page in one language, made of Gradio's components."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gradio as gr

from zhclip.errors import ZhclipError
from zhclip.messages import Language, translate_error
from zhclip.page.actions import act
from zhclip.page.address import MOST_CHARACTERS, Search
from zhclip.page.header import examples_html, header_html
from zhclip.page.library_view import Adding, library_html
from zhclip.page.markup import attributes, button_html, command_html, message_html, readable, say, text_html
from zhclip.page.opening import is_this_machine, open_folder
from zhclip.page.panel import filters_html, panel_html
from zhclip.page.results import hits_html, more_button, results_html, welcome_html
from zhclip.page.searcher import Searcher
from zhclip.page.why import why_html
from zhclip.server.originals import read_original

# The address goes with what is in the box.
SENDING = "box => { document.documentElement.setAttribute('data-busy', ''); return [box, location.search]; }"
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")

Box = dict[str, Any]
"""A value of Gradio's multimodal box: ``{"text": str, "files": [path]}``."""


class Answers:
    """What the page answers to each event, as values of its components.

    Args:
        searcher: Answers the queries.
        language: Of everything that the page says.
    """

    def __init__(self, searcher: Searcher, language: Language) -> None:
        self.searcher = searcher
        self.language = language

    def say(self, message: str, **values: object) -> str:
        """A message in the page's language."""
        return say(message, self.language, **values)

    def sent(self, box: Box, address: str) -> tuple[Any, ...]:
        """The box was sent."""
        search = Search.parse(address)
        try:
            keys = [self.searcher.uploads.put(Path(file)) for file in box["files"]]
        except ZhclipError as error:
            return gr.skip(), panel_html(search, (), self.language), gr.skip(), self.error_html(error), ""
        return self.show(search.with_box(readable(box["text"]).strip()[:MOST_CHARACTERS], keys))

    def acted(self, event: gr.EventData) -> tuple[Any, ...]:
        """Something was clicked, or the page was opened."""
        asked = _asked(event)
        search = act(Search.parse(str(asked.get("at", ""))), asked)
        answer = self.show(search)
        if asked.get("fresh") and not search.text:
            return gr.skip(), *answer[1:]  # what somebody typed before this arrived must stay
        return answer

    def show(self, search: Search) -> tuple[Any, ...]:
        """A search: the box, the panel, the filters, the results, and nothing more yet."""
        language = self.language
        understood: tuple[str, ...] = ()
        folders: list[str] = []
        try:
            folders = self.searcher.folders()
            if search.parts:
                found = self.searcher.search(search)
                understood = found.understood
                results = results_html(found, language)
            elif search.exclude or search.filters.given():
                results = message_html(
                    self.say("What should the pictures show?"), self.say("Say it in the box, or drop a picture there.")
                )
            else:
                results = self.welcome()
        except ZhclipError as error:
            results = self.error_html(error)
        panel = panel_html(search, understood, language)
        return {"text": search.text, "files": []}, panel, filters_html(search, folders, language), results, ""

    def more(self, event: gr.EventData) -> str:
        """The hits that come after those that are shown."""
        asked = _asked(event)
        offset = str(asked.get("offset"))
        try:
            found = self.searcher.search(Search.parse(str(asked.get("at", ""))), offset=int(offset[:5]))
        except (ZhclipError, ValueError):
            return ""
        turn = attributes(data_turn=secrets.token_hex(4))
        button = more_button(found, self.language)
        return f'<div class="zc-page"{turn}><ol>{hits_html(found.hits, self.language)}</ol>{button}</div>'

    def why(self, event: gr.EventData) -> str:
        """Why a picture was found."""
        asked = _asked(event)
        title = self.say("Why this picture")
        try:
            picture = self.searcher.library.get_by_id(str(asked.get("id")))
            if picture is None:
                return self.sheet(
                    title, message_html(self.say("That did not work"), self.say("Search again."), error=True)
                )
            query = self.searcher.query(Search.parse(str(asked.get("at", ""))))
            file = read_original(picture)
            explanation = self.searcher.library.explain(query, file)
            return self.sheet(title, why_html(explanation, file, picture.path, self.language))
        except ZhclipError as error:
            return self.sheet(title, self.error_html(error))

    def folder(self, event: gr.EventData, request: gr.Request) -> str:
        """The folder of a picture, in the file manager or as a path."""
        title = self.say("Open folder")
        try:
            picture = self.searcher.library.get_by_id(str(_asked(event).get("id")))
        except ZhclipError as error:
            return self.sheet(title, self.error_html(error))
        if picture is None:
            return self.sheet(title, message_html(self.say("That did not work"), self.say("Search again."), error=True))
        opened = is_this_machine(_client(request)) and open_folder(picture.path.parent)
        hint = self.say("The folder is open in your file manager." if opened else "The picture is here:")
        copy = button_html(self.say("Copy the path"), data_copy=picture.path, data_done=self.say("Copied"))
        return self.sheet(
            title,
            f'<p>{hint}</p><p class="zc-path">{text_html(picture.path)}</p><p>{copy}</p>',
        )

    def library(self, request: gr.Request) -> Iterator[str]:
        """The library view, as long as a folder is being added."""
        here = is_this_machine(_client(request))
        while self.searcher.adding is not None and self.searcher.adding.running:
            yield library_html(self.searcher, self.searcher.adding, self.language, here=here)
            self.searcher.adding.wait(0.4)
        yield library_html(self.searcher, self.searcher.adding, self.language, here=here)

    def add_folder(self, event: gr.EventData, request: gr.Request) -> Iterator[str]:
        """A folder is to be added to the library."""
        folder = str(_asked(event).get("folder") or "").strip()
        idle = self.searcher.adding is None or not self.searcher.adding.running
        if folder and idle and is_this_machine(_client(request)):
            self.searcher.adding = Adding(self.searcher.library, folder)
        yield from self.library(request)

    def welcome(self) -> str:
        """What is shown before anything is searched for."""
        pictures = self.searcher.newest()
        if pictures:
            return welcome_html(pictures, self.language)
        return message_html(
            self.say("No pictures yet"),
            self.say("Add a folder of pictures, here or on the command line:"),
            more=command_html("zhclip index ~/Pictures")
            + f"<p>{button_html(self.say('Add a folder'), main=True, data_sheet='library')}</p>",
        )

    def sheet(self, title: str, content: str) -> str:
        """The content of a sheet."""
        turn = attributes(data_turn=secrets.token_hex(4))
        return f'<h2>{text_html(title)}</h2><div class="zc-answer"{turn}>{content}</div>'

    def error_html(self, error: ZhclipError) -> str:
        """What went wrong, and what to do."""
        return message_html(self.say("That did not work"), translate_error(str(error), self.language), error=True)


def build_page(searcher: Searcher, language: Language) -> gr.Blocks:
    """The page.

    Args:
        searcher: Answers the queries.
        language: Of everything that the page says.
    """
    answers = Answers(searcher, language)

    def html(name: str, value: str = "", **more: Any) -> gr.HTML:
        return gr.HTML(value, apply_default_css=False, elem_id=f"zc-{name}", **more)

    page: gr.Blocks
    with gr.Blocks(
        title=answers.say("zhclip: picture search"), analytics_enabled=False, delete_cache=(600, 600)
    ) as page:
        html("header", header_html(language), js_on_load=None)
        box = gr.MultimodalTextbox(
            placeholder=answers.say("Describe a picture, or drop one here"),
            label=answers.say("Search"),
            show_label=False,
            file_types=["image", ".heic", ".heif", ".avif"],
            file_count="multiple",
            sources=["upload"],
            max_lines=3,
            max_plain_text_length=20_000,
            autofocus=True,
            elem_id="zc-box",
        )
        html("examples", examples_html(language), js_on_load=None)
        panel = html("panel", js_on_load=SCRIPT)
        sheet = html("sheet", js_on_load=None)
        library = html("library", js_on_load=None)
        filters = html("filters", js_on_load=None)
        results = html("results", js_on_load=None)
        more = html("more", js_on_load=None)
        address = gr.Textbox(visible=False)

        shown = [box, panel, filters, results, more]
        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        box.submit(
            answers.sent,
            [box, address],
            shown,
            js=SENDING,
            trigger_mode="multiple",
            **quiet,
        )
        events: dict[str, tuple[Callable[..., Any], list[Any]]] = {
            "act": (answers.acted, shown),
            "more": (answers.more, [more]),
            "why": (answers.why, [sheet]),
            "folder": (answers.folder, [sheet]),
            "library": (answers.library, [library]),
            "add_folder": (answers.add_folder, [library]),
        }
        for name, (answer, outputs) in events.items():
            getattr(panel, name)(answer, None, outputs, trigger_mode="multiple", **quiet)
    return page


def _asked(event: gr.EventData) -> dict[str, Any]:
    asked = event._data.get("asked") if isinstance(event._data, dict) else None
    return asked if isinstance(asked, dict) else {}


def _client(request: gr.Request) -> str | None:
    return request.client.host if request.client else None
