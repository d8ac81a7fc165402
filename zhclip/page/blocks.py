"""The page in one language, made of Gradio's components.

Gradio draws the page and looks after its box. It answers no event: the script asks the routes of
:mod:`zhclip.page.events`, and Gradio's own are closed (:mod:`zhclip.page.closed`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from zhclip.messages import Language
from zhclip.page.header import examples_html, header_html
from zhclip.page.markup import say

SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")
# Both run in the browser alone: what is in the box goes to the script, and what the script puts there comes back.
TO_SCRIPT = "box => { document.dispatchEvent(new CustomEvent('zc-send', {detail: box})); return []; }"
FROM_SCRIPT = "() => [document.documentElement.zcBox]"


def build_page(language: Language, *, max_upload: int) -> gr.Blocks:
    """The page.

    Args:
        language: Of everything that the page says.
        max_upload: The most bytes that may be sent at once.
    """

    def html(name: str, value: str = '<div class="zc-slot"></div>', **more: Any) -> gr.HTML:
        return gr.HTML(value, apply_default_css=False, elem_id=f"zc-{name}", js_on_load=None, **more)

    page: gr.Blocks
    with gr.Blocks(title=say("zhclip: picture search", language), analytics_enabled=False) as page:
        html("header", header_html(language, max_upload=max_upload))
        box = gr.MultimodalTextbox(
            placeholder=say("Describe a picture, or drop one here", language),
            label=say("Search", language),
            show_label=False,
            file_types=["image", ".heic", ".heif", ".avif"],
            file_count="multiple",
            sources=["upload"],
            max_lines=3,
            max_plain_text_length=20_000,
            autofocus=True,
            elem_id="zc-box",
        )
        html("examples", examples_html(language))
        for name in ("panel", "sheet", "library", "filters", "results"):
            html(name)
        script = gr.HTML("", apply_default_css=False, elem_id="zc-script", js_on_load=SCRIPT)
        in_the_browser: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
        box.submit(None, [box], None, js=TO_SCRIPT, **in_the_browser)
        script.change(None, None, [box], js=FROM_SCRIPT, **in_the_browser)
    return page
