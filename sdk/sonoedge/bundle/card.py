"""What whoever made a network states of it: the recipe's table [card], kept in the manifest."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields
from typing import Final, Literal

from sonoedge.errors import InvalidSettings

Use = Literal["training", "validation", "calibration", "operating point", "test"]
_SHA256: Final = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardData:
    """A set of frames that the network was made or judged with.

    Attributes:
        name: of the set; one that the recipe judges on has the name in its frames.json.
        used_for: what for; one set may be named once for each use.
        licence: of the frames: an SPDX expression where there is one, or its name.
        source: where they come from, such as a DOI.
        frames, patients: how many.
        sha256: one digest over all pictures and masks, as an export records it.
        dates: when they were recorded.
        devices: scanners and transducers.
        population: sex, age and the like.
        labelled_by: who outlined and graded lesions, how many of them, and how they disagreed.
        reference_standard: what a label rests on, such as histology.

    Raises:
        InvalidSettings: a text is blank, a count below 1, or the digest is none.
    """

    name: str
    used_for: Use
    licence: str | None = None
    source: str | None = None
    frames: int | None = None
    patients: int | None = None
    sha256: str | None = None
    dates: str | None = None
    devices: tuple[str, ...] = ()
    population: str | None = None
    labelled_by: str | None = None
    reference_standard: str | None = None

    def __post_init__(self) -> None:
        _check_not_blank(self)
        for name in ("frames", "patients"):
            count = getattr(self, name)
            if count is not None and count < 1:
                raise InvalidSettings(f"{name} is {count}; leave it out where it is not known")
        if self.sha256 is not None and not _SHA256.fullmatch(self.sha256):
            raise InvalidSettings("sha256 must be 64 hexadecimal digits in lower case")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a model card needs and no measurement tells; what is left out is "not provided".

    Nothing of it is checked by an export: these are the maker's own words.

    Attributes:
        supplier: who answers for the network: a person or an organisation.
        users: who it is for, such as "trained sonographers".
        contraindications: where it must not be used.
        limitations: what it cannot do, as far as known.
        cost_of_a_miss, cost_of_a_false_flag: what a lesion that should be flagged and is not, and a
            flag without one, lead to, for whoever weighs the two by the threshold.
        hardware: scanners, transducers, frequencies and depths that it is meant for.
        architecture: of the network, in words.
        weights_licence: an SPDX expression where there is one, or the licence's name.
        data: the sets of frames that it was made and judged with.

    Raises:
        InvalidSettings: a text is blank, or a set is named twice for one use.
    """

    supplier: str | None = None
    users: str | None = None
    contraindications: tuple[str, ...] = ()
    limitations: tuple[str, ...] = ()
    cost_of_a_miss: str | None = None
    cost_of_a_false_flag: str | None = None
    hardware: str | None = None
    architecture: str | None = None
    weights_licence: str | None = None
    data: tuple[CardData, ...] = ()

    def __post_init__(self) -> None:
        _check_not_blank(self)
        for (name, use), count in Counter((d.name, d.used_for) for d in self.data).items():
            if count > 1:
                raise InvalidSettings(f"data names {name[:80]!r} twice for {use}")


def _check_not_blank(table: Card | CardData) -> None:
    """A blank text looks like an answer: what is not known is left out."""
    for field in fields(table):
        value = getattr(table, field.name)
        texts = value if isinstance(value, tuple) else (value,)
        if any(isinstance(text, str) and not text.strip() for text in texts):
            raise InvalidSettings(f"{field.name} is blank; leave it out where it is not known")
