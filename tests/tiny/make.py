"""Make a bundle that device tests open: python tests/tiny/make.py [tiny | textured]

tests/data/textured has an embedding; its network answers as that of tests/data/tiny.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


TEXTURED = """
[outputs.embedding]
layer = "texture"
"""


def main(name: str = "tiny") -> None:
    sys.path.insert(0, str(HERE))
    from frames import write_frames
    from sonoedge_export.candidates.earlier import Earlier
    from sonoedge_export.pipeline import export_bundle
    from sonoedge_export.progress import Stages
    from sonoedge_export.recipe.recipe import read_recipe

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_frames(folder / "frames")
        for file_name in ("recipe.toml", "network.py"):
            shutil.copy(HERE / file_name, folder)
        if name == "textured":
            file = folder / "recipe.toml"
            text = file.read_text().replace("dark_spots", "textured")
            file.write_text(text.replace(', "openvino-fp32"', "") + TEXTURED)
        recipe = read_recipe(folder / "recipe.toml")
        latencies = {"onnxruntime-fp32": 1.0, "openvino-fp32": 2.0}
        earlier = Earlier(latency_ms=latencies)
        out = HERE.parent / "data" / name
        print(export_bundle(recipe, out, Stages(), earlier=earlier, force=True).bundle_id)


if __name__ == "__main__":
    main(*sys.argv[1:])
