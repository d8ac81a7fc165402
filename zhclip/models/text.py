"""Text preparation: the one place where strings become token ids.

Training, indexing, queries and evaluation all come through here, so that a sentence
means the same everywhere.
"""

from __future__ import annotations

import json
import re
import unicodedata
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from tokenizers.implementations.bert_wordpiece import BertWordPieceTokenizer

from zhclip.errors import ModelError, TextCutWarning, UnknownTextWarning, ZhclipWarning

# cn_clip's vocabulary has none of the keys: unmapped, each would read as [UNK].
_UNKNOWN_PUNCTUATION = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "‚": "'", "…": "...", "—": "-", "–": "-", "―": "-",
}  # fmt: skip

# Full-width letters and digits only: the vocabulary knows ， ！ ？ as themselves.
_FULL_WIDTH = {
    code: code - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for code in range(first, last + 1)
}

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Unicode's Default_Ignorable_Code_Point: zero-width signs, marks of direction, soft hyphens, variation selectors."""
_SPACE = "▁"
"""What unigram vocabularies write for the space before a word."""

_PLAIN = str.maketrans(_UNKNOWN_PUNCTUATION) | _FULL_WIDTH | {0x3000: " "}


def vocabulary_path() -> Path:
    """The vocabulary of 21,128 word pieces that ``cn_clip`` carries (BERT's for Chinese)."""
    # cn_clip is located, not imported: importing it loads torch and torchvision.
    return Path(str(files("cn_clip"))) / "clip" / "vocab.txt"


@lru_cache(maxsize=1)
def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("tw2s")  # unlike t2s it reads 著 as 着 where that is meant: 戴著帽子, 看著海


def to_simplified(text: str) -> str:
    """A text with its traditional Chinese characters mapped to simplified ones."""
    return str(_simplifier().convert(text))


def visible(text: str) -> str:
    """A text without what nobody sees: zero-width characters, marks of direction, soft hyphens, variation selectors."""
    return _INVISIBLE.sub("", text)


def normalize(text: str, *, simplify: bool = True) -> str:
    """Bring a text to the form in which the towers read it.

    Without invisible characters, composed (NFC), quotation marks, dashes and ellipses that the vocabulary lacks mapped
    to ones it has, full-width letters and digits made half-width, white space collapsed,
    lower-cased.

    Args:
        text: Any string.
        simplify: Also map traditional Chinese characters to simplified ones.

    Returns:
        The normalized text; ``""`` where there was nothing but white space.
    """
    text = unicodedata.normalize("NFC", visible(text)).translate(_PLAIN)
    text = " ".join(text.split()).lower()
    return to_simplified(text) if simplify else text


class Tokens(NamedTuple):
    """A batch of tokenized texts, padded to the longest of them."""

    input_ids: NDArray[np.int64]
    """``[n, length]``"""
    attention_mask: NDArray[np.int64]
    """``[n, length]``, 1 where there is a token."""
    cut: tuple[int, ...]
    """Which texts were longer than the context length."""
    known: tuple[int, ...] = ()
    """How many tokens of each text the vocabulary has."""

    @property
    def unknown(self) -> tuple[int, ...]:
        """Of which texts the vocabulary has no token."""
        return tuple(row for row, count in enumerate(self.known) if not count)


