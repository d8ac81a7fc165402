"""What the page answers to each event, as the HTML of its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from zhclip.errors import PictureError, ZhclipError
from zhclip.messages import Language, translate
from zhclip.page.actions import act
from zhclip.page.address import MOST_CHARACTERS, Search
from zhclip.page.library_view import library_html
from zhclip.page.markup import button_html, command_html, message_html, readable, say, text_html
from zhclip.page.opening import open_folder
from zhclip.page.panel import filters_html, panel_html
from zhclip.page.results import hits_html, more_button, results_html, welcome_html
from zhclip.page.searcher import TOP_K, Searcher
from zhclip.page.why import why_html
from zhclip.server.originals import read_original

Parts = dict[str, Any]
"""HTML by the names of the page's parts, and what the script must know."""


class Dropped(BaseModel):
    """A picture that was dropped, as the browser names it."""

    model_config = ConfigDict(strict=True)

    id: str = Field(max_length=64)
    name: str = Field(default="", max_length=1000)


class Answers:
    """Answers one visitor.

    Args:
        searcher: Answers the queries.
        language: Of everything that the page says.
        visitor: Whose uploads may be used.
        here: The visitor is on the machine that holds the library.
    """

    def __init__(self, searcher: Searcher, language: Language, visitor: str, *, here: bool) -> None:
        self.searcher = searcher
        self.language = language
        self.visitor = visitor
        self.here = here

    def say(self, message: str, **values: object) -> str:
        """A message in the page's language."""
        return say(message, self.language, **values)

    def send(self, at: str, text: str, pictures: list[Dropped]) -> Parts:
        """The box was sent: its text, and the pictures in it."""
        search = Search.parse(at)
        for picture in pictures:
            try:
                self.searcher.uploads.get(self.visitor, picture.id)
            except PictureError as error:
                refused = self.error_html(error, title=picture.name or self.say("That did not work"))
                return {"panel": panel_html(search, (), self.language), "results": refused}
        keys = [picture.id for picture in pictures]
        return self.show(search.with_box(readable(text).strip()[:MOST_CHARACTERS], keys))

    def act(self, asked: dict[str, Any]) -> Parts:
        """Something was clicked, or the page was opened."""
        search = act(Search.parse(asked.get("at", "")), asked)
        if asked.get("do") == "filter":
            return self.filter(search)
        parts = self.show(search, count=asked.get("count", 0))
        if asked.get("fresh") and not search.text:
            del parts["box"]  # what somebody typed before this arrived must stay
        return parts

    def filter(self, search: Search) -> Parts:
        """The filters were sent; those that make no sense change nothing but a line below them."""
        try:
            search.filters.to_where()
        except ZhclipError as error:
            return {"refused": text_html(translate(str(error), self.language))}
        return {**self.show(search), "close": "filters"}

    def show(self, search: Search, *, count: int = 0) -> Parts:
        """A search: the box, the panel, the filters, the results."""
        language = self.language
        understood: tuple[str, ...] = ()
        folders: list[str] = []
        try:
            folders = self.searcher.folders()
            if search.parts:
                found = self.searcher.search(search, self.visitor, count=count)
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
        return {
            "box": search.text,
            "panel": panel_html(search, understood, language),
            "filters": filters_html(search, folders, language),
            "results": results,
        }

    def more(self, at: str, offset: int, shown: int, *, anything: bool) -> Parts:
        """The hits that come after those that are shown; with ``anything``, those that hardly fit among them.

        Args:
            at: The query string of the page's address.
            offset: Of the first that is not shown yet.
            shown: How many are.
            anything: Show what hardly fits from now on, too.
        """
        search = Search.parse(at)
        if anything:
            # What was withheld may rank between what is shown: all is asked for again, and the script leaves out
            # what it has.
            search, offset, count = replace(search, anything=True), 0, shown + TOP_K
        else:
            count = TOP_K
        try:
            found = self.searcher.search(search, self.visitor, offset=offset, count=count)
        except ZhclipError as error:
            return {"refused": text_html(translate(str(error), self.language))}
        more = {
            "hits": hits_html(found.hits, self.language),
            "next": found.next,
            "button": more_button(found, self.language),
        }
        return {**more, "panel": panel_html(search, found.understood, self.language)} if anything else more

    def why(self, at: str, identity: str) -> Parts:
        """Why a picture was found."""
        title = self.say("Why this picture")
        try:
            picture = self.searcher.picture(identity)
            query = self.searcher.query(Search.parse(at), self.visitor)
            file = read_original(picture)
            explanation = self.searcher.library.explain(query, file, warn=False)
            return self.sheet(title, why_html(explanation, file, picture.path, self.language))
        except ZhclipError as error:
            return self.sheet(title, self.error_html(error))

    def folder(self, identity: str) -> Parts:
        """The folder of a picture, in the file manager or as a path."""
        title = self.say("Open folder")
        try:
            picture = self.searcher.picture(identity)
        except ZhclipError as error:
            return self.sheet(title, self.error_html(error))
        opened = self.here and open_folder(picture.path.parent)
        hint = self.say("The folder is open in your file manager." if opened else "The picture is here:")
        copy = button_html(self.say("Copy the path"), data_copy=picture.path, data_done=self.say("Copied"))
        return self.sheet(
            title,
            f'<p>{hint}</p><p class="zc-path">{text_html(picture.path)}</p><p>{copy}</p>',
        )

    def library(self) -> Parts:
        """The library view, and whether it changes because a folder is being added."""
        adding = self.searcher.adding
        running = adding is not None and adding.running
        return {
            "sheet": library_html(self.searcher, adding, self.language, here=self.here),
            "again": running,
        }

    def add_folder(self, folder: str) -> Parts:
        """A folder is to be added to the library."""
        if folder.strip() and self.here:
            self.searcher.add(folder.strip())
        return self.library()

    def welcome(self) -> str:
        """What is shown before anything is searched for."""
        pictures = self.searcher.newest()
        if pictures:
            return welcome_html(pictures, self.language)
        if len(self.searcher):
            title = self.say("The pictures are no longer at their place")
            hint = self.say("Connect the disk that they are on, or add the folder that they are in now:")
        else:
            title = self.say("No pictures yet")
            hint = self.say("Add a folder of pictures, here or on the command line:")
        return message_html(
            title,
            hint,
            more=command_html("zhclip index ~/Pictures")
            + f"<p>{button_html(self.say('Add a folder'), main=True, data_sheet='library')}</p>",
        )

    def sheet(self, title: str, content: str) -> Parts:
        """The content of a sheet."""
        return {"sheet": f'<h2>{text_html(title)}</h2><div class="zc-answer">{content}</div>'}

    def error_html(self, error: ZhclipError, title: str = "") -> str:
        """What went wrong, and what to do."""
        text = translate(str(error), self.language)
        return message_html(title or self.say("That did not work"), text, error=True)
