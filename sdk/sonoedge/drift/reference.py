"""What a bundle says of the frames that it was measured on at export, as counts."""

from __future__ import annotations

from typing import Final

from sonoedge.bundle import Bundle
from sonoedge.drift.counts import Counts
from sonoedge.errors import BundleError, InvalidData, InvalidSettings
from sonoedge.strict_json import parse_json

_FILE: Final = "verification.json"
_MOST_BYTES: Final = 1 << 24


def bundle_counts(bundle: Bundle, variant: str) -> Counts | None:
    """A variant's counts on the export's labelled frames; None of a bundle without them.

    Bundles have them in `statistics` of verification.json, whose digest the manifest holds.

    Raises:
        DigestMismatch, UnsafeContent: the file is damaged or no regular file.
        BundleError: it is not what an export writes.
    """
    if _FILE not in bundle.manifest.files:
        return None
    try:
        values = parse_json(bundle.read(_FILE), _FILE, most_bytes=_MOST_BYTES)
        statistics = values.get("statistics") if isinstance(values, dict) else None
        if not isinstance(statistics, dict) or variant not in statistics:
            return None
        return Counts.parse(statistics[variant], f"{_FILE}: statistics")
    except (InvalidSettings, InvalidData) as error:
        raise BundleError(f"{_FILE} is not what an export writes: {error}") from None
