"""An update of a store to another bundle, and what must hold whenever it was interrupted."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from sonoedge.bundle import Bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.engines.options import EngineOptions
from sonoedge.store import (
    HealthLimits,
    HealthReport,
    activate,
    collect_garbage,
    fall_back,
    install_bundle,
    mark_good,
    start,
)
from sonoedge.store.layout import Layout
from sonoedge.store.state import read_state
from sonoedge.trust.floor import FileFloors
from sonoedge.trust.policy import TrustPolicy

TINY = Path(__file__).parents[1] / "data" / "tiny"


def passed(bundle: Bundle, engine: EngineOptions, limits: HealthLimits) -> HealthReport:
    """A self-test in no time: what is asked here is what happens to files."""
    return HealthReport(variant="", runtime="", choice="", frames=0, p50_ms=None, p99_ms=None)


def make_bundle(folder: Path, version: str, security_version: int = 0) -> Path:
    """The tiny bundle, of another version."""
    shutil.copytree(TINY, folder)
    data = json.loads((folder / "manifest.json").read_text())
    data |= {"version": version, "security_version": security_version}
    (folder / "manifest.json").write_text(manifest_text(data))
    return folder


@dataclass(frozen=True, kw_only=True)
class Update:
    """A store, and the bundle that it is updated to; the floors lie in the store's folder too."""

    root: Path
    bundle: Path

    @property
    def policy(self) -> TrustPolicy:
        """Unsigned bundles run; floors are kept."""
        return TrustPolicy(floors=FileFloors(self.root / "floors.json"))

    def run(self) -> None:
        """The whole of it: install, activate, mark good, remove what is not needed."""
        sha256 = install_bundle(self.root, self.bundle, trust=self.policy)
        activate(self.root, sha256, trust=self.policy, test=passed)
        mark_good(self.root, trust=self.policy, test=passed)
        collect_garbage(self.root)

    def fall_back(self) -> None:
        """Go back to the bundle before the active one."""
        fall_back(self.root, trust=self.policy)

    def started(self) -> str:
        """What a device would open now, by its digest; it leaves nothing behind.

        Raises:
            AssertionError: something is left, or the link points elsewhere.
        """
        bundle = start(self.root, trust=self.policy, test=passed)
        assert bundle.lease is not None
        bundle.lease.close()
        layout, name = Layout(root=self.root), bundle.manifest_sha256
        assert list(layout.incoming.iterdir()) == [], "drafts are left"
        drafts = [p.name for p in self.root.iterdir() if p.name.startswith((".state", ".current"))]
        assert drafts == [], drafts
        assert layout.current.readlink() == Path("bundles") / name, "the link points elsewhere"
        assert read_state(layout).active == name
        return name

    def check(self, old: str, new: str) -> str:
        """ "old" or "new"; and the update goes through when it is done again.

        Raises:
            AssertionError: neither, or the second try fails.
        """
        name = self.started()
        assert name in (old, new), name
        self.run()
        assert self.started() == new
        layout = Layout(root=self.root)
        assert read_state(layout).trial is None
        assert set(layout.installed()) == {old, new}, "what is not needed is left"
        return "old" if name == old else "new"

    def check_fall_back(self, old: str, new: str) -> str:
        """`check`, of a fall back from `new` to `old`."""
        name = self.started()
        assert name in (old, new), name
        if name == new:
            self.fall_back()
        assert self.started() == old
        return "old" if name == old else "new"


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Two bundles, and a store in which the first runs and a third one is not needed.

    Attributes:
        old, new: their digests.
    """

    store: Path
    bundle: Path
    old: str
    new: str

    def copy(self, root: Path) -> Update:
        """A copy of the store, to be updated."""
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(self.store, root, symlinks=True)
        return Update(root=root, bundle=self.bundle)


def make_ground(folder: Path, store: Path | None = None) -> Ground:
    """Make the bundles and the store.

    Args:
        folder: for the bundles.
        store: where the store is made; in `folder` if left out.
    """
    a, b = make_bundle(folder / "a", "1"), make_bundle(folder / "b", "2")
    root = folder / "store" if store is None else store
    Update(root=root, bundle=a).run()
    install_bundle(root, make_bundle(folder / "c", "3"), trust=TrustPolicy())
    old = Update(root=root, bundle=a).started()
    other = Update(root=folder / "other", bundle=b)
    other.run()
    return Ground(store=root, bundle=b, old=old, new=other.started())
