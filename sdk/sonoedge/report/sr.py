"""A structured report: TID 1500 (Measurement Report), one measurement group per finding.

Importing this module needs highdicom. Layout and codes were chosen so that the validators of
dicom3tools and PixelMed find neither error nor warning.
"""

from __future__ import annotations

from typing import Any, Final, Literal

import cv2
import highdicom as hd
import numpy as np
import numpy.typing as npt
from highdicom import sr as tid
from highdicom.sr.coding import CodedConcept

from sonoedge import __version__
from sonoedge.report import codes
from sonoedge.report.findings import Algorithm, Contour, Finding, Findings
from sonoedge.report.source import SourceImage
from sonoedge.report.uids import new_uid, uid_of

Kind = Literal["3d", "comprehensive"]
MOST_POINTS: Final = 200  # of a contour: 8 bytes each, and as many lines for a viewer to draw
SERIES: Final = 901


def structured_report(source: SourceImage, findings: Findings, kind: Kind = "3d") -> Any:
    """The report, a data set that can be saved.

    Args:
        source: what is reported on.
        findings: of all its frames.
        kind: Comprehensive 3D SR, or Comprehensive SR for archives that refuse the first.
    """
    groups = [_group(source, findings.algorithm, finding) for finding in findings.findings]
    content = tid.MeasurementReport(
        observation_context=tid.ObservationContext(observer_device_context=_observer(findings)),
        procedure_reported=concept(codes.IMAGING_PROCEDURE),
        # highdicom asks for a group, and viewers for the container of groups.
        imaging_measurements=groups or [_no_finding(source, findings.algorithm)],
        referenced_images=[source.header],
    )
    made = (hd.sr.Comprehensive3DSR if kind == "3d" else hd.sr.ComprehensiveSR)(
        evidence=[source.header],
        content=content,
        series_instance_uid=new_uid(),
        series_number=SERIES,
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer="sonoedge",
        manufacturer_model_name=findings.algorithm.name,
        software_versions=[findings.algorithm.version, __version__],
        series_description=f"Findings: {codes.NOTICE}",
        is_complete=True,
    )
    made.ContentSequence = [*made.ContentSequence, _summary(findings)]
    # The scanner and its hospital stand in the source, which is referred to.
    made.pop("ContributingEquipmentSequence", None)
    return made


def concept(code: codes.Code) -> CodedConcept:
    """A code of `sonoedge.report.codes` as a data set."""
    return CodedConcept(code.value, code.scheme, code.meaning)


def algorithm_identification(algorithm: Algorithm) -> tid.AlgorithmIdentification:
    """TID 4019: which bundle, engine and threshold."""
    return tid.AlgorithmIdentification(
        name=algorithm.name,
        version=algorithm.version,
        parameters=list(algorithm.parameters),
        family=concept(codes.ARTIFICIAL_INTELLIGENCE),
    )


def ring(contour_px: Contour) -> npt.NDArray[np.float64]:
    """A contour as a closed polyline, float64 (N + 1, 2).

    Its points are (x, y), where a pixel's centre is at .5 (PS3.3 C.18.6).
    """
    points = simplified(contour_px)
    return np.vstack([points, points[:1]]).astype(np.float64) + 0.5


def simplified(contour_px: Contour) -> Contour:
    """At most `MOST_POINTS` of a contour's points, int32 (N, 2); as it is where it has no more.

    Of one or two points, which enclose nothing, the corners of their box.
    """
    if len(contour_px) < 3:
        (x0, y0), (x1, y1) = contour_px.min(axis=0), contour_px.max(axis=0)
        return np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], dtype=np.int32)
    points, tolerance = contour_px, 0.5
    while len(points) > MOST_POINTS:
        points = np.asarray(cv2.approxPolyDP(contour_px, tolerance, True), np.int32).reshape(-1, 2)
        tolerance *= 1.5
    return points


def _group(source: SourceImage, algorithm: Algorithm, finding: Finding) -> Any:
    frames = [finding.frame] if source.multi_frame else None
    common: dict[str, Any] = {
        "tracking_identifier": tid.TrackingIdentifier(
            uid=finding.tracking_uid, identifier=finding.label
        ),
        "finding_type": concept(codes.LESION),
        "finding_sites": [tid.FindingSite(concept(codes.BREAST))] if algorithm.breast else None,
        "algorithm_id": algorithm_identification(algorithm),
        "measurements": _measurements(algorithm, finding),
    }
    if finding.contour_px is None:
        image = tid.SourceImageForMeasurementGroup.from_source_image(source.header, frames)
        return tid.MeasurementsAndQualitativeEvaluations(source_images=[image], **common)
    region = tid.ImageRegion(
        tid.GraphicTypeValues.POLYLINE,
        ring(finding.contour_px),
        tid.SourceImageForRegion.from_source_image(source.header, frames),
    )
    return tid.PlanarROIMeasurementsAndQualitativeEvaluations(referenced_region=region, **common)


def _measurements(algorithm: Algorithm, finding: Finding) -> list[tid.Measurement]:
    name = codes.PROBABILITY_OF_CANCER if algorithm.of_cancer else codes.CERTAINTY
    values = [(name, 100 * finding.suspicion, codes.PERCENT)]
    if finding.area_mm2 is not None:
        values.append((codes.AREA, finding.area_mm2, codes.SQUARE_MILLIMETRE))
    if finding.axes_mm is not None:
        for axis, length in zip((codes.LONG_AXIS, codes.SHORT_AXIS), finding.axes_mm, strict=True):
            values.append((axis, length, codes.MILLIMETRE))
    return [
        tid.Measurement(name=concept(name), value=round(value, 2), unit=concept(unit))
        for name, value, unit in values
    ]


def _no_finding(source: SourceImage, algorithm: Algorithm) -> Any:
    """A group without a measurement; the summary says what it means."""
    return tid.MeasurementsAndQualitativeEvaluations(
        tracking_identifier=tid.TrackingIdentifier(uid=new_uid(), identifier="all frames"),
        algorithm_id=algorithm_identification(algorithm),
        source_images=[tid.SourceImageForMeasurementGroup.from_source_image(source.header)],
    )


def _observer(findings: Findings) -> tid.ObserverContext:
    """The device observes; no person does."""
    origin = findings.algorithm.origin
    return tid.ObserverContext(
        concept(codes.DEVICE),
        tid.DeviceObserverIdentifyingAttributes(
            uid=uid_of("observer", origin.bundle_id, origin.engine_sha256), name="sonoedge"
        ),
    )


def _summary(findings: Findings) -> tid.ContainerContentItem:
    """How the run went, in a container beside the measurements."""
    box = tid.ContainerContentItem(name=concept(codes.EVALUATIONS), relationship_type="CONTAINS")
    box.ContentSequence = tid.ContentSequence(
        [
            tid.CodeContentItem(concept(codes.SUMMARY), concept(findings.summary), "CONTAINS"),
            tid.TextContentItem(concept(codes.COMMENT), findings.comment, "CONTAINS"),
        ]
    )
    return box