@dataclass(frozen=True)
class TextPreparation:
    """How a model wants its texts.

    Args:
        vocabulary: A ``vocab.txt`` or ``tokenizer.json``; ``cn_clip``'s by default.
        context_length: The most tokens that are read, [CLS] and [SEP] counted.
        simplify: Map traditional Chinese characters to simplified ones.
    """

    vocabulary: Path = field(default_factory=vocabulary_path)
    context_length: int = 52
    simplify: bool = True

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The word-piece tokenizer, cutting at ``context_length`` without padding."""
        if not self.vocabulary.is_file():
            raise ModelError(
                "no vocabulary at {vocabulary}; the model folder is not complete", vocabulary=self.vocabulary
            )
        if self.vocabulary.suffix == ".json":
            tokenizer = Tokenizer.from_file(str(self.vocabulary))
        else:
            # Accents are kept or stripped as BERT does for lower-cased text, as cn_clip does.
            tokenizer = BertWordPieceTokenizer(str(self.vocabulary), lowercase=True)._tokenizer
            tokenizer.model.max_input_chars_per_word = 200  # as cn_clip; the library's own is 100
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.context_length)
        return tokenizer

    @property
    def vocabulary_size(self) -> int:
        """How many word pieces there are."""
        return int(self.tokenizer.get_vocab_size())

    def __call__(self, texts: Sequence[str]) -> Tokens:
        """Tokenize texts.

        Args:
            texts: At least one string.

        Returns:
            Token ids and mask, padded to the longest text of the batch, and which were cut.
        """
        encodings = self.tokenizer.encode_batch([normalize(text, simplify=self.simplify) for text in texts])
        length = max(len(encoding.ids) for encoding in encodings)
        input_ids = np.zeros((len(encodings), length), dtype=np.int64)
        attention_mask = np.zeros((len(encodings), length), dtype=np.int64)
        for row, encoding in enumerate(encodings):
            input_ids[row, : len(encoding.ids)] = encoding.ids
            attention_mask[row, : len(encoding.ids)] = 1
        cut = tuple(row for row, encoding in enumerate(encodings) if encoding.overflowing)
        known = tuple(self._count_known(encoding) for encoding in encodings)
        return Tokens(input_ids, attention_mask, cut, known)

    def _count_known(self, encoding: Encoding) -> int:
        """How many tokens of a text, but for those that all texts have, say something."""
        return sum(
            token != self._unknown and not special and bool(piece.removeprefix("##").lstrip(_SPACE))
            for token, special, piece in zip(encoding.ids, encoding.special_tokens_mask, encoding.tokens, strict=True)
        )

    @cached_property
    def _unknown(self) -> int | None:
        """The token that stands for what the vocabulary lacks; None where it lacks nothing."""
        model = json.loads(self.tokenizer.to_str())["model"]
        if model.get("unk_id") is not None:  # of unigrams
            return int(model["unk_id"])
        return self.tokenizer.token_to_id(model["unk_token"]) if model.get("unk_token") else None

    def warn_of_cuts(self, texts: Sequence[str], cut: Sequence[int]) -> None:
        """Warn, once for a batch, that texts were longer than the model reads."""
        if cut:
            warnings.warn(describe_cuts(self, texts, cut), stacklevel=3)

    def to_dict(self) -> dict[str, Any]:
        """The settings as JSON values, without the vocabulary, which is a file of the model folder."""
        return {"context_length": self.context_length, "simplify": self.simplify}


def notes_on(preparation: TextPreparation, texts: Sequence[str]) -> list[ZhclipWarning]:
    """What people are told of the texts of a query: that they were cut, or that the model knows none of one.

    Args:
        preparation: That of the model.
        texts: Any number.
    """
    if not texts:
        return []
    tokens = preparation(texts)
    notes: list[ZhclipWarning] = [describe_cuts(preparation, texts, tokens.cut)] if tokens.cut else []
    return notes + [
        UnknownTextWarning(
            "the model knows no word of {text!r}, so nothing can be found for it; say it in Chinese or English",
            text=_short(texts[row]),
        )
        for row in tokens.unknown
    ]


def describe_cuts(preparation: TextPreparation, texts: Sequence[str], cut: Sequence[int]) -> TextCutWarning:
    """What people are told of texts that are longer than the model reads.

    Args:
        preparation: That of the model.
        texts: All texts.
        cut: Which of them were cut, one at least.
    """
    shown = _short(texts[cut[0]])
    length, others = preparation.context_length - 2, len(cut) - 1
    if others:
        return TextCutWarning(
            "the model reads {length} tokens; the end of {text!r} and {others} more was left out. "
            "Put what matters first, or shorten it",
            length=length,
            text=shown,
            others=others,
        )
    return TextCutWarning(
        "the model reads {length} tokens; the end of {text!r} was left out. Put what matters first, or shorten it",
        length=length,
        text=shown,
    )


def _short(text: str) -> str:
    return text if len(text) <= 24 else text[:24] + "..."
