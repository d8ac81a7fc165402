"""What the command line and the page say, in English and in Chinese.

Code holds the English text; :data:`CHINESE` gives the Chinese for it. A message with values
holds ``{names}`` and is filled with ``str.format`` after it has been translated.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Literal

Language = Literal["en", "zh"]


def system_language() -> Language:
    """The language that the environment asks for (``LC_ALL``, ``LC_MESSAGES``, ``LANG``); English if none."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def translate(message: str, language: Language | None = None) -> str:
    """A message in a language.

    Args:
        message: The English text, as it stands in :data:`CHINESE`.
        language: The system's by default.

    Returns:
        The text; the English where there is no Chinese for it.
    """
    return CHINESE.get(message, message) if (language or system_language()) == "zh" else message


def translate_error(message: str, language: Language | None = None) -> str:
    """The message of an error or a warning, values and all, in a language.

    Args:
        message: As ``str(error)`` gives it.
        language: The system's by default.

    Returns:
        The text; the English where there is no Chinese for it.
    """
    if (language or system_language()) == "zh":
        for pattern, chinese in _chinese_errors():
            if match := pattern.fullmatch(message):
                return chinese.format(**match.groupdict())
    return message


@cache
def _chinese_errors() -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english)), re.DOTALL), chinese)
        for english, chinese in CHINESE_ERRORS.items()
    ]


CHINESE = {
    # The command line
    "Examples:": "示例：",
    "Print the version.": "显示版本。",
    "see": "见",
    "warning": "警告",
    "unexpected error": "意外错误",
    "stopped; what is done stays": "已停止；已完成的部分保留",
    "Search your pictures in Chinese and English, on your own machine.": "用中文和英文搜索你的图片，全部在本机完成。",
    "Put the pictures of folders into the library, or bring it up to date.": "把文件夹中的图片加入图库，或更新图库。",
    "Find pictures by words in Chinese, English or both, or by a picture.": "用中文、英文或一张图片搜索图片。",
    "Open the library as a web page on this machine.": "在本机以网页打开图库。",
    "Show what the library holds.": "显示图库的内容。",
    "Take pictures out of the library; the files stay.": "从图库中移除图片；文件本身保留。",
    "Pictures, or folders of them; the files stay.": "图片，或图片文件夹；文件本身保留。",
    "{count} pictures removed": "已移除 {count} 张图片",
    "{count} pictures in {library}": "图库 {library} 中有 {count} 张图片",
    "and {count} more that could not be read": "另有 {count} 个文件无法读取",
    "added {added}, updated {updated}, unchanged {unchanged}, removed {removed}, failed {failed}": (
        "新增 {added}，更新 {updated}，未变 {unchanged}，移除 {removed}，失败 {failed}"
    ),
    "List the files that could not be read, and why.": "列出无法读取的文件及原因。",
    "library": "图库",
    "model": "模型",
    "could not be read": "无法读取",
    "Folders of pictures; those inside them count too.": "图片文件夹，包括其中的子文件夹。",
    "What the picture shows. Several words need no quotes.": "画面内容；多个词不必加引号。",
    "A picture, to find pictures like it.": "一张图片，用来找与它相似的图片。",
    "How many pictures to show.": "显示多少张图片。",
    "Print JSON instead of a table.": "输出 JSON，而不是表格。",
    "Show the pictures that come with zhclip instead of your own.": "显示 zhclip 自带的图片，而不是你的图库。",
    "Where to listen; 0 takes a free port.": "监听的端口；0 表示任选一个空闲端口。",
    "Open the page in your browser.": "在浏览器中打开页面。",
    "The library: a file, or the address of a Milvus server. Your own library by default.": (
        "图库：一个文件，或 Milvus 服务器的地址。默认是你自己的图库。"
    ),
    "The model: a name, or a model folder. The one that the library was made with by default, else mini.": (
        "模型：名称或模型文件夹。默认是建库时用的模型，否则是 mini。"
    ),
    "nothing fits; try other words": "没有合适的图片；换个说法试试",
    "relevance": "相关度",
    "score": "得分",
    "picture": "图片",
    "caption": "说明",
    "The page is at {address} (Ctrl-C stops it)": "页面地址：{address}（按 Ctrl-C 停止）",
    # The page
    "zhclip: picture search": "zhclip：图片搜索",
    "Find a picture by saying what it shows": "想找哪张图片，说出画面就行",
    "Say what the picture shows, or drop a picture here": "描述画面，或把一张图片拖到这里",
    "Search": "搜索",
    "{count} pictures in the library": "图库中有 {count} 张图片",
    "Find similar": "找相似",
    "Pictures like this one": "与这张相似的图片",
    "cosine": "余弦相似度",
    "The words were left out: a picture is searched for by itself.": "文字未参与搜索：目前图片单独搜索。",
    "Nothing fits": "没有合适的图片",
    "Try other words, or fewer of them.": "换个说法，或少用几个词再试试。",
    "That did not work": "没能完成搜索",
    "Search again.": "请重新搜索。",
    "No pictures yet": "图库还是空的",
    "Stop this page, put your pictures into the library, and start it again:": (
        "请先停止本页面，把图片加入图库，再重新打开："
    ),
    # Training data
    "Look into training data.": "检查训练数据。",
    "Read all data of a training run once, and say what is wrong with it.": "把一次训练的全部数据读一遍，找出问题。",
    "The configuration file of a training run.": "训练的配置文件。",
    "Values to change, as in data.filters.min_side=64.": "要改动的值，例如 data.filters.min_side=64。",
    "training": "训练",
    "validation": "验证",
    "pictures": "图片",
    "cannot be read": "无法读取",
    "without a caption": "没有说明文字",
    "same as another": "与另一张相同",
    "in the training data, too": "同时在训练数据中",
    "captions": "说明文字",
    "blank": "空白",
    "longer than the model reads": "超过模型能读的长度",
    "repeated": "重复",
    "unknown tokens": "未知词元",
    "most frequent unknown tokens": "最常见的未知词元",
    "left out": "滤除",
    "texts too short": "过短的文字",
    "texts that are file names": "实为文件名的文字",
    "texts of too many pictures": "过多图片共用的文字",
    "pictures with no text left": "不再有文字的图片",
    "pictures too small": "过小的图片",
    "pictures too long or too wide": "过长或过宽的图片",
    "usable pictures": "可用图片",
    "more; --json names all": "张未列出；--json 列出全部",
}
"""Chinese for what the command line and the page say."""

CHINESE_ERRORS: dict[str, str] = {}
"""Chinese for errors and warnings: ``{name}`` stands for a value, the same on both sides."""
