"""The words by which negation is known, in simplified Chinese and lower-case English."""

from __future__ import annotations

import re


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERHAPS = re.compile(
    r"[没不无非未除排去别]|\b(?:no|not|without|except|excluding|lacking|devoid|free|empty|other|instead|rather|nobody|neither)\b"
    r"|\bw/o\b|n't\b|less\b|(?:^|\s)-\w"
)
"""Texts without any of these need no second look, and no dictionary."""

EXCEPT = ("except", "except for", "除了", "除", "除去")

MARKERS = dict.fromkeys(
    _set(
        "没有 没 不 不是 不要 不想要 不含 不带 无 毫无 非 并非 而非 未 排除 去掉 去除 不包括 不包含 without no not "
        "neither excluding lacking isn't aren't wasn't weren't doesn't don't didn't hasn't haven't"
    )
    | {"w / o", "devoid of", "free of", "free from", "empty of", "other than", "instead of", "rather than"}
    | {"不 想要", "不 包括", "不 包含", "别 要", "别 有", *EXCEPT},
    "",
) | dict.fromkeys(["nobody", "no one", "no-one"], "people")
"""What negates, by its words; the value is what it excludes by itself."""

BEFORE = _set(
    "但 但是 可是 而 而且 并 并且 且 也 又 却 都 "
    "with but and or has have having is are was were there that who which does do did"
)
"""What belongs to a marker that follows directly."""
AFTER = _set("任何 什么 有 出现 any have having contain containing contains include including")
"""What belongs to a marker that stands directly before."""

INSIDE = {
    "无人": 1, "无云": 1, "无雪": 1, "无雨": 1, "无树": 1, "无车": 1, "没人": 1, "没雪": 1, "没云": 1,
    "不下雨": 1, "不下雪": 1, "空无一人": 3,
}  # fmt: skip
"""Chinese words that negate their own end, and where that begins."""
UNMANNED = re.compile(r"机|驾驶|超市|商店|便利店|售货|值守|零售|潜艇|艇|飞行|直升|配送|车|船|区|岛")
"""What 无人 describes without saying that nobody is there."""
LESS = re.compile(r"(tree|cloud|leaf|snow|hat|beard|window|tooth|moon|star|wave|helmet)less")
FREE = re.compile(r"(?!(?:duty|tax|toll|royalty|hands|care|scot|sugar|fat|gluten|dairy|oil)-)([^\W\d_]+)-free")

NOT_MEANT = {
    "no": _set(
        "doubt matter problem longer more wonder time way idea smoking parking entry exit trespassing swimming "
        "fishing diving entrance photography less fewer better worse man's woman's"
    ),
    "not": _set(
        "only just merely simply far bad yet much very too so quite even least long every all necessarily sure it "
        "to many enough more less"
    ),
    "without": _set("doubt question exception end limits borders"),
    "free of": frozenset(["charge"]),
    "不": _set(
        "知名 知 知道 得 可 能 会 敢 够 太 再 到 止 只 仅 但 远 久 算 怎么 怎样 对称 透明 打烊 一 少 同 断 停 由 禁"
    ),
    "没": _set("关系 事 准 错 意思 想到 完 了 问题 收 骨 入"),
    "没有": _set("关系 问题 意思 想到 办法 尽头 边际 终点"),
    "无": _set("限 边 数 敌 名 论 线 锡 声 比 穷 尽 尽头"),
    "非": _set("常 凡 得 要 机动车 物质 主流 遗 卖品 同"),
    "未": _set("必 来 知 经 免 名 婚 成年 成年人"),
    "除": _set("夕 草 尘 雪 法"),
}
"""What follows a marker that negates nothing."""
NOT_MEANT_BEHIND = frozenset(["or not", "why not", "or no", "要 不要", "有 没有", "是 不是"])
SIGN = frozenset(["sign", "signs"])
POTENTIAL = frozenset("看望数见听说想买分忘停离受止认记找挡")
"""Behind these 不 says that something cannot be done: 看不清, 数不尽."""
ADDITIVE = _set("还 还有 也 又 同时 另外 没有 没")
"""With these 除了 means "besides", or "nothing but"."""

JOINING = _set("和 跟 与 或 或者 以及 及 、 and or nor & /")
DETERMINERS = _set("a an the some two three four five many several with 一 一个 一只 有")
PREPOSITIONS = _set(
    "in on at by near under over behind beside above below between during against along through around inside outside "
    "while when where that which who with but because as into onto across toward towards before after from for "
    "但 但是 可是 却 还 都 只有 而"
)
"""What ends the negated."""
INSIDE_WHAT_IS_NEGATED = re.compile(
    r"(?:in the (?:background|foreground|frame|picture|photo)|(?:in|on|around|near|at) (?:it|them))\b"
)
LEADING_ON = _set("looking pointing staring sitting standing lying leaning riding")
"""Verbs that take a preposition with them."""
BEING = re.compile(r"在|(?:坐|站|躺|走|跑|趴|骑|蹲|飞|停|靠|抱|拿|睡|游)(?:在|着)?")
"""Where a new clause begins behind the negated."""
DESCRIBING = re.compile(r".*色|[红黄蓝绿白黑大小高长短新旧老胖瘦圆]|漂亮|美丽")
"""Words whose 的 leads on to what they describe."""
MEASURE = re.compile(r".*[张个只条幅辆座片位群些种]")
"""A word that counts what follows; no 的 stands behind it."""
NOT_EVEN = _set("一 一个 一只 一辆 一条 一棵 一朵 一艘 半个 一点")
"""As in 一个人都没有."""
OUTSIDE = _set("以外 之外 外")
CLOSING = OUTSIDE | {"而是"}
WITHIN = frozenset("-'\"“”‘’·.")
"""Signs that may stand within the negated."""

DANGLING = _set("and or but 但 但是 而 和 以及 可是 只有")
"""What joins two things, and is dropped where one of them is gone."""
SAYING_NOTHING = _set(
    "的 地 上 里 中 下 在 有 是 里面 上面 外面 其中 它 一个 但 但是 可是 而 和 以及 只有 也 我 要 想 "
    "a an the in on at it is are there and or but with of to that which who i want them"
)
"""Words that are no query by themselves."""
