"""The page in one language, made of Gradio's components."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr

from zhclip.errors import ZhclipError
from zhclip.messages import Language, translate, translate_error
from zhclip.page.results import message_html, results_html, similar_html
from zhclip.page.searcher import Searcher

CSS = (Path(__file__).parent / "style.css").read_text(encoding="utf-8")

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" aria-hidden="true">'
    '<rect width="32" height="32" rx="8" fill="#0d9488"/>'
    '<circle cx="14" cy="14" r="6.5" fill="none" stroke="#fff" stroke-width="3"/>'
    '<path d="m19 19 6 6" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>'
)

EXAMPLES = (
    "夕阳 大海 沙滩",
    "a dog running on grass",
    "雪山",
    "a red car",
    "夜空中的烟花",
    "a sailing boat",
)

# One listener for all hits, however often they are replaced.
ON_RESULTS = """
element.addEventListener('click', event => {
  const button = event.target.closest('[data-id]');
  if (button) trigger('similar', {id: button.dataset.id});
});
watch('value', () => { if (element.getBoundingClientRect().top < 0) element.scrollIntoView(); });
"""

Query = dict[str, Any]
"""A value of Gradio's multimodal box: ``{"text": str, "files": [path]}``."""


def theme() -> gr.themes.Base:
    """Quiet colours and the system's own fonts, so that nothing is fetched."""
    fonts = [
        "system-ui",
        "-apple-system",
        "Segoe UI",
        "PingFang SC",
        "Microsoft YaHei",
        "Noto Sans CJK SC",
        "sans-serif",
    ]
    return gr.themes.Base(
        primary_hue="teal",
        secondary_hue="teal",
        neutral_hue="stone",
        radius_size="lg",
        font=fonts,
        font_mono=["ui-monospace", "Menlo", "Consolas", "monospace"],
    ).set(
        body_text_color_subdued="*neutral_500",
        body_text_color_subdued_dark="*neutral_400",
        input_background_fill="white",
        input_background_fill_dark="*neutral_900",
        input_placeholder_color="*neutral_500",
        link_text_color="*primary_700",
        link_text_color_dark="*primary_300",
    )


def build_page(searcher: Searcher, language: Language) -> gr.Blocks:
    """The page.

    Args:
        searcher: Answers the queries.
        language: Of everything that the page says.
    """

    def say(message: str) -> str:
        return translate(message, language)

    def find(query: str | Path, *, without: Path | None = None, notes: Sequence[str] = ()) -> str:
        try:
            found = searcher.search(query)
        except ZhclipError as error:
            # Where an uploaded picture is kept says nothing to anybody.
            text = str(error).replace(str(query), query.name) if isinstance(query, Path) else str(error)
            return message_html(say("That did not work"), translate_error(text, language), error=True)
        notes = [*notes, *(translate_error(note, language) for note in found.notes)]
        hits = [hit for hit in found.hits if hit.path != without]
        return results_html(hits, language, notes=notes)

    def search(query: Query) -> tuple[str, str]:
        text, files = query["text"].strip(), query["files"]
        if files:
            # For now a picture is searched for by itself, and the page says so.
            aside = [say("The words were left out: a picture is searched for by itself.")] if text else []
            return find(Path(files[0]), notes=aside), header_html(language)
        return (find(text) if text else welcome()), header_html(language, text)

    def similar(event: gr.EventData) -> str:
        picture = searcher.library.get_by_id(str(event.id))
        if picture is None:
            return message_html(say("That did not work"), say("Search again."), error=True)
        return similar_html(picture.id, language) + find(picture.path, without=picture.path)

    def welcome() -> str:
        if len(searcher):
            return ""
        return message_html(
            say("No pictures yet"),
            say("Stop this page, put your pictures into the library, and start it again:"),
            command="zhclip index ~/Pictures\nzhclip demo",
        )

    def open_page(request: gr.Request) -> tuple[Any, str, str, str]:
        text = str(request.query_params.get("q", "")).strip()
        query: Query = {"text": text, "files": []}
        count = say("{count} pictures in the library").format(count=f"{len(searcher):,}")
        # What somebody typed before this arrived must stay.
        return query if text else gr.skip(), f'<p class="zc-count">{count}</p>', *search(query)

    page: gr.Blocks
    with gr.Blocks(title=say("zhclip: picture search"), analytics_enabled=False, delete_cache=(600, 600)) as page:
        header = gr.HTML(header_html(language), apply_default_css=False, elem_id="zc-header")
        box = gr.MultimodalTextbox(
            placeholder=say("Say what the picture shows, or drop a picture here"),
            label=say("Search"),
            show_label=False,
            file_types=["image", ".heic", ".heif", ".avif"],
            file_count="single",
            sources=["upload"],
            max_lines=3,
            max_plain_text_length=20_000,
            autofocus=True,
            elem_id="zc-box",
        )
        with gr.Row(elem_id="zc-examples"):
            examples = [gr.Button(example, size="sm", min_width=0) for example in EXAMPLES]
        count = gr.HTML(apply_default_css=False, elem_id="zc-count")
        results = gr.HTML(apply_default_css=False, elem_id="zc-results", js_on_load=ON_RESULTS)

        page.load(open_page, None, [box, count, results, header], api_visibility="private")
        box.submit(search, box, [results, header], api_visibility="private")
        results.similar(similar, None, results, api_visibility="private")
        for button in examples:
            button.click(lambda text: {"text": text, "files": []}, button, box, api_visibility="private").then(
                search, box, [results, header], api_visibility="private"
            )
    return page


def header_html(language: Language, text: str = "") -> str:
    """The name of the page, and the switch to the other language, which keeps the query."""
    other, name = ("en", "English") if language == "zh" else ("zh", "中文")
    query = f"?{urlencode({'q': text})}" if text else ""
    return (
        f'<header class="zc-header"><p class="zc-name">{ICON}zhclip</p>'
        f'<a class="zc-language" href="/{other}/{query}" hreflang="{other}" lang="{other}">{name}</a></header>'
        f'<h1 class="zc-title">{translate("Find a picture by saying what it shows", language)}</h1>'
    )
