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
    "Learn what a model's scores mean, so that a search can say that nothing fits.": (
        "校准模型的分数，使搜索能够说“没有合适的图片”。"
    ),
    "Captioned pictures that the model was not trained on.": "带有描述、且未用于训练该模型的图片。",
    "A model folder; the calibration goes there.": "模型文件夹；校准结果写入其中。",
    "Right answers that the threshold must keep, in percent.": "阈值必须保留的正确结果的百分比。",
    "A caption field to use; may be given again. zh and en by default.": (
        "要使用的描述字段，可多次给出；默认为 zh 和 en。"
    ),
    "A PNG file for the reliability diagram and the threshold's curve.": "可靠性图与阈值曲线的 PNG 文件。",
    "wrote {target}; the threshold {threshold} keeps {kept} of right answers, withholds {withheld} of wrong ones, "
    "and shows nothing in {silent} of searches for what is not there": (
        "已写入 {target}；阈值 {threshold} 保留 {kept} 的正确结果，拦下 {withheld} 的错误结果；"
        "搜索图库中没有的内容时，{silent} 的搜索不显示任何结果"
    ),
    # The command line
    "Examples:": "示例：",
    "Print the version.": "显示版本。",
    "see": "见",
    "warning": "警告",
    "unexpected error": "意外错误",
    "stopped; what is done stays": "已停止；已完成的部分保留",
    "Search your pictures in Chinese and English, on your own machine.": "用中文和英文搜索你的图片，全部在本机完成。",
    "Put the pictures of folders into the library, or bring it up to date.": "把文件夹中的图片加入图库，或更新图库。",
    "Find pictures by words in Chinese, English or both, by pictures, or by all of these.": (
        "用中文、英文、图片，或同时用它们搜索图片。"
    ),
    "Find the captions that describe a picture: among the library's, or in a list.": (
        "为一张图片找合适的说明：从图库已有的说明中，或从一份列表中。"
    ),
    "A picture; it need not be in the library.": "一张图片，不必在图库中。",
    "A text file of captions, one a line. The library's own by default.": (
        "说明的文本文件，每行一条。默认用图库中的说明。"
    ),
    "How many captions to show.": "显示多少条说明。",
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
    "Your pictures": "你的图片",
    "Models": "模型",
    "A CSV table with the columns image, caption and tags.": "CSV 表格，列名为 image、caption 和 tags。",
    "Go on until Ctrl-C, and follow the folders as they change.": "持续运行直到按 Ctrl-C，随文件夹的变化更新图库。",
    "watching; Ctrl-C stops it": "正在监视；按 Ctrl-C 停止",
    "Copy the library to another file or a Milvus server, and check the copy.": (
        "把图库复制到另一个文件或 Milvus 服务器，并核对副本。"
    ),
    "Where to: a file, or the address of a Milvus server.": "目标：一个文件，或 Milvus 服务器的地址。",
    "{files} pictures are at {library} now; {verified} sample queries gave the same answers": (
        "{library} 现有 {files} 张图片；{verified} 个抽样查询的结果一致"
    ),
    "Write the library's pictures and vectors to a Parquet file.": "把图库中的图片信息和向量写入 Parquet 文件。",
    "Read a Parquet file that zhclip export wrote into the library.": "把 zhclip export 写的 Parquet 文件读入图库。",
    "A Parquet file; it is written.": "要写入的 Parquet 文件。",
    "A Parquet file that zhclip export wrote.": "zhclip export 写的 Parquet 文件。",
    "{count} pictures written to {file}": "已把 {count} 张图片写入 {file}",
    "{count} pictures read from {file} into {library}": "已从 {file} 读入 {count} 张图片到 {library}",
    "Take only these files, for example *.jpg.": "只要这些文件，例如 *.jpg。",
    "Leave out these files and folders.": "排除这些文件和文件夹。",
    "Keep pictures in the library whose files are gone.": "文件已不存在的图片仍留在图库中。",
    "Embed the library's pictures with another model; the old one answers until it is done.": (
        "用另一个模型重新处理图库中的图片；完成之前仍用旧模型搜索。"
    ),
    "The new model: a name, or a model folder. The same by default.": "新模型：名称或模型文件夹。默认不换模型。",
    "{count} pictures are found by words now": "现在可以用文字检索 {count} 张图片的说明、标签和文件名",
    "Let pictures go whose files cannot be read.": "移出文件无法读取的图片。",
    "{count} pictures are now of the model {model}": "{count} 张图片已改用模型 {model}",
    "not complete yet: zhclip reindex --model {model}": "尚未完成：zhclip reindex --model {model}",
    "library": "图库",
    "model": "模型",
    "could not be read": "无法读取",
    "Folders of pictures; those inside them count too.": "图片文件夹，包括其中的子文件夹。",
    "What the picture shows. Several words need no quotes.": "画面内容；多个词不必加引号。",
    "What to look for": "要找什么",
    "Only pictures that are like this": "只要这样的图片",
    "A picture like those to find; with words, both count. May be given again.": (
        "与所找图片相似的图片；与文字一起给出时两者都算。可给出多次。"
    ),
    "Something else that the picture shows, and how much it counts. May be given again.": (
        "画面中的其他内容及其权重。可给出多次。"
    ),
    "What the picture must not show. May be given again.": "画面中不应出现的内容。可给出多次。",
    "A picture that hits must not be like. May be given again.": "结果不应与之相似的图片。可给出多次。",
    "All parts must be in the picture: rank by the weakest.": "每一部分都必须在画面中：按最不符合的部分排序。",
    "Take 'without people' as words to look for, not as an exclusion.": "把“没有人”这类说法当作普通文字，而不是排除。",
    "How much captions, tags and file names count beside the looks: 0 to 1.": (
        "说明、标签和文件名相对画面的权重：0 至 1。"
    ),
    "Leave out hits that are less likely to fit; 0 shows all. The model's own limit by default.": (
        "滤去相关度更低的结果；0 表示全部显示。默认用模型自己的阈值。"
    ),
    "Below this folder.": "在此文件夹之下。",
    "With this in the file's name.": "文件名含有此内容。",
    "Of this format, as JPEG or PNG. May be given again.": "此格式，如 JPEG 或 PNG。可给出多次。",
    "How it lies.": "方向：横、竖或方。",
    "In pixels.": "单位为像素。",
    "Size of the file.": "文件大小（字节）。",
    "Taken on this day or later: 2024, 2024-05, 2024-05-01, or a moment 2024-05-01T18:30.": (
        "在此日或之后拍摄：2024、2024-05、2024-05-01，或时刻 2024-05-01T18:30。"
    ),
    "Taken on this day or before (a year or month counts whole), or before this moment.": (
        "在此日或之前拍摄（年、月按整年、整月计），或在此时刻之前。"
    ),
    "As EXIF names it.": "相机名，与 EXIF 中一致。",
    "With this tag. May be given again.": "带有此标签。可给出多次。",
    "Taken near this place, in degrees.": "在此地点附近拍摄（纬度,经度）。",
    "How near, in kilometres.": "附近的范围，单位为公里。",
    "Leave out this many of the best.": "略过最前面的这么多张。",
    "no more hits": "没有更多结果了",
    "understood: {sought}, without {negated} (--literal takes the words as they are)": (
        "理解为：{sought}，排除 {negated}（--literal 则按原文搜索）"
    ),
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
    "nothing fits well; try other words, or --min-relevance 0 for the nearest": (
        "没有合适的图片；换个说法试试，或用 --min-relevance 0 显示最接近的"
    ),
    "relevance": "相关度",
    "score": "得分",
    "picture": "图片",
    "caption": "说明",
    "The page is at {address} (Ctrl-C stops it)": "页面地址：{address}（按 Ctrl-C 停止）",
    "Measure a model: recall over captioned pictures, or zero-shot accuracy over labelled ones.": (
        "评测模型：在带描述的图片上测召回率，或在带标签的图片上测零样本准确率。"
    ),
    "Captioned or labelled pictures: a file or a folder.": "带描述或带标签的图片：文件或文件夹。",
    "Classify labelled pictures instead of measuring recall.": "对带标签的图片分类，而不是测召回率。",
    "A caption field to measure; may be given again. zh and en by default.": (
        "要评测的描述字段，可给出多次。默认为 zh 和 en。"
    ),
    "Only labelled pictures of this split.": "只用属于这一划分（split）的带标签图片。",
    "A folder for a report: Markdown, JSON, a chart.": "存放报告的文件夹：Markdown、JSON 和图表。",
    "A folder for the ten best answers to each query, as Chinese-CLIP's scripts read them.": (
        "存放每个查询前十个结果的文件夹，格式与 Chinese-CLIP 评测脚本一致。"
    ),
    "wrote {target}": "已写入 {target}",
    "Say which of some names fits each picture best, or that none does.": "判断每张图片最符合哪个名称，或都不符合。",
    "Pictures to classify.": "要分类的图片。",
    "Names to choose from, with commas between them.": "候选名称，用逗号分隔。",
    "A text file of names, one a line.": "名称文本文件，每行一个。",
    "How many names to show.": "显示多少个名称。",
    "none of these": "都不是",
    "Convert a model between Chinese-CLIP's .pt file and a transformers folder.": (
        "在 Chinese-CLIP 的 .pt 文件与 transformers 模型文件夹之间转换。"
    ),
    "A .pt file, a model folder, or a name.": ".pt 文件、模型文件夹或模型名称。",
    "Where to: a folder, or a file whose name ends in .pt.": "写到哪里：文件夹，或以 .pt 结尾的文件。",
    "wrote {target}; vectors differ by at most {pictures} (pictures) and {texts} (texts)": (
        "已写入 {target}；向量最大差异：图片 {pictures}，文本 {texts}"
    ),
    "Write a model as ONNX files, which run without PyTorch.": "把模型导出为 ONNX 文件，运行时不需要 PyTorch。",
    "Where to; the folder must not exist.": "写到哪里；该文件夹须尚不存在。",
    "A model: a name, a folder, or a file.": "模型：名称、文件夹或文件。",
    "wrote {target}; load it with zhclip.load_model": "已写入 {target}；用 zhclip.load_model 载入",
    # The page
    "zhclip: picture search": "zhclip：图片搜索",
    "Find a picture by saying what it shows": "想找哪张图片，说出画面就行",
    "Describe a picture, or drop one here": "描述画面，或拖入图片",
    "Search": "搜索",
    "Library": "图库",
    "Examples": "示例",
    "The query": "查询",
    "Results": "结果",
    "In your library": "图库中的图片",
    "More like this": "找相似的",
    "Nothing like this": "排除与它相似的",
    "Why this picture": "为什么是这张",
    "Open folder": "打开所在文件夹",
    "Show more": "显示更多",
    "Close": "关闭",
    "cosine": "余弦相似度",
    "Nothing fits well": "没有很合适的图片",
    "No picture is likely to show this. Try other words, or look at what comes nearest.": (
        "图库里大概没有这样的画面。换个说法，或看看最接近的图片。"
    ),
    "Show the nearest anyway": "仍然显示最接近的",
    "Nothing fits": "没有合适的图片",
    "No picture passes the filters.": "没有图片符合筛选条件。",
    "Take the filters away": "清除筛选",
    "Try other words, or fewer of them.": "换个说法，或少用几个词再试试。",
    "What should the pictures show?": "要找什么样的画面？",
    "Say it in the box, or drop a picture there.": "请在搜索框中描述，或把一张图片拖进去。",
    "That did not work": "没能完成",
    "Search again.": "请重新搜索。",
    "and also…": "还要有…",
    "without…": "不要有…",
    "without": "不含",
    "All of these in one picture": "须同时出现",
    "Take my words literally": "按字面理解",
    "Understood from your words": "根据你的话理解",
    "Show what hardly fits, too": "也显示不太合适的",
    "Start over": "重新开始",
    "Take {name} away": "去掉{name}",
    "{name} counts less": "降低{name}的权重",
    "{name} counts more": "提高{name}的权重",
    "Filters": "筛选",
    "Folder": "文件夹",
    "File name": "文件名",
    "From": "起始日期",
    "Until": "截止日期",
    "Format": "格式",
    "Shape": "形状",
    "Landscape": "横向",
    "Portrait": "纵向",
    "Square": "方形",
    "Width from": "最小宽度",
    "Height from": "最小高度",
    "Tags": "标签",
    "Near": "地点附近",
    "Within km": "范围（公里）",
    "Any": "不限",
    "beach, family": "海滩，家人",
    "Captions and names count too": "说明文字和文件名也算",
    "Apply": "应用",
    "The picture, with warm colours where it fits the query": "图片，暖色处与查询相符",
    "Warm colours: where the picture fits the query. Press on it to see it plain.": (
        "暖色：画面中与查询相符的地方。按住图片可看原图。"
    ),
    "What each word did": "每个词的作用",
    "spoke for this picture": "支持这张图片",
    "spoke against it": "不支持这张图片",
    "The folder is open in your file manager.": "已在文件管理器中打开。",
    "The picture is here:": "图片在这里：",
    "Copy the path": "复制路径",
    "Copied": "已复制",
    "No pictures yet": "图库还是空的",
    "Add a folder of pictures, here or on the command line:": "把图片文件夹加入图库，在这里或在命令行：",
    "Add a folder": "添加文件夹",
    "Add": "添加",
    "Folders": "文件夹",
    "Folders are added on the machine that holds the library:": "请在存放图库的电脑上添加文件夹：",
    "With all folders inside it. The pictures stay where they are.": "包括其中的子文件夹；图片仍在原处。",
    "{done} of {total} files": "{total} 个文件中的第 {done} 个",
    "Looking for pictures…": "正在查找图片…",
    "{count} could not be read": "{count} 个无法读取",
    "The folder was not added": "没能添加文件夹",
    "The library cannot be read": "无法读取图库",
    "being embedded anew with": "正在改用模型",
    "and {count} more": "另有 {count} 个",
    "files": "文件",
    # Why a picture was found
    "Say why a picture fits a query: which words carried it, and where in the picture they are.": (
        "说明一张图片为什么符合查询：哪些词起了作用，图中哪里符合。"
    ),
    "What was searched for.": "搜索的内容。",
    "Write the picture with warm colours where it fits the query (.png, .jpg, .webp).": (
        "写出叠加暖色的图片，暖色处符合查询（.png、.jpg、.webp）。"
    ),
    "written to {file}": "已写入 {file}",
    "word": "词",
    "what it did for the score": "对分数的作用",
    "excluded": "排除",
    # The service
    "Serve the library to other programs over HTTP, and the page with it.": (
        "通过 HTTP 向其他程序提供图库搜索，并附带网页。"
    ),
    "The address to listen on.": "监听的地址。",
    "What clients must send: Authorization: Bearer TOKEN.": "客户端必须发送的令牌：Authorization: Bearer TOKEN。",
    "What browsers must give for the page.": "浏览器打开页面时要输入的用户名和密码。",
    "A name under which the service is reached; may be given again. * allows all.": (
        "访问本服务所用的主机名，可给出多次；* 表示全部允许。"
    ),
    "Fetch pictures from public addresses that clients name.": "允许按客户端给出的公网地址下载图片。",
    "Serve the page, too.": "同时提供网页。",
    "The service is at {address} (Ctrl-C stops it)": "服务地址：{address}（按 Ctrl-C 停止）",
    "Ask a zhclip service instead, at this address.": "改为询问此地址的 zhclip 服务。",
    "The token that the service asks for.": "该服务要求的令牌。",
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
    "sentence pairs": "平行句对",
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

