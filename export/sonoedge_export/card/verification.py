"""verification.json: what an export measured on its labelled frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sonoedge.bundle import Bundle
from sonoedge.errors import BundleError, InvalidSettings
from sonoedge.settings import read
from sonoedge.strict_json import parse_json

FILE: Final = "verification.json"
MOST_BYTES: Final = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """All that verification.json says.

    Attributes:
        trained: metrics of the trained network.
        variants: metrics by variant, the answers of its gates among them.
        flag_agreement: by variant, the share of frames flagged as each other variant does.
        operating_point: figures of the flag threshold, by set of frames.
        subgroups: metrics of the trained network by subgroup of the frames; empty in bundles
            that did not record them.
        intervals: how the intervals of all of these were made; empty likewise.
        statistics: by variant, what `sonoedge.drift.Counts` counted of the frames judged on;
            empty likewise.
        heads: figures of second opinions by name; empty where there are none.
    """

    trained: Mapping[str, Any]
    variants: Mapping[str, Mapping[str, Any]]
    flag_agreement: Mapping[str, Mapping[str, float]]
    operating_point: tuple[Mapping[str, Any], ...]
    subgroups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    intervals: Mapping[str, Any] = field(default_factory=dict)
    statistics: Mapping[str, Any] = field(default_factory=dict)
    heads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def read_verification(bundle: Bundle) -> Verification:
    """A bundle's verification.json, its digest checked.

    Raises:
        DigestMismatch, UnsafeContent: it is damaged or no regular file.
        BundleError: the bundle has none, or it is not what an export writes.
    """
    if FILE not in bundle.manifest.files:
        raise BundleError(f"the bundle has no {FILE}; export it again")
    return parse_verification(bundle.read(FILE))


def parse_verification(data: bytes) -> Verification:
    """verification.json's bytes as a value.

    Raises:
        BundleError: it is not what an export writes.
    """
    try:
        return read(Verification, parse_json(data, FILE, most_bytes=MOST_BYTES))
    except InvalidSettings as error:
        raise BundleError(f"{FILE} is not what an export writes: {error}") from None
