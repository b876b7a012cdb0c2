"""Compare two bundles by their manifests, which name every file by its digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from sonoedge.bundle import Manifest
from sonoedge.comparison.areas import AREAS, Area, area_of
from sonoedge.comparison.impact import FigureChange, figure_changes, gate_answers, on_same_frames
from sonoedge.comparison.leaves import leaves
from sonoedge.settings import plain

# The id is told by itself; a file's size says nothing that its digest does not.
_PASSED_OVER: Final = re.compile(r"bundle_id$|files\[.*\]\.bytes$")


class NoSuchKey(Enum):
    """In place of a value: the bundle has no such key, which is not the same as null."""

    ABSENT = "absent"


ABSENT: Final = NoSuchKey.ABSENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One value that differs.

    Attributes:
        key: as it stands in the manifest; rows of lists by their name.
        old, new: the values; `ABSENT` where a bundle does not have the key.
    """

    area: Area
    key: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A bundle against an older one.

    Attributes:
        old_id, new_id: bundle ids.
        changes: every value that differs, by area, then by key.
        figures: figures of the variants that both have.
        same_frames: both were judged on the same labelled frames.
        gate_answers: how many of the new bundle's gates answered "pass", "undecided" or "fail".
    """

    old_id: str
    new_id: str
    changes: tuple[Change, ...]
    figures: tuple[FigureChange, ...]
    same_frames: bool
    gate_answers: Mapping[str, int]

    def of(self, area: Area) -> tuple[Change, ...]:
        """The changes of one area; empty: nothing of it differs."""
        return tuple(change for change in self.changes if change.area == area)

    @property
    def modified(self) -> tuple[Area, ...]:
        """Areas in which something was chosen otherwise; results are what came of it."""
        return tuple(area for area in AREAS if area != "results" and self.of(area))


def compare(old: Manifest, new: Manifest) -> Comparison:
    """What differs between two bundles: nothing of their manifests is left out."""
    before, after = leaves(plain(old)), leaves(plain(new))
    changes = [
        Change(area=area_of(key), key=key, old=before.get(key, ABSENT), new=after.get(key, ABSENT))
        for key in {**before, **after}
        if not _PASSED_OVER.match(key) and before.get(key, ABSENT) != after.get(key, ABSENT)
    ]
    return Comparison(
        old_id=old.bundle_id,
        new_id=new.bundle_id,
        changes=tuple(sorted(changes, key=lambda c: (AREAS.index(c.area), c.key))),
        figures=figure_changes(old, new),
        same_frames=on_same_frames(old, new),
        gate_answers=gate_answers(new),
    )