CHINESE_ERRORS = {
    # Folders and files
    "there is no folder {folder}; check the path": "没有文件夹 {folder}；请检查路径",
    "the folder {folder} may not be read; check its permissions": "文件夹 {folder} 无法读取；请检查权限",
    "there are no pictures in {folders}; check the folder and the patterns. "
    "Pictures that were deleted there leave the library with zhclip remove": (
        "{folders} 中没有图片；请检查文件夹。其中已删除的图片可用 zhclip remove 移出图库"
    ),
    "no picture at {path}; check the path": "没有图片 {path}；请检查路径",
    "{path} is not a picture that can be read, or is damaged": "{path} 不是可读取的图片，或已损坏",
    "{path} may not be read; check its permissions": "{path} 无法读取；请检查权限",
    "{path} is damaged: {error}": "{path} 已损坏：{error}",
    "{path} is {width} x {height}, over the limit of {limit} million pixels; scale it down to use it": (
        "{path} 为 {width} x {height}，超过 {limit} 百万像素的上限；请缩小后再用"
    ),
    "none of the pictures could be read; see the reasons above": "没有一张图片可以读取；原因见上",
    # Queries
    "the query is empty; give words to search for, or a picture": "查询是空的；请输入文字，或给一张图片",
    "{value} is no day; write 2024, 2024-05, 2024-05-01 or 2024-05-01T18:30": (
        "{value} 不是日期；请写成 2024、2024-05、2024-05-01 或 2024-05-01T18:30"
    ),
    "{value} is no place; write latitude and longitude in degrees, as 31.23,121.47": (
        "{value} 不是地点；请写纬度和经度（度），如 31.23,121.47"
    ),
    "the query has a filter of its own; give where in one place": "查询已带有筛选条件；where 只能给一处",
    "a part's weight must be above 0, not {weight}; what is unwanted goes into exclude": (
        "权重应大于 0，而不是 {weight}；不想要的内容请放进 exclude"
    ),
    "top_k must be 1 or more, not {top_k}": "top_k 应为 1 或更大，而不是 {top_k}",
    "a picture is given as a Path, the bytes of a file or a PIL image, not as {value}": (
        "图片应以 Path、文件内容（bytes）或 PIL 图像给出，而不是 {value}"
    ),
    "there is no caption to choose from: no picture of the library has one. Put captions beside "
    "the pictures (photo.txt for photo.jpg) and index again, or give a list of them": (
        "没有可选的说明：图库中的图片都没有说明。"
        "请把说明放在图片旁（photo.jpg 的说明为 photo.txt）后重新索引，或给出一份列表"
    ),
    "the query is to go by words alone (words 1) and has none; add a text, or lower words": (
        "查询要求只按文字检索（words 为 1），却没有文字；请加上文字，或调低 words"
    ),
    "top_k must be 1 to {most} and offset 0 to {furthest}, not {top_k} and {offset}": (
        "top_k 应为 1 至 {most}，offset 应为 0 至 {furthest}，而不是 {top_k} 和 {offset}"
    ),
    "the model reads {length} tokens; the end of {text}{others} was left out. Put what matters first, or shorten it": (
        "模型最多读 {length} 个词元；{text}{others} 的末尾未被读取。请把要紧的放在前面，或缩短文字"
    ),
    "{out} is no name of a picture; give one that ends in .png, .jpg or .webp": (
        "{out} 不是图片文件名；请以 .png、.jpg 或 .webp 结尾"
    ),
    "there is no map of the picture: the service's model gives no features of places": (
        "无法给出图片的热力图：该服务的模型不提供图中各处的特征"
    ),
    "there is no map of the picture: {error}": "无法给出图片的热力图：{error}",
    "the library holds no picture of the id {id}; search again": "图库中没有 id 为 {id} 的图片；请重新搜索",
    # Libraries
    "there is no library at {library} yet; make one with: zhclip index FOLDER": (
        "{library} 处还没有图库；建立图库：zhclip index 文件夹"
    ),
    "the library {library} was made before words could be searched; add them with: zhclip reindex": (
        "图库 {library} 建立时还不支持文字检索；补上文字：zhclip reindex"
    ),
    "the Milvus server of the library {library} cannot search words; that takes Milvus 2.5. "
    "Search by looks alone (words 0), or take the library to a file: zhclip migrate --to photos.db": (
        "图库 {library} 的 Milvus 服务器不能检索文字，需要 Milvus 2.5。请只按画面搜索（words 为 0），"
        "或把图库移到文件：zhclip migrate --to photos.db"
    ),
    "{path} is a folder; a library is a file, for example {example}": "{path} 是文件夹；图库是一个文件，例如 {example}",
    "the library holds no pictures of {paths}; nothing was removed": "图库中没有 {paths} 的图片；未移除任何图片",
    "Milvus Lite could not open {path}: it is no Milvus Lite file, is damaged, or may not be written": (
        "Milvus Lite 无法打开 {path}：它不是 Milvus Lite 文件，或已损坏，或没有写权限"
    ),
    # Models
    "{path} is not a model folder: it has no config.json": "{path} 不是模型文件夹：其中没有 config.json",
    # Training data
    "no data at {path}; check the path (it is relative to {folder})": (
        "{path} 处没有数据；请检查路径（相对于 {folder}）"
    ),
    "{place} is not UTF-8 but {encoding}; convert it: iconv -f {name} -t UTF-8 {file} > {target}": (
        "{place} 不是 UTF-8，而是 {encoding} 编码；请转换：iconv -f {name} -t UTF-8 {file} > {target}"
    ),
    "{place} is not JSON: {error}": "{place} 不是 JSON：{error}",
    "{place} has no field that names the picture; it has {names}; call the field one of {known}": (
        "{place} 没有图片名字段；现有 {names}；请把该字段命名为其中之一：{known}"
    ),
    "{place} has {count} columns and the header {expected}; quote texts that hold them": (
        "{place} 有 {count} 列，表头有 {expected} 列；含分隔符的文字请加引号"
    ),
    "{tar} is damaged: {error}; write or download it again": "{tar} 已损坏：{error}；请重新生成或下载",
    # The page
    "the picture that was dropped is no longer here; drop it again": "之前拖入的图片已不在；请重新拖入",
    "the library no longer holds this picture; search again": "图库中已没有这张图片；请重新搜索",
    "{value} is not a folder; write its whole path": "{value} 不是文件夹；请写完整路径",
    "{value} is not a day; write it as 2024-05-31": "{value} 不是日期；请写成 2024-05-31",
    "{value} is not a number of pixels; write a number of 0 to 1,000,000": (
        "{value} 不是像素数；请写 0 到 1,000,000 的数字"
    ),
    "{value} is not a place; write latitude and longitude, as 30.25, 120.15": (
        "{value} 不是地点；请写纬度和经度，例如 30.25, 120.15"
    ),
    "port {port} is in use; choose another with --port, or 0 for a free one": (
        "端口 {port} 已被占用；请用 --port 换一个，0 表示任选空闲端口"
    ),
    "port {port} may not be used; choose another with --port, or 0 for a free one": (
        "端口 {port} 不允许使用；请用 --port 换一个，0 表示任选空闲端口"
    ),
    # The service
    "everybody who can reach {host} can search this library; set {remedy}": (
        "凡能访问 {host} 的人都能搜索此图库；请设置 {remedy}"
    ),
    "there is no address {host}; give one of this machine with --host": "没有地址 {host}；请用 --host 给出本机的地址",
    "{host} is not an address of this machine; choose another with --host": (
        "{host} 不是本机的地址；请用 --host 换一个"
    ),
    "the token must be of plain ASCII characters; an empty one would protect nothing": (
        "令牌只能由可打印的 ASCII 字符组成；空令牌起不到保护作用"
    ),
    "--auth must be USER:PASSWORD, neither of them empty": "--auth 应为 用户名:密码，二者都不能为空",
    "no zhclip service answers at {address}; is it running (zhclip serve), and is the address right?": (
        "{address} 处没有 zhclip 服务应答；服务是否已启动（zhclip serve）？地址是否正确？"
    ),
    "the service at {address} asks for a token, or knows another one; give it with --token "
    "(a service with --auth alone answers browsers alone)": (
        "{address} 处的服务需要令牌，或令牌不对；请用 --token 给出（只设了 --auth 的服务仅供浏览器使用）"
    ),
    "the service at {address} did not answer in {seconds} s; try again": (
        "{address} 处的服务在 {seconds} 秒内没有应答；请重试"
    ),
    "the service is busy with {count} requests of this kind; try again in {seconds} s": (
        "服务正忙，已有 {count} 个同类请求；请在 {seconds} 秒后重试"
    ),
}
"""Chinese for errors and warnings, by the English text with ``{names}`` where its values stand."""
