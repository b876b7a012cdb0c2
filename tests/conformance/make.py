"""Make tests/data/conformance anew: PYTHONPATH=tests python -m conformance.make"""

from __future__ import annotations

import sonoedge
from conformance.answers import answers
from conformance.scenes import scenes
from conformance.vectors import BUNDLE, VECTORS, write
from sonoedge.engines.options import EngineOptions


def main() -> None:
    with sonoedge.open(BUNDLE, EngineOptions(variant="onnxruntime-fp32", threads=1)) as analyser:
        answered = list(answers(analyser, scenes()))
    write(answered)
    regions = sum(len(answer.get("regions", ())) for answer, _ in answered)
    print(f"{VECTORS}: {len(answered)} frames, {regions} regions")


if __name__ == "__main__":
    main()
