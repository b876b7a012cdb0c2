"""What an engine is opened with, as a session hands it to each engine that it starts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonoedge.analyser import Analyser
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.engines.golden import check_golden
from sonoedge.engines.open import open_bundle
from sonoedge.engines.options import DEFAULT_ENGINE, EngineOptions
from sonoedge.errors import BundleError
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.preprocess import Preprocess
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recalibration import Recalibration
from sonoedge.settings import plain, read
from sonoedge.trust.keys import PublicKey
from sonoedge.trust.policy import TrustPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What an engine of a session is opened with, as plain values that can cross to a worker.

    Attributes:
        bundle: the folder's path, absolute and without links.
        manifest_sha256: of the manifest that the session began with; any other is refused.
        engine, roi, guard, tracking, explain: as `sonoedge.open`.
        certainty: what the file of `sonoedge.open` held when the session began.
        device_key: as `Bundle.device_key`.
        vouched_by: the keys that vouch for it, hexadecimal, by whoever made this: a worker asks
            for no signature again, and must not say that nobody did.
        note: what the bundle's store has to say; becomes part of the analyser's `choice`.
    """

    bundle: str
    manifest_sha256: str
    engine: EngineOptions = DEFAULT_ENGINE
    roi: Roi | None = None
    guard: GuardSettings | None = None
    tracking: TrackingSettings | bool = True
    explain: bool = False
    certainty: Recalibration | None = None
    device_key: str | None = None
    vouched_by: tuple[str, ...] = ()
    note: str = ""

    def open(self) -> tuple[Bundle, Analyser]:
        """Open the bundle that the session began with.

        Raises:
            BundleError: another one lies there by now.
            SonoedgeError: as `sonoedge.open`.
        """
        # Who vouches was asked when the session began, of the manifest with this digest.
        key = None if self.device_key is None else Path(self.device_key)
        bundle = read_bundle(
            Path(self.bundle),
            test_doubles=self.engine.test_doubles,
            trust=TrustPolicy(device_key=key),
        )
        if bundle.manifest_sha256 != self.manifest_sha256:
            raise BundleError(
                "the bundle has changed since this session began; close the session and start "
                "another one"
            )
        keys = frozenset(PublicKey(bytes.fromhex(key)) for key in self.vouched_by)
        bundle = dataclasses.replace(
            bundle, vouched=dataclasses.replace(bundle.vouched, keys=keys), note=self.note
        )
        analyser = open_bundle(
            bundle,
            self.engine,
            roi=self.roi,
            guard=self.guard,
            tracking=self.tracking,
            explain=self.explain,
            certainty=self.certainty,
        )
        return bundle, analyser

    def to_plain(self) -> dict[str, Any]:
        """What JSON can hold."""
        data: dict[str, Any] = plain(self)
        return data


def setup_of(
    bundle: Bundle,
    engine: EngineOptions,
    *,
    roi: Roi | None = None,
    guard: GuardSettings | None = None,
    tracking: TrackingSettings | bool = True,
    explain: bool = False,
    certainty: Recalibration | None = None,
) -> Setup:
    """What an engine of this very bundle is opened with, in this process or another one."""
    return Setup(
        bundle=str(bundle.folder.resolve()),  # a link may point elsewhere by the next restart
        manifest_sha256=bundle.manifest_sha256,
        engine=engine,
        roi=roi,
        guard=guard,
        tracking=tracking,
        explain=explain,
        certainty=certainty,
        device_key=None if bundle.device_key is None else str(bundle.device_key.absolute()),
        vouched_by=tuple(sorted(key.raw.hex() for key in bundle.vouched.keys)),
        note=bundle.note,
    )


def setup_from(data: Mapping[str, Any]) -> Setup:
    """`Setup.to_plain`, read back."""
    return read(Setup, data)


class GoldenChecks:
    """The golden frames of a loaded engine, asked one at a time.

    The files are read, and checked again, with the first question: opening is not held up.
    """

    def __init__(self, bundle: Bundle, analyser: Analyser) -> None:
        self._bundle = bundle
        self._variant = self._bundle.variant(analyser.origin.variant)
        self._engine = analyser.engine
        self._preprocess = Preprocess(self._bundle.manifest.preprocess)
        self._golden: tuple[list[Any], list[Any]] | None = None

    def __len__(self) -> int:
        return len(self._bundle.manifest.golden.frames)

    def check(self, number: int) -> None:
        """Ask the engine one golden frame.

        Raises:
            GoldenMismatch: it answers otherwise than when it was verified.
            SonoedgeError: it fails, or the files are not what they were.
        """
        if self._golden is None:
            self._golden = (
                self._bundle.golden_frames(),
                self._bundle.golden_answers(self._variant),
            )
        frames, answers = self._golden
        selection = slice(number, number + 1)
        check_golden(
            self._engine,
            self._preprocess,
            self._bundle.manifest.postprocess,
            frames[selection],
            answers[selection],
            self._variant.tolerance,
        )
