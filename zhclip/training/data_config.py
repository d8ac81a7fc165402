"""The ``data`` section of a training configuration: where pictures, captions and class names are."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field


class SourceConfig(BaseModel, extra="forbid", frozen=True):
    """Where pictures and their captions are."""

    path: str
    """A folder, a CSV, TSV or JSONL file, a tar (or a pattern of tars), an LMDB folder."""
    format: Literal["auto", "folder", "csv", "jsonl", "chinese-clip", "lmdb", "webdataset"] = "auto"
    pictures: str | None = None
    """The folder that picture names are relative to; where the file lies by default."""
    languages: dict[str, str] = {}
    """Renames caption fields: ``{zh: caption_cn}``; fields that are named after a language need none."""
    prefix: str | None = None
    """Only pictures whose name begins so."""
    only: dict[str, str] = {}
    """Only pictures whose fields have these values: ``{split: train}``."""
    weight: float = Field(default=1.0, gt=0)
    """How often a pass sees each of its pictures: 0.5 is every other one, 2 is each twice."""


class FilterConfig(BaseModel, extra="forbid", frozen=True):
    """Noise filters after ALIGN's (Jia et al. 2021, section 3); all off by default but the empty text."""

    min_side: int = Field(default=0, ge=0)
    """Pictures with a shorter side in pixels are left out."""
    max_aspect: float = Field(default=0.0, ge=0)
    """Pictures longer than this many times their width (or the reverse) are left out; 0: none."""
    max_pictures_per_text: int = Field(default=0, ge=0)
    """Texts that more pictures share are left out; 0: none."""
    min_text_length: int = Field(default=1, ge=1)
    """Texts of fewer characters (Chinese) or words (others) are left out."""
    file_names: bool = False
    """Leave out texts that look like file names that a machine made (``DSC_0042.JPG``)."""


class AugmentConfig(BaseModel, extra="forbid", frozen=True):
    """Random changes to training pictures."""

    crop: float = Field(default=1.0, gt=0, le=1)
    """Least share of the picture's area that a random crop keeps; 1: no crops."""
    flip: float = Field(default=0.0, ge=0, le=1)
    """Probability of a mirror image."""


class PrototypesConfig(BaseModel, extra="forbid", frozen=True):
    """Classes of the classifier that the image tower was pretrained with, as data for the prototype loss."""

    classifier: str
    """A ``.safetensors`` file with its last layer: ``weight`` ``[classes, width]``, of the tower's pooled width."""
    classes: str
    """A JSONL file: a line a class, in order, with its names by language (``{"zh": "狗", "en": "dog"}``)."""
    broader: str | None = None
    """A TSV file of broader words: a field a language, and ``classes``, the rows that it means (``151-268,275``)."""
    languages: dict[str, float] = {"zh": 1.0, "en": 1.0}
    """Languages of the names, and how often each is drawn, relative to the others."""
    broader_share: float = Field(default=0.3, ge=0, lt=1)
    """How often a class that has broader words is called by one of them."""
    sentence_share: float = Field(default=0.5, ge=0, le=1)
    """How often a name stands in a sentence."""
    strength: tuple[float, float] = (4.0, 8.0)
    """Bounds of how far a made feature goes in its class's direction."""
    spread: float = Field(default=0.7, ge=0)
    """How much of a random photo's difference from the mean is added."""


class DataConfig(BaseModel, extra="forbid", frozen=True):
    """Training and validation data."""

    train: list[SourceConfig]
    validation: list[SourceConfig]
    languages: dict[str, float] = {"zh": 1.0, "en": 1.0}
    """Caption fields and how often each is drawn, relative to the others."""
    validation_languages: list[str] = ["zh", "en"]
    filters: FilterConfig = FilterConfig()
    augment: AugmentConfig = AugmentConfig()
    captions: int = Field(default=1, ge=1)
    """Captions of a picture in a batch. The picture goes through its tower once for all of them."""
    batches: Literal["mixed", "by_source"] = "mixed"
    """``by_source``: the pictures of a batch are of one source, where they are harder to tell apart; what is left over
    of a pass is mixed, and what then fills no batch is left out of that pass."""
    mask_tokens: float = Field(default=0.0, ge=0, lt=1)
    """Share of caption tokens that are replaced by [MASK]."""
    pieces: float = Field(default=0.0, ge=0, lt=1)
    """Share of captions of which only one to four words in a row are read, as people type them into a search box."""
    prototypes: PrototypesConfig | None = None
    """Classes of an image classifier, learned without a photo; see :mod:`zhclip.training.prototypes`."""
    parallel: list[str] = []
    """TSV files (English, tab, Chinese) and CC-CEDICT files for the text-text loss."""
    workers: int = Field(default=2, ge=0)
    """Processes that decode pictures; 0: in the training process."""
