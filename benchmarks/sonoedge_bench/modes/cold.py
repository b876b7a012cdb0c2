"""Cold starts: import, open and first frame, each in a fresh process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from sonoedge import Origin, errors
from sonoedge.bundle import Variant
from sonoedge.errors import EngineFailed
from sonoedge.late_edges import LATE_EDGES
from sonoedge.settings import plain
from sonoedge_bench.modes.plan import ABSENT, Plan, unless_absent
from sonoedge_bench.modes.tape import Recording, Tape

COLD_START: Final = LATE_EDGES["cold start"].partition(":")[0]
LIMIT_S: Final = 300.0
STEPS: Final = (
    "process_ms",
    "numpy_cv2_ms",
    "import_ms",
    "open_ms",
    "first_frame_ms",
    "steady_ms",
    "first_over_steady",
    "peak_mib",
    "steady_mib",
)


def cold(plan: Plan, recording: Recording) -> None:
    """Start the variants in turn, `repeats` times each; the disk's cache stays warm.

    Steps: `process_ms` from the start of the process until the first result, as its parent
    sees it; `numpy_cv2_ms`, which a device's application imports anyway; `import_ms`,
    sonoedge above those; `open_ms` until the golden frames have passed and frames may come;
    `first_frame_ms`; `steady_ms`, the median of the later half of the frames after it.

    Raises:
        EngineFailed: a fresh process failed for another reason than a missing engine.
    """
    tapes: dict[str, Tape] = {}
    with tempfile.TemporaryDirectory() as folder:
        pictures = Path(folder) / "frames.npz"
        np.savez(
            pictures, *[plan.frame_set.at(n).pixels for n in range(len(plan.frame_set.frames))]
        )
        progress = plan.progress(plan.options.repeats * len(plan.variants))
        completed = 0
        for repeat in range(plan.options.repeats):
            for variant in plan.variants:
                if variant.id in recording.skipped:
                    continue
                with unless_absent(recording, variant):
                    row, origin = _once(plan, variant, pictures)
                    if variant.id not in tapes:
                        subject = plan.subject(variant, origin, plan.options.threads[0], None)
                        tapes[variant.id] = recording.begin(subject, STEPS, plan.options.repeats)
                    tapes[variant.id].rows.add({"number": float(repeat)} | row)
                    tapes[variant.id].outcomes.submitted += 1
                    tapes[variant.id].outcomes.analysed += 1
                completed += 1
                progress.show(completed)
        progress.clear()


def _once(plan: Plan, variant: Variant, pictures: Path) -> tuple[dict[str, float], Origin]:
    """One fresh process."""
    threads = plan.options.threads[0]
    request: dict[str, Any] = {
        "bundle": str(plan.bundle.folder),
        "engine": plain(plan.engine(variant, threads)),
        "isolation": plan.options.isolation,
        "frames": plan.options.frames,
        "pictures": str(pictures),
    }
    command = [sys.executable, "-m", COLD_START, json.dumps(request)]
    start = time.monotonic()
    try:
        completed = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=LIMIT_S
        )
    except subprocess.TimeoutExpired:
        raise EngineFailed(f"{variant.id} was not ready after {LIMIT_S:.0f} s") from None
    lines = [line for line in completed.stdout.splitlines() if line.startswith("{")]
    if completed.returncode or not lines:
        last = (completed.stderr.strip().splitlines() or ["no message"])[-1]
        raise EngineFailed(f"a fresh process could not open {variant.id}: {last}")
    answer: dict[str, Any] = json.loads(lines[-1])
    if "token" in answer:
        for kind in ABSENT:
            if answer["token"] == kind.token:
                raise kind(answer["message"])
        raise _error(answer["token"], answer["message"])
    row = answer["row"] | {"process_ms": (answer["first_result"] - start) * 1000}
    return row, Origin(**answer["origin"])


def _error(token: str, message: str) -> errors.SonoedgeError:
    """Our error of this token again."""
    for kind in vars(errors).values():
        is_ours = isinstance(kind, type) and issubclass(kind, errors.SonoedgeError)
        if is_ours and kind.token == token:
            result: errors.SonoedgeError = kind(message)
            return result
    return EngineFailed(f"{token}: {message}")
