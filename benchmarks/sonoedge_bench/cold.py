"""Cold starts: import, open and first frame, each in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sonoedge.errors import EngineFailed
from sonoedge_bench.measure import quantiles

# Runs in the fresh process. NumPy and OpenCV are imported first: a device's application
# has them anyway, and what sonoedge adds is what is asked for.
PROGRAM = """
import json, sys, time
a = time.monotonic()
import numpy, cv2
b = time.monotonic()
import sonoedge
c = time.monotonic()
analyser = sonoedge.open(sys.argv[1], variant=sys.argv[2])
d = time.monotonic()
picture = numpy.random.default_rng(0).integers(20, 200, (480, 640), dtype=numpy.uint8)
analyser.analyse(sonoedge.Frame(pixels=picture))
e = time.monotonic()
print(json.dumps({"numpy_cv2_ms": b - a, "import_ms": c - b, "open_ms": d - c,
                  "first_frame_ms": e - d}))
"""


def cold(bundle: Path, variants: Sequence[str], *, repeats: int) -> dict[str, Any]:
    """Milliseconds per variant and step: quantiles and raw samples.

    Steps: `numpy_cv2_ms`, `import_ms` (sonoedge above those), `open_ms` (until the
    golden frames have passed) and `first_frame_ms`. Variants take turns.

    Raises:
        EngineFailed: a fresh process could not open the bundle.
    """
    rows: dict[str, list[dict[str, float]]] = {v: [] for v in variants}
    for _ in range(repeats):
        for variant in variants:
            words = [sys.executable, "-c", PROGRAM, str(bundle), variant]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                raise EngineFailed(f"a fresh process could not open {variant}: {last}")
            seconds = json.loads(done.stdout.splitlines()[-1])
            rows[variant].append({k: round(v * 1000, 3) for k, v in seconds.items()})
    return {
        variant: {
            step: quantiles([row[step] for row in some]) | {"samples": [row[step] for row in some]}
            for step in some[0]
        }
        for variant, some in rows.items()
    }


def cold_table(data: dict[str, Any]) -> str:
    """One line per variant: medians."""
    steps = ("numpy_cv2_ms", "import_ms", "open_ms", "first_frame_ms")
    lines = [f"{'variant':<20}" + "".join(f"{s.removesuffix('_ms'):>14}" for s in steps)]
    for name, row in data.items():
        lines.append(f"{name:<20}" + "".join(f"{row[s]['p50']:>14.1f}" for s in steps))
    return "\n".join([*lines, "p50 in ms; import: sonoedge above numpy and cv2"])
