"""Thresholds of certainty from a user's own frames, in a file beside the bundle.

`sonoedge recalibrate` writes it. Nothing finds it by itself: whoever opens the bundle names it,
and it counts for that one bundle alone.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from sonoedge.bounded_read import read_bounded
from sonoedge.certainty import Certainty
from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain, read
from sonoedge.strict_json import parse_json

SCHEMA: Final = "sonoedge-certainty-1"
MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalibration:
    """What the file holds.

    Attributes:
        bundle_id: of the bundle that answered.
        variant: the id of the variant that did.
        certainty: thresholds, and the frames that they come from.
    """

    schema: Literal["sonoedge-certainty-1"]
    bundle_id: str
    variant: str
    certainty: Certainty

    def text(self) -> str:
        """The file's text."""
        return json.dumps(plain(self), indent=1, allow_nan=False) + "\n"

    def thresholds(self, bundle_id: str, variant: str) -> Certainty:
        """The thresholds, for this variant of this bundle.

        Raises:
            InvalidSettings: they are of another bundle or variant.
        """
        if (self.bundle_id, self.variant) != (bundle_id, variant):
            raise InvalidSettings(
                f"the certainty file was calibrated with {self.variant[:64]} of "
                f"{self.bundle_id[:140]}, not with {variant} of {bundle_id}: run sonoedge "
                "recalibrate with that"
            )
        return self.certainty


def read_recalibration(file: str | Path) -> Recalibration:
    """What `sonoedge recalibrate` wrote.

    Raises:
        InvalidSettings: the file cannot be read, or is none of these.
    """
    path = Path(file)
    try:
        text = read_bounded(path, MOST_BYTES)
    except OSError as error:
        raise InvalidSettings(f"{path.name} cannot be read: {error.strerror}") from None
    try:
        return read(Recalibration, parse_json(text, path.name, most_bytes=MOST_BYTES))
    except InvalidSettings as error:
        raise InvalidSettings(f"{path.name} is no recalibration: {error}") from None
