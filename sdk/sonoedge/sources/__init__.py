"""Sources of frames: arrays, pictures, videos, cameras, DICOM and MetaImage files."""

from __future__ import annotations

from sonoedge.sources.child.limits import Limits
from sonoedge.sources.formats.pictures import read_picture
from sonoedge.sources.open import from_array, open_source
from sonoedge.sources.source import Source

__all__ = ["Limits", "Source", "from_array", "open_source", "read_picture"]
