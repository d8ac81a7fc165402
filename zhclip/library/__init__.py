"""The photo library: scanning, embedding, storing.

Importing this package loads neither torch nor pymilvus: a catalogue does, when it needs them.
"""

from zhclip.library.catalogue import Catalogue
from zhclip.library.moving import Moved, export_parquet, import_parquet, migrate
from zhclip.library.picture import Failure, IndexReport, Match, Picture, Status
from zhclip.library.reindexing import reindex
from zhclip.library.where import Where

__all__ = [
    "Catalogue",
    "Failure",
    "IndexReport",
    "Match",
    "Moved",
    "Picture",
    "Status",
    "Where",
    "export_parquet",
    "import_parquet",
    "migrate",
    "reindex",
]
