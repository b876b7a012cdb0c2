"""Make tests/data/conformance anew: PYTHONPATH=tests python -m conformance.make"""

from __future__ import annotations

import tempfile
from pathlib import Path

import sonoedge
from conformance.answers import answers
from conformance.scenes import scenes, stream
from conformance.vectors import (
    BUNDLE,
    GATHERED,
    VECTORS,
    gathering_bundle,
    write,
    write_gathered,
)
from sonoedge.engines.options import EngineOptions


def main() -> None:
    engine = EngineOptions(variant="onnxruntime-fp32", threads=1)
    with sonoedge.open(BUNDLE, engine) as analyser:
        answered = list(answers(analyser, scenes()))
    write(answered)
    regions = sum(len(answer.get("regions", ())) for answer, _ in answered)
    print(f"{VECTORS}: {len(answered)} frames, {regions} regions")
    with tempfile.TemporaryDirectory() as folder:
        bundle = gathering_bundle(Path(folder) / "bundle")
        with sonoedge.open(bundle, engine) as analyser:
            gathered = list(answers(analyser, stream(0)))
    write_gathered(gathered)
    raised = sum(answer.get("temporal_flag", 0) for answer, _ in gathered)
    print(f"{GATHERED}: {len(gathered)} frames, the flag up in {raised}")


if __name__ == "__main__":
    main()
