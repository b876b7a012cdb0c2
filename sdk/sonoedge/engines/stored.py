"""The bundle that is to be opened: that of a folder, or the one that a store runs."""

from __future__ import annotations

from pathlib import Path

from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.location import store_root
from sonoedge.engines.options import EngineOptions
from sonoedge.trust.policy import TrustPolicy


def start_bundle(bundle: str | Path, engine: EngineOptions, trust: TrustPolicy | None) -> Bundle:
    """A folder's bundle as it is; that of "store:PATH" as `sonoedge.store.start` gives it.

    Raises:
        SonoedgeError: as `read_bundle`, and as `sonoedge.store.start`.
    """
    root = store_root(bundle)
    if root is None:
        return read_bundle(bundle, test_doubles=engine.test_doubles, trust=trust)
    from sonoedge.store.starting import start  # late: it opens bundles itself

    return start(root, engine=engine, trust=trust)
