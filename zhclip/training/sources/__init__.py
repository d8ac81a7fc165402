"""Training data as people have it: from files and folders to pictures with their captions."""

from zhclip.training.sources.reading import drop_blank, read_raw, read_sources
from zhclip.training.sources.sample import Sample

__all__ = ["Sample", "drop_blank", "read_raw", "read_sources"]
