"""Queries of several parts: brought to one scale, mixed, and what they exclude taken away.

A picture lies nearer to pictures than a text does, and cosines to texts and to pictures vary
by different amounts. So the cosines of each modality are centred on what is usual in the
library and measured in its spread: how well a part *fits* is ``(cosine - mean) / spread``,
which compares a text with a picture. One mean and one spread serve all texts, and one of
each all pictures: scaled one by one, parts that are rare in the library would lose
(``benchmarks/joint_queries.py`` compares these ways, and others).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from zhclip.models.encoder import Vectors

TEXT_STRENGTH = 0.75
"""How much of its fit an excluded text takes away: the most that cost nothing of what was wanted (Flickr8k-CN val)."""
PICTURE_STRENGTH = 0.25
"""The same of an excluded picture: little, since it shows more than what is not wanted."""
COPY = 0.95
"""A picture of this cosine with an excluded one is the same or a copy of it, and no hit at all."""
SAMPLE = 1000
"""How many pictures of a library are looked at for what is usual in it."""

EVERYDAY = (
    "汽车", "早餐", "老人", "书", "森林", "城市", "手机", "蛋糕", "飞机", "雨", "桌子", "笑", "跳舞", "春天", "红色",
    "教室", "一个人在窗边看书", "桌上放着一杯咖啡", "傍晚的城市天际线", "孩子们在教室里画画", "山坡上的一棵树",
    "路边停着一辆旧卡车", "厨师在厨房里做菜", "雨后的街道", "一家人围着桌子吃饭", "水果摊上的苹果和橙子",
    "一座古老的石桥", "一位老人牵着孙子散步", "穿着白衬衫的男人", "白色墙上的一幅画", "森林里的小木屋",
    "一只鸟停在树枝上", "dinner", "a house", "flowers", "an old woman", "reading", "a bird", "night", "a train",
    "the sky", "a shop", "friends", "blue", "a computer", "winter", "music", "a door",
    "a man sitting on a bench in the park", "a cup of tea on a wooden table", "two women talking in an office",
    "a train crossing a bridge", "an empty street at night", "a child blowing out candles on a cake",
    "a cat asleep on a sofa", "old buildings by the river", "a musician playing the guitar on stage",
    "vegetables at a market", "a field of yellow flowers", "a woman in a red coat crossing the road",
    "boats in a harbour", "a laptop and a notebook on a desk", "people waiting at a bus stop",
    "a house with a garden in spring",
)  # fmt: skip
"""Texts of the kind that people search for, of many subjects: they show how cosines to texts vary."""


class Scale(NamedTuple):
    """What is usual for the cosines of one modality's queries with a library's pictures."""

    mean: float = 0.0
    spread: float = 1.0

    @classmethod
    def of(cls, cosines: NDArray[np.float32]) -> Self:
        """The mean, and the standard deviation of a usual query, of cosines ``[queries, pictures]``; NaN is none."""
        if cosines.shape[1] < 2:
            return cls()
        spread = float(np.nanmean(np.nanstd(cosines, axis=1)))
        return cls(float(np.nanmean(cosines)), spread) if spread > 1e-6 else cls()


class Balance(NamedTuple):
    """The scales of a library and its model."""

    text: Scale = Scale()
    picture: Scale = Scale()

    @classmethod
    def measure(cls, texts: Vectors, pictures: Vectors) -> Self:
        """The scales of texts ``[n, dim]`` and of pictures ``[m, dim]``, a sample of the library."""
        alike = pictures @ pictures.T
        np.fill_diagonal(alike, np.nan)  # a picture's cosine with itself says nothing
        return cls(Scale.of(texts @ pictures.T), Scale.of(alike))


@dataclass(frozen=True)
class Ingredient:
    """One part of a query, as a vector."""

    vector: NDArray[np.float32]
    """``[dim]``, unit length."""
    weight: float
    scale: Scale
    is_picture: bool = False


class Scores(NamedTuple):
    """How well pictures answer a query."""

    fits: NDArray[np.float64]
    """``[n]``: cosines of the pictures and the query, exclusions apart; with ``every``, of its weakest part."""
    scores: NDArray[np.float64]
    """``[n]``: what they are ranked by; minus infinity where a picture is left out."""


class Mix:
    """A rule that ranks pictures, and the direction in which to look for them.

    Args:
        parts: What is asked for, one at least.
        exclude: What is not wanted.
        every: Rank by the part that fits least (weights then do not count), not by the sum.
    """

    def __init__(self, parts: list[Ingredient], exclude: list[Ingredient], *, every: bool = False) -> None:
        self.every = every and len(parts) > 1
        self._parts = parts
        self._exclude = exclude
        weights = np.array([1.0 if self.every else part.weight for part in parts])
        weights /= weights.sum()
        means, spreads = np.array([part.scale for part in parts]).T
        mixed = (weights / spreads) @ np.stack([part.vector for part in parts]).astype(np.float64)
        self._length = float(np.linalg.norm(mixed))
        self.direction = np.asarray(mixed / max(self._length, 1e-12), dtype=np.float32)
        """``[dim]``, unit length: no picture scores more than its cosine with it allows (see :meth:`bound`)."""
        self._usual = float(weights @ (means / spreads))
        # Fits are shown as cosines again; where all parts are texts, or all pictures, that undoes the scaling.
        self._mean, self._spread = float(weights @ means), float(weights @ spreads)

    @property
    def vectors(self) -> Vectors:
        """``[n, dim]``: what to score a picture needs its cosines with, beside the direction; often nothing."""
        needed = [*(self._parts if self.every else []), *self._exclude]
        return np.stack([part.vector for part in needed]) if needed else np.empty((0, len(self.direction)), np.float32)

    def bound(self, cosine: float) -> float:
        """The most that a picture of this cosine with the direction can score."""
        if not self.every:
            return cosine
        return self._mean + self._spread * (self._length * cosine - self._usual)

    def score(self, cosines: NDArray[np.floating], others: NDArray[np.float32]) -> Scores:
        """Score pictures.

        Args:
            cosines: ``[n]``, with the direction.
            others: ``[n, len(vectors)]``, with :attr:`vectors`.
        """
        asked = len(others.T) - len(self._exclude)
        fits = np.asarray(cosines, dtype=np.float64)
        if self.every:
            weakest = _fits(others[:, :asked], self._parts).min(axis=1)
            fits = self._mean + self._spread * weakest
        scores = fits.copy()
        for column, part in enumerate(self._exclude, asked):
            strength = PICTURE_STRENGTH if part.is_picture else TEXT_STRENGTH
            excess = np.maximum(_fits(others[:, [column]], [part])[:, 0], 0)
            scores -= strength * part.weight * self._spread * excess
            if part.is_picture:
                scores[others[:, column] > COPY] = -np.inf
        return Scores(fits, scores)


def _fits(cosines: NDArray[np.float32], parts: list[Ingredient]) -> NDArray[np.float64]:
    means, spreads = np.array([part.scale for part in parts]).T
    return np.asarray((cosines - means) / spreads, dtype=np.float64)
