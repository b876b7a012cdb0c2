"""What a clip says of the session that it is of."""

from __future__ import annotations

import dataclasses

from sonoedge.analysis import Origin
from sonoedge.bundle import Manifest
from sonoedge.device.cpu import usable_threads
from sonoedge.device.fingerprint import CpuBox, cpu_box
from sonoedge.errors import SonoedgeError
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recording.document import RecordedEngine, RecordedSettings
from sonoedge.recording.mirror import Mirror


class Description:
    """Of one session, on one bundle.

    Args:
        manifest, manifest_sha256: the bundle's.
        threads: the engine's, as asked for; None for as many as there are.
        roi, guard, tracking: as `sonoedge.live`.
    """

    def __init__(
        self,
        manifest: Manifest,
        manifest_sha256: str,
        *,
        threads: int | None,
        roi: Roi | None,
        guard: GuardSettings | None,
        tracking: TrackingSettings | bool,
        max_age_ms: float,
        deadline_ms: float,
    ) -> None:
        self._manifest, self._manifest_sha256 = manifest, manifest_sha256
        self._threads = usable_threads() if threads is None else threads
        self._settings = RecordedSettings(
            roi=roi,
            guard=guard or manifest.guard,
            tracking=manifest.tracking if tracking is True else tracking or None,
            max_age_ms=max_age_ms,
            deadline_ms=deadline_ms,
        )
        self._origin: Origin | None = None
        self._machine: CpuBox | None = None

    @property
    def fixed_region(self) -> bool:
        """The network's region is set, and not that of each frame."""
        return self._settings.roi is not None or self._manifest.preprocess.roi is not None

    def mirror(self) -> Mirror:
        """One that goes along with the session's analyser."""
        manifest, settings = self._manifest, self._settings
        preprocess = manifest.preprocess
        if settings.roi is not None:
            preprocess = dataclasses.replace(preprocess, roi=settings.roi)
        return Mirror(
            preprocess=preprocess,
            guard=settings.guard,
            tracking=settings.tracking,
            threshold=manifest.postprocess.flag_threshold,
        )

    def engine(self, origin: Origin) -> None:
        """Take note of the engine that answers; a later one of another kind is not recorded."""
        self._origin = self._origin or origin

    def recorded_engine(self) -> RecordedEngine:
        """What answered.

        Raises:
            SonoedgeError: nothing ever did.
        """
        origin = self._origin
        if origin is None:
            raise SonoedgeError("no engine was ever ready: there is nothing to replay")
        if self._machine is None:
            self._machine = cpu_box()
        return RecordedEngine(
            bundle_id=self._manifest.bundle_id,
            manifest_sha256=self._manifest_sha256,
            variant=origin.variant,
            runtime=origin.runtime,
            precision=origin.precision,
            engine_sha256=origin.engine_sha256,
            threads=self._threads,
            machine=self._machine,
            seeds={},
        )

    def recorded_settings(self) -> RecordedSettings:
        """How it was driven."""
        return self._settings
