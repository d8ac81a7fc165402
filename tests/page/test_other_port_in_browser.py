"""What a page on another port of this machine, open in the same browser, can do with ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from PIL import Image
from playwright.sync_api import Browser, expect

from tests.page.browser import serving_here
from zhclip.library.picture import picture_id
from zhclip.models import Encoder
from zhclip.search import Library

ATTACK = """async ({target, picture, folder}) => {
  const json = {method: 'POST', headers: {'Content-Type': 'application/json'}, credentials: 'include'};
  const simple = {method: 'POST', mode: 'no-cors', credentials: 'include'};
  const add = JSON.stringify({folder});
  const form = new FormData();
  form.append('files', new Blob(['x']), 'a.png');
  const requests = {
    page: ['/en/', {}],
    library: ['/v1/library', {}],
    token: ['/page/visit', {credentials: 'include'}],
    opaque_token: ['/page/visit', {credentials: 'include', mode: 'no-cors'}],
    search: ['/v1/search', {...json, body: '{"query": "a"}'}],
    simple_search: ['/v1/search', {...simple, body: '{"query": "a"}'}],
    event: ['/page/en/act', {...json, body: '{"do": "open", "at": "?q=red"}'}],
    add: ['/page/en/add_folder', {...json, body: add}],
    simple_add: ['/page/en/add_folder', {...simple, body: add}],
    upload: ['/en/gradio_api/upload', {...simple, body: form}],
    original: [`/pictures/${picture}/original`, {mode: 'no-cors'}],
  };
  const out = {};
  for (const [name, [path, options]] of Object.entries(requests))
    out[name] = await fetch(target + path, options).then(answer => `${answer.type} ${answer.status}`, () => 'blocked');
  for (const path of [`/pictures/${picture}`, `/pictures/${picture}/original`])
    out[path] = await new Promise(done => {
      const image = new Image();
      image.onload = () => done('loaded');
      image.onerror = () => done('blocked');
      image.src = target + path;
    });
  return out;
}"""


class Elsewhere(BaseHTTPRequestHandler):
    """An empty page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>elsewhere</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def elsewhere() -> Iterator[str]:
    """A page on a port of its own."""
    with HTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_a_page_on_another_port_learns_and_does_nothing(
    chromium: Browser, tiny_encoder: Encoder, tmp_path: Path
) -> None:
    for name in ("photos", "others"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (40, 30), "red").save(tmp_path / name / "red.png")
    picture = picture_id(tmp_path / "photos" / "red.png")
    context = chromium.new_context()
    with Library(tmp_path / "photos.db", model=tiny_encoder) as library:
        library.add(tmp_path / "photos")
        with serving_here(library, api=True) as address, elsewhere() as other:
            ours, theirs = context.new_page(), context.new_page()
            ours.goto(f"{address}/en/")  # whose cookie the browser sends to both
            ours.wait_for_selector(".zc-hit")
            theirs.goto(other)
            given = {"target": address, "picture": picture, "folder": str(tmp_path / "others")}
            reached = {name: answer for name, answer in theirs.evaluate(ATTACK, given).items() if answer != "blocked"}
            # Browsers send those without asking, and give nothing away of the answers; what they order is refused.
            assert reached.keys() <= {"simple_search", "simple_add", "upload"}, reached
            assert set(reached.values()) <= {"opaque 0"}, reached
            allowed = ours.evaluate(ATTACK, given)  # so that what was refused was not wrong in itself
            assert allowed["library"] == allowed["search"] == allowed["token"] == "basic 200"
            assert allowed[f"/pictures/{picture}"] == "loaded"
            ours.click("[data-sheet=library]")
            expect(ours.locator("dialog[open] .zc-facts")).to_contain_text("pictures1")
            expect(ours.locator("dialog[open]")).not_to_contain_text("others")
            for page in (ours, theirs):
                page.goto("about:blank")  # before the server ends, which the page would report
    context.close()
