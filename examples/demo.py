"""What sonoedge does, on real frames, from this repository alone.

    make demo        (or: python examples/demo.py --out build/demo)

Exports the reference network and its pruned network, analyses a moving view of breast
frames and a lung clip, which is out of the network's scope, and measures latency.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from demo_page import write_page
from moving_view import moving_view

EXAMPLES = Path(__file__).resolve().parent
# Eight stills, spread over the set; whatever the network makes of them is shown.
STILLS = slice(3, 48, 6)
NOTHING_ANALYSED = 7  # the exit code of a run in which every frame was refused


def sonoedge(*arguments: str | Path, may_refuse_all: bool = False) -> None:
    """Run one command as a user would, and say which."""
    words = [str(a) for a in arguments]
    print(f"\n$ sonoedge {' '.join(words)}", flush=True)
    result = subprocess.run([sys.executable, "-m", "sonoedge", *words], check=False)
    if result.returncode != (NOTHING_ANALYSED if may_refuse_all else 0):
        result.check_returncode()


def write_view(folder: Path) -> int:
    """Write the moving view as pictures; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    files = sorted((EXAMPLES / "data/breast_usg/images").glob("*.png"))[STILLS]
    stills = [np.asarray(cv2.imread(str(f), cv2.IMREAD_GRAYSCALE), dtype=np.uint8) for f in files]
    count = 0
    each = int(os.environ.get("SONOEDGE_DEMO_FRAMES", "25"))  # of each still; fewer in tests
    for count, view in enumerate(moving_view(stills, frames_each=each), start=1):
        cv2.imwrite(str(folder / f"{count:04d}.png"), view)
    return count


def outcome(file: Path) -> str:
    """One sentence on a JSON Lines file."""
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    done = [r for r in rows if r["outcome"] == "analysed"]
    marked = sum(bool(r["regions"]) for r in done)
    suspicious = sum(r["flagged"] for r in done)
    return (
        f"{len(rows)} frames, {len(done)} analysed, "
        f"{marked} with a region, {suspicious} with a suspicious one"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="sonoedge on real frames")
    parser.add_argument("--out", type=Path, default=Path("build/demo"))
    out: Path = parser.parse_args().out
    began = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    bundle = out / "bundle"
    shutil.rmtree(bundle, ignore_errors=True)  # an earlier demo's
    some = os.environ.get("SONOEDGE_DEMO_VARIANTS")  # all of them; fewer in tests
    chosen = ("--variants", some) if some else ()
    sonoedge("export", EXAMPLES / "reference/demo.toml", "--out", bundle, *chosen)
    sonoedge("inspect", bundle)
    print(f"\nA moving view of real stills: {write_view(out / 'view')} frames")
    for name, source, more in (
        ("breast", out / "view", ("--fps", "25")),
        ("lung", EXAMPLES / "data/clips/Vir_whitelung_h1n1.mp4", ()),
    ):
        files = ("--jsonl", out / f"{name}.jsonl", "--overlay", out / f"{name}.webm")
        sonoedge("run", bundle, source, *files, *more, may_refuse_all=name == "lung")
    size = ("--size", "640x480", "--frames", "100")
    sonoedge("bench", bundle, *size, "--json", out / "latency.json", "--html", out / "latency.html")
    breast, lung = outcome(out / "breast.jsonl"), outcome(out / "lung.jsonl")
    write_page(out, breast=breast, lung=lung)
    print(f"\nbreast, a moving view over stills: {breast}")
    print(f"lung, out of the network's scope: {lung}")
    print("The network knows breast frames alone: other frames are to be OUT_OF_SCOPE.")
    print(f"\n{time.monotonic() - began:.0f} s. Look at {out / 'index.html'}")


if __name__ == "__main__":
    main()
