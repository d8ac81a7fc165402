"""Negation as people write it: 没有人的海滩, a beach without people.

Vectors of sentences hardly know "not": a beach without people lies near beaches with people.
So what is negated is taken out of the text, for the search to exclude.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from zhclip.models.segmentation import cut_words
from zhclip.models.text import to_simplified
from zhclip.search import negation_words as words

_TOKEN = re.compile(r"[㐀-鿿]+|(?:(?![㐀-鿿])[^\W_])+(?:['-](?:(?![㐀-鿿])[^\W_])+)*|\S")
_MINUS = re.compile(r"(?:(?<=\s)|^)[\u2010-\u2015\u2212\ufe58\ufe63\uff0d](?=\w)")
"""A dash of any kind that stands as a minus does: before a word, and behind none."""
_MOST_AHEAD = 40
_LONGEST_LIST = 16


@dataclass(frozen=True)
class Negation:
    """A text, and what it says should not be there.

    Nothing is lost: each letter of what was read is in ``text``, in ``exclude`` or in ``markers``.
    """

    text: str
    """What is left to search for; the whole text where nothing is negated, or nothing else is said."""
    exclude: tuple[str, ...] = ()
    """What is negated, in the order of the text."""
    markers: tuple[str, ...] = ()
    """The words that negate, and those that join what is negated to the rest."""


def split_negation(text: str) -> Negation:
    """Take what a text negates out of it.

    >>> split_negation("没有人的海滩")
    Negation(text='海滩', exclude=('人',), markers=('没有', '的'))

    Args:
        text: Chinese (simplified or traditional), English, or both.

    Returns:
        The rest of the text and what it excludes. Words that only look like a negation
        (不错, 无人机, no parking sign) exclude nothing, and a text that is only a negation
        stays whole: there would be nothing left to search for.
    """
    plain = _plain(text)
    if not words.PERHAPS.search(plain):
        return Negation(text)
    reading = _Reading(text, plain)
    if not reading.exclude or not reading.says_something():
        return Negation(text)
    return Negation(reading.rest(), tuple(dict.fromkeys(reading.exclude)), tuple(reading.markers()))


def _plain(text: str) -> str:
    """A text in simplified, half-width, lower-case letters, each where it stands in the text."""
    if text.isascii():
        return text.lower()
    text = _MINUS.sub("-", text)
    letters = [unicodedata.normalize("NFKC", letter).lower() for letter in text]
    plain = "".join(new if len(new) == 1 else old for new, old in zip(letters, text, strict=True)).replace("’", "'")
    simplified = to_simplified(plain)
    return simplified if len(simplified) == len(plain) else plain


class _Token(NamedTuple):
    word: str
    """In plain form."""
    start: int
    stop: int
    spaced: bool
    """White space stands before it."""

    @property
    def is_chinese(self) -> bool:
        return "㐀" <= self.word[0] <= "鿿"

    @property
    def is_word(self) -> bool:
        return self.word[0].isalnum()


class _Marker(NamedTuple):
    name: str
    stop: int
    """The first token behind it."""
    implied: str
    """What it excludes by itself."""


class _Scope(NamedTuple):
    items: list[tuple[int, int]]
    """First token and the one behind the last, of each thing that is negated."""
    joints: list[int]
    """Tokens between them."""
    stop: int


class _Reading:
    """One pass over a text that takes out what is negated."""

    def __init__(self, text: str, plain: str) -> None:
        self._text = text
        self._plain = plain
        self._tokens = list(_cut(plain))
        self._excluded: set[int] = set()
        self._marking: set[int] = set()
        self._parts: dict[int, tuple[int, int]] = {}
        """Where the excluded part is in a token that negates a part of itself."""
        self.exclude: list[str] = []
        at = 0
        while at < len(self._tokens):
            at = self._read_word(at) or self._read_minus(at) or self._read_marker(at) or at + 1

    def rest(self) -> str:
        """What was not taken out, tidied up."""
        kept = self._trimmed()
        rest = ""
        for before, at in zip([-1, *kept], kept, strict=False):
            token = self._tokens[at]
            if before < 0 or at == before + 1:
                start = token.start if before < 0 else self._tokens[before].stop
                rest += self._text[start : token.stop]
            elif token.is_word or self._tokens[before].is_word:
                rest += "" if self._may_touch(before, at) else " "
                rest += self._text[token.start : token.stop]
        return rest

    def markers(self) -> Iterator[str]:
        """The words that are neither in the rest nor excluded."""
        rest = {*self._trimmed(), *self._excluded}
        for at, token in enumerate(self._tokens):
            if at in self._parts:
                start, stop = self._parts[at]
                yield from filter(None, (self._text[token.start : start], self._text[stop : token.stop]))
            elif at not in rest and token.is_word:
                yield self._text[token.start : token.stop]

    def says_something(self) -> bool:
        """Whether a word is left that can be searched for."""
        return any(
            self._is_kept(at) and token.is_word and token.word not in words.SAYING_NOTHING
            for at, token in enumerate(self._tokens)
        )

    def _is_kept(self, at: int) -> bool:
        return at not in self._excluded and at not in self._marking and at not in self._parts

    def _trimmed(self) -> list[int]:
        """The tokens that are kept, without signs and conjunctions at either end."""
        kept = [at for at in range(len(self._tokens)) if self._is_kept(at)]
        for end in (0, -1):
            while kept and (not self._tokens[kept[end]].is_word or self._word(kept[end]) in words.DANGLING):
                kept.pop(end)
        return kept

    def _may_touch(self, before: int, at: int) -> bool:
        """Whether two tokens that come together need no space between them."""
        left, right = self._tokens[before], self._tokens[at]
        spaced = any(token.spaced for token in self._tokens[before + 1 : at + 1])
        return not right.is_word or (not spaced and (left.is_chinese or right.is_chinese or not left.is_word))

    def _word(self, at: int) -> str:
        return self._tokens[at].word if 0 <= at < len(self._tokens) else ""

    def _read_word(self, at: int) -> int:
        """Read a word that negates a part of itself (无人, treeless, car-free); gives the next token, or 0."""
        token = self._tokens[at]
        if token.word in words.INSIDE:
            if words.UNMANNED.match(self._plain, token.stop):
                return 0
            part = token.start + words.INSIDE[token.word], token.stop
        elif match := words.LESS.fullmatch(token.word) or words.FREE.fullmatch(token.word):
            part = token.start, token.start + match.end(1)
        else:
            return 0
        self._parts[at] = part
        self.exclude.append(self._text[slice(*part)])
        self._drop_particle(at, at + 1)
        return at + 1

    def _read_minus(self, at: int) -> int:
        """Read ``-word``, as in search boxes."""
        tokens = self._tokens
        if tokens[at].word != "-" or not (tokens[at].spaced or at == 0) or at + 1 == len(tokens):
            return 0
        if tokens[at + 1].spaced or not tokens[at + 1].word[0].isalpha():
            return 0
        stop = at + 2
        while stop < len(tokens) and not tokens[stop].spaced and tokens[stop].is_word:
            stop += 1
        self._marking.add(at)
        self._exclude(at + 1, stop)
        return stop

    def _read_marker(self, at: int) -> int:
        """Read a marker and what it negates."""
        marker = self._marker(at)
        if marker is None or not self._is_meant(at, marker):
            return 0
        start, stop = at, marker.stop
        while start and self._word(start - 1) in words.BEFORE and self._is_kept(start - 1):
            start -= 1
        while self._word(stop) in words.AFTER and not marker.implied:
            stop += 1
        if self._marker(stop):
            return stop + 1  # twice negated is said, after all
        scope = _Scope([], [], stop) if marker.implied else self._scope(stop)
        if not marker.implied and not scope.items:
            return self._read_not_even(at, marker)
        if marker.name == "除" and self._word(scope.stop) not in words.OUTSIDE:
            return 0
        self._marking.update(range(start, stop), scope.joints)
        if marker.implied:
            self.exclude.append(marker.implied)
        for first, last in scope.items:
            self._exclude(first, last)
        stop = scope.stop
        if self._word(stop) in words.CLOSING:
            self._marking.add(stop)
            stop += 1
        self._drop_particle(start, stop)
        return stop

    def _read_not_even(self, at: int, marker: _Marker) -> int:
        """Read 一个人都没有, where what is negated stands before."""
        if marker.name not in ("没有", "没") or self._word(at - 1) not in ("都", "也") or at < 3:
            return 0
        if self._word(at - 3) not in words.NOT_EVEN or not all(map(self._is_kept, range(at - 3, at))):
            return 0
        self._marking.update((at - 3, at - 1, at))
        self._exclude(at - 2, at - 1)
        self._drop_particle(at - 3, marker.stop)
        return marker.stop

    def _marker(self, at: int) -> _Marker | None:
        for length in (3, 2, 1):
            key = " ".join(token.word for token in self._tokens[at : at + length])
            if key in words.MARKERS and at + length <= len(self._tokens):
                return _Marker(key, at + length, words.MARKERS[key])
        return None

    def _is_meant(self, at: int, marker: _Marker) -> bool:
        """Whether a marker negates here."""
        before, following = self._word(at - 1), self._word(marker.stop)
        if following in words.NOT_MEANT.get(marker.name, ()) or f"{before} {marker.name}" in words.NOT_MEANT_BEHIND:
            return False
        if marker.name == "不":
            return before != following and not (before[-1:] in words.POTENTIAL and len(following) == 1)
        if marker.name in words.EXCEPT:
            return not any(token.word in words.ADDITIVE for token in self._tokens[at : at + _MOST_AHEAD])
        if marker.name == "no":
            return following[:1].isalpha() and not words.SIGN.intersection(
                token.word for token in self._tokens[at : at + 5]
            )
        return True

    def _scope(self, at: int) -> _Scope:
        """What is negated from a token on."""
        items: list[tuple[int, int]] = []
        joints: list[int] = []
        first = stop = at
        while stop < min(len(self._tokens), at + _MOST_AHEAD):
            word = self._word(stop)
            if stop == first:
                if items and word in words.JOINING:
                    joints.append(stop)
                    first = stop + 1
                elif not self._tokens[stop].is_word:
                    break
            elif word in words.JOINING or self._lists(stop):
                if not self._goes_on(at, stop):
                    break
                items.append((first, stop))
                joints.append(stop)
                first = stop + 1
            elif inside := words.INSIDE_WHAT_IS_NEGATED.match(self._plain, self._tokens[stop].start):
                while stop + 1 < len(self._tokens) and self._tokens[stop + 1].start < inside.end():
                    stop += 1
            elif self._ends(stop):
                break
            stop += 1
        if stop > first:
            items.append((first, stop))
        elif joints:
            stop = joints.pop()
        return _Scope(items, joints, stop)

    def _lists(self, comma: int) -> bool:
        """Whether a comma stands in a list of words that ends in "or"."""
        if self._word(comma) != ",":
            return False
        for at in range(comma + 1, min(len(self._tokens) - 1, comma + _LONGEST_LIST)):
            word = self._word(at)
            if word in ("or", "nor"):
                return True
            if word != "," and (not word.isascii() or word in words.PREPOSITIONS or self._marker(at)):
                return False
        return False

    def _goes_on(self, at: int, joint: int) -> bool:
        """Whether what follows an "and" is negated, too."""
        following = self._word(joint + 1)
        if following in ("or", "nor"):  # behind a comma
            return True
        if not following[:1].isalnum() or self._marker(joint + 1):
            return False
        affirmed = following in words.DETERMINERS and self._word(at) not in words.DETERMINERS
        return self._word(joint) in ("or", "nor") or not affirmed

    def _ends(self, at: int) -> bool:
        """Whether what is negated ends before a token, which is not its first."""
        token, before = self._tokens[at], self._tokens[at - 1]
        if not token.is_word:
            return token.word not in words.WITHIN
        if token.word == "的":
            return not (words.DESCRIBING.fullmatch(before.word) and self._particle(at + 1))
        if token.spaced and (before.is_chinese or token.is_chinese):
            return True
        if words.BEING.fullmatch(token.word):
            particle = self._particle(at + 1)
            return not particle or bool(words.DESCRIBING.fullmatch(self._word(particle - 1)))
        if self._marker(at) or (token.word in words.BEFORE and self._marker(at + 1)):
            return True
        if token.word in words.PREPOSITIONS:
            ends_clause = at + 1 == len(self._tokens) or not self._tokens[at + 1].is_word
            return not (ends_clause or before.word in words.LEADING_ON)
        return token.word in words.CLOSING

    def _particle(self, at: int) -> int:
        """The next 的 of the clause that something follows; 0 where there is none."""
        for place in range(at, min(len(self._tokens) - 1, at + _MOST_AHEAD)):
            if not self._tokens[place].is_word:
                return 0
            if self._word(place) == "的":
                return place if self._tokens[place + 1].is_word else 0
        return 0

    def _drop_particle(self, start: int, at: int) -> None:
        """Drop the 的 behind what was negated, where nothing stands before that it could join to the rest."""
        before = self._tokens[start - 1] if start and self._is_kept(start - 1) else None
        joins = before and before.is_chinese and not words.MEASURE.fullmatch(before.word)
        if self._word(at) == "的" and not (joins and not self._tokens[start].spaced and self._word(at + 1)):
            self._marking.add(at)

    def _exclude(self, first: int, stop: int) -> None:
        self._excluded.update(range(first, stop))
        self.exclude.append(self._text[self._tokens[first].start : self._tokens[stop - 1].stop])


def _cut(plain: str) -> Iterator[_Token]:
    end = 0
    for match in _TOKEN.finditer(plain):
        start = match.start()
        pieces = cut_words(match[0]) if "㐀" <= match[0][0] <= "鿿" else [match[0]]
        for piece in pieces:
            yield _Token(piece, start, start + len(piece), spaced=start > end)
            start = end = start + len(piece)
