"""How a session opens bundles: by the settings that it was begun with, each time alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sonoedge.analysis import Origin
from sonoedge.bundle import read_bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.session.engine import Engine
from sonoedge.session.session_bundle import SessionBundle
from sonoedge.session.worker.setup import Setup
from sonoedge.trust.policy import TrustPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What every bundle of a session is opened with.

    Attributes:
        start: begins an engine with this setup.
        engine, roi, guard, tracking, trust: as `sonoedge.live`.
    """

    start: Callable[[Setup], Engine]
    engine: EngineOptions
    roi: Roi | None
    guard: GuardSettings | None
    tracking: TrackingSettings | bool
    trust: TrustPolicy | None

    def read(self, bundle: str | Path) -> tuple[SessionBundle, str]:
        """Read a bundle's manifest, and ask who vouches for it; returns its id as well.

        Its path is resolved here, once: whatever a link comes to name later, each engine
        opens this folder, and refuses another manifest than this one.

        Raises:
            BundleError, MissingDependency: as `sonoedge.bundle.read_bundle`.
        """
        opened = read_bundle(bundle, test_doubles=self.engine.test_doubles, trust=self.trust)
        manifest = opened.manifest
        setup = Setup(
            bundle=str(Path(bundle).resolve()),
            manifest_sha256=opened.manifest_sha256,
            engine=self.engine,
            roi=self.roi,
            guard=self.guard,
            tracking=self.tracking,
        )
        session_bundle = SessionBundle(
            make=lambda origin: self.start(_pinned(setup, origin)),
            guard=self.guard or manifest.guard,
            labels=manifest.postprocess.labels,
            threshold=manifest.postprocess.flag_threshold,
        )
        return session_bundle, manifest.bundle_id


def _pinned(setup: Setup, origin: Origin | None) -> Setup:
    """Later engines are of the variant and the runtime that the first one was."""
    if origin is None:
        return setup
    engine = dataclasses.replace(setup.engine, variant=origin.variant, runtime=origin.runtime)
    return dataclasses.replace(setup, engine=engine)
