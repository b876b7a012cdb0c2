from __future__ import annotations

import numpy as np
import pytest

from report_samples import analysed, collection, refused, region_at
from sonoedge.analysis import FrameGrade
from sonoedge.report.collection import axes_mm


def test_a_track_is_one_finding_with_its_most_suspicious_frame() -> None:
    taken = collection(3)
    for frame, suspicion in enumerate((0.6, 0.9, 0.7), 1):
        taken.add(frame, analysed(region_at(50 + frame, 60, suspicion)), (0.2, 0.2))
    (finding,) = taken.findings().findings
    assert (finding.frame, finding.suspicion, finding.suspicious_frames) == (2, 0.9, 3)
    assert [outline.frame for outline in finding.outlines] == [1, 2, 3]
    assert np.array_equal(finding.contour_px, finding.outlines[1].contour_px)
    assert finding.area_mm2 == 28.0


def test_confirmed_findings_come_first() -> None:
    taken = collection(2)
    taken.add(1, analysed(region_at(40, 40, 0.99), region_at(90, 80, 0.6, track_id=1)))
    taken.add(2, analysed(region_at(90, 80, 0.6, track_id=1, track_flagged=True)))
    findings = taken.findings().findings
    assert [(f.number, f.confirmed, f.suspicion) for f in findings] == [
        (1, True, 0.6),
        (2, False, 0.99),
    ]
    assert findings[1].label == "region 2, not confirmed over frames"


def test_regions_below_the_threshold_are_counted_and_not_reported() -> None:
    taken = collection(1)
    taken.add(1, analysed(region_at(40, 40, 0.4)))
    findings = taken.findings()
    assert (findings.findings, findings.below_threshold) == ((), 1)
    assert "1 region below the threshold of 0.5 not reported" in findings.comment


def test_findings_beyond_the_bound_are_said() -> None:
    taken = collection(1, most=2)
    taken.add(1, analysed(*(region_at(40, 40, 0.6 + n / 10, track_id=n) for n in range(3))))
    findings = taken.findings()
    assert [f.suspicion for f in findings.findings] == pytest.approx([0.8, 0.7])
    assert findings.left_out == 1
    assert "1 suspicious region more than the 2 reported" in findings.comment


def test_without_times_each_region_of_each_frame_stands_alone() -> None:
    taken = collection(2, followed=False)
    for frame in (1, 2):
        taken.add(frame, analysed(region_at(40, 40, 0.8, track_id=None)))
    findings = taken.findings()
    assert [f.frame for f in findings.findings] == [1, 2]
    assert findings.findings[0].confirmed is None
    assert findings.findings[0].label == "region 1"
    assert "regions were not followed over frames" in findings.comment


def test_a_network_that_classifies_alone_gives_one_finding_without_a_place() -> None:
    taken = collection(3, localised=False)
    for frame, suspicion in enumerate((0.2, 0.9, 0.6), 1):
        grade = FrameGrade(suspicion=suspicion, flagged=suspicion >= 0.5)
        taken.add(frame, analysed(grade=grade))
    (finding,) = taken.findings().findings
    assert (finding.frame, finding.contour_px, finding.outlines) == (2, None, ())
    assert "does not localise" in taken.findings().comment


def test_what_was_not_analysed_is_counted_by_reason() -> None:
    taken = collection(3)
    taken.add(1, refused())
    taken.add(2, refused())
    taken.add(3, analysed())
    findings = taken.findings()
    assert (findings.analysed, findings.not_analysed) == (1, 2)
    assert findings.reasons == {"NO_CONTACT": 2}


def test_axes_are_measured_in_millimetres_whatever_a_pixels_shape() -> None:
    contour = np.array([(0, 0), (100, 0), (100, 10), (0, 10)], dtype=np.int32)
    assert axes_mm(contour, (2.0, 0.1)) == pytest.approx((20.0, 10.0))
