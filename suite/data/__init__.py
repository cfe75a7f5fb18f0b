"""Data: real sets read from their publisher's files, and synthetic twins that stand in where there are none.

One file in this folder with a ``DATASET`` is one data set.
"""

from suite.data.contract import PARTS, STEREO_PARTS, Archive, DataSet, Images, Kind, Licence, Pairs
from suite.data.download import MIRROR_VARIABLE, download
from suite.data.prepared import VARIABLE, Prepared, by_name, datasets, downloads, prepare

__all__ = [
    "MIRROR_VARIABLE",
    "PARTS",
    "STEREO_PARTS",
    "VARIABLE",
    "Archive",
    "DataSet",
    "Images",
    "Kind",
    "Licence",
    "Pairs",
    "Prepared",
    "by_name",
    "datasets",
    "download",
    "downloads",
    "prepare",
]
