"""How a session opens bundles: by the settings that it was begun with, each time alike."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sonoedge.analysis import Origin
from sonoedge.bundle import Bundle
from sonoedge.engines.options import EngineOptions
from sonoedge.engines.stored import start_bundle
from sonoedge.guard import GuardSettings
from sonoedge.processing.geometry import Roi
from sonoedge.processing.tracking import TrackingSettings
from sonoedge.recalibration import Recalibration
from sonoedge.session.engine import Engine
from sonoedge.session.session_bundle import SessionBundle
from sonoedge.session.worker.setup import Setup, setup_of
from sonoedge.trust.admission import settle_grants, use_grant
from sonoedge.trust.device_bar import check_overrides
from sonoedge.trust.policy import TrustPolicy, read_policy


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedBundle:
    """A bundle that may run here.

    Attributes:
        bundle: what makes its engines.
        opened: what was read.
        policy: by which it was admitted.
    """

    bundle: SessionBundle
    opened: Bundle
    policy: TrustPolicy

    @property
    def bundle_id(self) -> str:
        """Its name, version and digest."""
        return self.opened.manifest.bundle_id

    def use_grant(self) -> None:
        """Use up the grant that it runs by, where it does; before it runs.

        Raises:
            RollbackRefused, TrustError: see `sonoedge.trust.admission.use_grant`.
        """
        use_grant(self.opened.vouched.admission, self.policy)

    def settle_grants(self) -> None:
        """End the grant of the bundle that went before, now that this one runs.

        Raises:
            TrustError: see `sonoedge.trust.admission.settle_grants`.
        """
        if self.opened.lease is None:  # a store settles when it marks the bundle good
            settle_grants(self.opened.vouched.admission, self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What every bundle of a session is opened with.

    Attributes:
        start: begins an engine with this setup.
        engine, roi, guard, tracking, explain, trust: as `sonoedge.live`.
        certainty: what the file of `sonoedge.live` holds.
    """

    start: Callable[[Setup], Engine]
    engine: EngineOptions
    roi: Roi | None
    guard: GuardSettings | None
    tracking: TrackingSettings | bool
    trust: TrustPolicy | None
    explain: bool = False
    certainty: Recalibration | None = None

    def read(self, bundle: str | Path) -> AdmittedBundle:
        """Read a bundle's manifest, and ask who vouches for it.

        Its path is resolved here, once: whatever a link comes to name later, each engine
        opens this folder, and refuses another manifest than this one.

        Raises:
            BundleError, MissingDependency, StoreError: as `sonoedge.open`.
            InvalidSettings: guard or tracking given in its place are laxer than the device demands.
        """
        policy = read_policy() if self.trust is None else self.trust
        opened = start_bundle(bundle, self.engine, policy)
        manifest = opened.manifest
        threshold = manifest.postprocess.flag_threshold
        check_overrides(policy.bar, self.guard, self.tracking, threshold)
        setup = setup_of(
            opened,
            self.engine,
            roi=self.roi,
            guard=self.guard,
            tracking=self.tracking,
            explain=self.explain,
            certainty=self.certainty,
        )
        session_bundle = SessionBundle(
            make=lambda origin: self.start(_pinned(setup, origin)),
            guard=self.guard or manifest.guard,
            labels=manifest.postprocess.labels,
            threshold=threshold,
            opened=opened,
        )
        return AdmittedBundle(
            bundle=session_bundle,
            opened=opened,
            policy=policy,
        )


def _pinned(setup: Setup, origin: Origin | None) -> Setup:
    """Later engines are of the variant and the runtime that the first one was."""
    if origin is None:
        return setup
    engine = dataclasses.replace(setup.engine, variant=origin.variant, runtime=origin.runtime)
    return dataclasses.replace(setup, engine=engine)
