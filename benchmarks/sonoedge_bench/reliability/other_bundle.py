"""The same networks under another manifest: another bundle, as far as a session can tell."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from sonoedge.bundle.identity import manifest_text
from sonoedge.trust.manifest_signature import ENVELOPE


def make_other_bundle(bundle: Path, out: Path) -> Path:
    """Copy a bundle to `out`, with another intended use and so another digest; returns `out`."""
    shutil.copytree(bundle, out)
    manifest = json.loads((out / "manifest.json").read_text())
    manifest["intended_use"] = "Reliability tests: the same networks as another bundle."
    (out / ENVELOPE).unlink(missing_ok=True)  # what was signed is not this
    (out / "manifest.json").write_text(manifest_text(manifest))
    return out
