"""What an engine is opened with, as a session hands it to each engine that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonoedge.analyser import Analyser
from sonoedge.bundle import read_bundle
from sonoedge.engines.golden import check_golden
from sonoedge.engines.open import open
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.preprocess import Preprocess
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.settings import plain, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """The arguments of `sonoedge.open`, as plain values that can cross to a worker."""

    bundle: str
    engine: EngineOptions = DEFAULT_ENGINE
    roi: Roi | None = None
    guard: GuardSettings | None = None
    tracking: TrackingSettings | bool = True

    def open(self) -> Analyser:
        """Open the bundle.

        Raises:
            SonoedgeError: as `sonoedge.open`.
        """
        return open(
            self.bundle, self.engine, roi=self.roi, guard=self.guard, tracking=self.tracking
        )

    def to_plain(self) -> dict[str, Any]:
        """What JSON can hold."""
        data: dict[str, Any] = plain(self)
        return data


def setup_from(said: Mapping[str, Any]) -> Setup:
    """`Setup.to_plain`, read back."""
    return read(Setup, said)


class GoldenChecks:
    """The golden frames of a loaded engine, asked one at a time.

    The files are read, and checked again, with the first question: opening is not held up.
    """

    def __init__(self, setup: Setup, analyser: Analyser) -> None:
        self._bundle = read_bundle(Path(setup.bundle), test_doubles=setup.engine.test_doubles)
        self._variant = self._bundle.variant(analyser.origin.variant)
        self._engine = analyser.engine
        self._preprocess = Preprocess(self._bundle.manifest.preprocess)
        self._known: tuple[list[Any], list[Any]] | None = None

    def __len__(self) -> int:
        return len(self._bundle.manifest.golden.frames)

    def check(self, number: int) -> None:
        """Ask the engine one golden frame.

        Raises:
            GoldenMismatch: it answers otherwise than when it was verified.
            SonoedgeError: it fails, or the files are not what they were.
        """
        if self._known is None:
            self._known = (
                self._bundle.golden_frames(),
                self._bundle.golden_answers(self._variant),
            )
        frames, answers = self._known
        one = slice(number, number + 1)
        check_golden(
            self._engine,
            self._preprocess,
            self._bundle.manifest.postprocess,
            frames[one],
            answers[one],
            self._variant.tolerance,
        )
