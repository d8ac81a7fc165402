"""Gradio's own texts in the page's language."""

from __future__ import annotations

import json

from zhclip.messages import Language, gettext_noop, translate

_LABELS = (
    gettext_noop("Multimedia input field"),
    gettext_noop("Upload a file"),
    gettext_noop("Uploading"),
    gettext_noop("Uploaded files"),
    gettext_noop("File upload"),
    gettext_noop("File thumbnail"),
    gettext_noop("Click to upload or drop files"),
    gettext_noop("Paste from clipboard"),
    gettext_noop("Remove file"),
    gettext_noop("Submit"),
    gettext_noop("Stop"),
    gettext_noop("Clear"),
    gettext_noop("Close"),
)
"""What Gradio says in English alone, to screen readers: labels of the box and of what belongs to it."""
_SCRIPT = """<script>
for (const name of ["language", "languages"])
  Object.defineProperty(navigator, name, { get: () => (name === "language" ? TAG : [TAG]) });
const labels = LABELS;
const relabel = (node) => {
  for (const name of ["aria-label", "title"]) {
    const label = labels[node.getAttribute(name)];
    if (label) node.setAttribute(name, label);
  }
};
const relabelAll = (records) => {
  for (const { type, target, addedNodes } of records) {
    if (type === "attributes") relabel(target);
    for (const node of addedNodes)
      if (node.nodeType === 1) [node, ...node.querySelectorAll("[aria-label], [title]")].forEach(relabel);
  }
};
new MutationObserver(relabelAll).observe(document, {
  subtree: true, childList: true, attributes: true, attributeFilter: ["aria-label", "title"],
});
</script>"""


def spoken(language: Language) -> str:
    """A script that lets Gradio speak the page's language, whichever the browser's is.

    Args:
        language: The page's.
    """
    labels = {label: translate(label, language) for label in _LABELS} if language == "zh" else {}
    tag = "zh-CN" if language == "zh" else "en"
    return _SCRIPT.replace("TAG", json.dumps(tag)).replace("LABELS", json.dumps(labels, ensure_ascii=False))
