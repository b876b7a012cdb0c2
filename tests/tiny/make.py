"""Make tests/data/tiny, the bundle that device tests open: python tests/tiny/make.py"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    sys.path.insert(0, str(HERE))
    from frames import write_frames
    from sonoedge_export.candidates.earlier import Earlier
    from sonoedge_export.pipeline import export_bundle
    from sonoedge_export.progress import Stages
    from sonoedge_export.recipe.recipe import read_recipe

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_frames(folder / "frames")
        for name in ("recipe.toml", "network.py"):
            shutil.copy(HERE / name, folder)
        recipe = read_recipe(folder / "recipe.toml")
        latencies = {"onnxruntime-fp32": 1.0, "openvino-fp32": 2.0}
        earlier = Earlier(latency_ms=latencies)
        out = HERE.parent / "data" / "tiny"
        print(export_bundle(recipe, out, Stages(), earlier=earlier, force=True).bundle_id)


if __name__ == "__main__":
    main()
