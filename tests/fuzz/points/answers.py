"""Messages of an engine's worker, and analyses to send."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sonoedge import Analysed, FrameGrade, NotAnalysed, Origin, Reason, Region
from sonoedge.analysis import Explanation, Line
from sonoedge.description import Described, NotDescribed, NotDescribedReason
from sonoedge.measure import Measures
from sonoedge.session.worker.wire import pack
from sonoedge.session.worker.wire_analysis import analysis_to
from sonoedge.session.worker.wire_region import description_to
from sonoedge.words import Measurement

ORIGIN = Origin(bundle_id="b", engine_sha256="s", runtime="r", precision="p", variant="v")
REGION = Region(
    contour_px=np.array([[1, 2], [3, 4], [5, 1]], np.int32), box_px=(1, 1, 5, 4), area_px=12.5,
    area_mm2=3.25, box_mm=(1.5, 2.5), suspicion=0.75, class_probs={"malignant": 0.9},
    flagged=True, track_id=3,
)  # fmt: skip
ANALYSED = Analysed(
    frame_id=7, captured_ns=10**15, age_ms=1.25, stages_ms={"guard": 0.1, "engine": 2.0},
    origin=ORIGIN, regions=(REGION, REGION), class_probs={"normal": 1.0}, stream="left",
    temporal_flag=True,
    explanation=Explanation(
        name="lesion_map", levels=np.zeros((4, 5), np.uint8), box_px=(0, 0, 20, 16)
    ),
)  # fmt: skip
GRADED = Analysed(
    frame_id=8, captured_ns=10**15, age_ms=1.0, stages_ms={}, origin=ORIGIN, regions=(),
    class_probs={}, grade=FrameGrade(suspicion=0.5, flagged=False),
)  # fmt: skip
REFUSED = NotAnalysed(
    frame_id=9, captured_ns=10**15, age_ms=1.0, stages_ms={"guard": 0.1}, origin=ORIGIN,
    reasons=(Reason.BLACK,), detail="d", stream="left",
)  # fmt: skip
ANALYSES = tuple(map(analysis_to, (ANALYSED, GRADED, REFUSED)))
READY = pack(
    {"is": "ready", "choice": "c", "golden": True,
     "origin": {"bundle_id": "b", "engine_sha256": "s", "runtime": "r", "precision": "p",
                "variant": "v"}}
)  # fmt: skip
FAILED = pack({"is": "failed", "token": "ENGINE_FAILED", "message": "m"})
GOLDEN = pack({"is": "golden", "token": "GOLDEN_MISMATCH", "message": "m"})
LINE = Line(ends_px=((1.5, 1.25), (4.0, 3.5)), angle_deg=42.0, length_px=3.4, length_mm=None)
LINED = analysis_to(replace(ANALYSED, regions=(replace(REGION, line=LINE),)))
DESCRIBED = description_to(
    Described(
        measures=Measures(
            names=("a.b", "d.e"), values=np.array([0.5, 0.0], np.float32), not_measured=("d.e",)
        ),
        words=(Measurement(name="outline", value=0.9, unit="", word="oval", reliable=True),),
        sentence="Outline oval.",
    )
)
NOT_DESCRIBED = description_to(NotDescribed(reason=NotDescribedReason.REGION_TOO_SMALL, detail="d"))
