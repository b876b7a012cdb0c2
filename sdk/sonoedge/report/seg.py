"""Segmentations of a cine: each finding a segment, each of its frames a mask.

Importing this module needs highdicom, whose own writer refuses multi-frame ultrasound: it asks
for places in space, which nobody knows and which are not made up here. A segment and the number
of a source frame say where each mask belongs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

import cv2
import highdicom as hd
import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from sonoedge.report import codes
from sonoedge.report.findings import Contour, Finding, Findings
from sonoedge.report.instance import item, new_instance
from sonoedge.report.source import SourceImage
from sonoedge.report.sr import concept
from sonoedge.report.uids import new_uid

CLASS: Final = "1.2.840.10008.5.1.4.1.1.66.4"
SERIES: Final = 902
MOST_BYTES: Final = 1 << 28  # of pixel data, one bit each
_AT_ONCE: Final = 8  # masks: a multiple of 8 pixels, whatever a mask's size


class Mask(NamedTuple):
    """One stored frame: a finding's outline in one source frame.

    Attributes:
        segment: the finding's number, from 1.
        frame: the source frame's number in its file, from 1.
        contour_px: int32, (N, 2), (x, y) indices of pixels.
    """

    segment: int
    frame: int
    contour_px: Contour


class Masks(NamedTuple):
    """What is stored, by segment and frame.

    Attributes:
        kept: the masks.
        left_out: masks for which there is no room; of each finding its most suspicious frames
            are kept longest.
    """

    kept: tuple[Mask, ...]
    left_out: int


def masks_of(findings: Findings, *, rows: int, columns: int, most: int = MOST_BYTES) -> Masks:
    """The masks of all findings, as far as they fit into `most` bytes.

    Args:
        rows, columns: of the source's frames, pixels.
        most: bytes of pixel data, one bit a pixel; one mask is kept whatever its size.
    """
    ranked = []
    for finding in findings.findings:
        order = sorted(finding.outlines, key=lambda outline: -outline.suspicion)
        for rank, outline in enumerate(order):
            mask = Mask(finding.number, outline.frame, outline.contour_px)
            ranked.append((rank, mask))
    ranked.sort(key=lambda item: (item[0], item[1].segment))
    room = max(1, most * 8 // (rows * columns))
    kept = sorted((m for _, m in ranked[:room]), key=lambda m: (m.segment, m.frame))
    return Masks(tuple(kept), len(ranked) - len(kept))


def segmentation(source: SourceImage, findings: Findings, masks: Masks) -> Any:
    """The masks as one instance, a data set that can be saved.

    Args:
        masks: one or more.
    """
    header = source.header
    made = new_instance(
        source,
        findings,
        title="Regions",
        sop_class_uid=CLASS,
        series_number=SERIES,
        modality="SEG",
        device_serial_number=findings.algorithm.origin.engine_sha256[:16],
        transfer_syntax_uid="1.2.840.10008.1.2.1",
    )
    made.ImageType, made.PatientOrientation = ["DERIVED", "PRIMARY"], None
    made.ContentLabel, made.ContentCreatorName = "LESIONS", None
    made.ContentDescription = _description(masks)
    made.ReferencedSeriesSequence = [
        item(
            SeriesInstanceUID=header.SeriesInstanceUID,
            ReferencedInstanceSequence=[item(**source.reference)],
        )
    ]
    _lossy(made, header)
    made.SegmentationType, made.SegmentsOverlap = "BINARY", "UNDEFINED"
    stored = {mask.segment for mask in masks.kept}
    made.SegmentSequence = [
        _segment(findings, finding) for finding in findings.findings if finding.number in stored
    ]
    _dimensions(made)
    made.SharedFunctionalGroupsSequence = [Dataset()]
    made.PerFrameFunctionalGroupsSequence = [_frame(source, mask) for mask in masks.kept]
    made.Rows, made.Columns = header.Rows, header.Columns
    made.NumberOfFrames = len(masks.kept)
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.PixelRepresentation = 0
    made.BitsAllocated, made.BitsStored, made.HighBit = 1, 1, 0
    made.PixelData = packed(masks.kept, rows=int(header.Rows), columns=int(header.Columns))
    return made


def filled(contour_px: Contour, *, rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """A contour's mask, uint8 (rows, columns) of 0 and 1: its pixels and what they enclose."""
    mask = np.zeros((rows, columns), dtype=np.uint8)
    cv2.fillPoly(mask, [contour_px], 1)
    return mask


def packed(masks: Sequence[Mask], *, rows: int, columns: int) -> bytes:
    """The masks, bit by bit over all of them; of an even number of bytes."""
    data = b"".join(_packed(masks, rows, columns))
    return data + b"\0" * (len(data) % 2)


def _packed(masks: Sequence[Mask], rows: int, columns: int) -> Iterator[bytes]:
    for begin in range(0, len(masks), _AT_ONCE):
        part = masks[begin : begin + _AT_ONCE]
        stack = np.stack([filled(m.contour_px, rows=rows, columns=columns) for m in part])
        yield np.packbits(stack, bitorder="little").tobytes()


def _description(masks: Masks) -> str | None:
    if not masks.left_out:
        return None
    return f"{masks.left_out} masks left out: no room"


def _segment(findings: Findings, finding: Finding) -> Any:
    return hd.seg.SegmentDescription(
        segment_number=finding.number,
        segment_label=finding.label,
        segmented_property_category=concept(codes.ABNORMAL_STRUCTURE),
        segmented_property_type=concept(codes.LESION),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=findings.algorithm.name,
            version=findings.algorithm.version,
            family=concept(codes.ARTIFICIAL_INTELLIGENCE),
        ),
        tracking_uid=finding.tracking_uid,
        tracking_id=finding.label,
        anatomic_regions=[concept(codes.BREAST)] if findings.algorithm.breast else None,
    )


def _dimensions(made: Any) -> None:
    """Segment, then frame: there is no place to index by."""
    organization = new_uid()
    made.DimensionOrganizationSequence = [item(DimensionOrganizationUID=organization)]
    made.DimensionIndexSequence = [
        item(
            DimensionIndexPointer=pointer,
            FunctionalGroupPointer=group,
            DimensionOrganizationUID=organization,
        )
        for pointer, group in ((0x0062000B, 0x0062000A), (0x00209128, 0x00209111))
    ]


def _frame(source: SourceImage, mask: Mask) -> Dataset:
    image = item(
        **source.reference,
        SpatialLocationsPreserved="YES",
        PurposeOfReferenceCodeSequence=[concept(codes.SOURCE_IMAGE)],
    )
    if source.multi_frame:
        image.ReferencedFrameNumber = mask.frame
    return item(
        SegmentIdentificationSequence=[item(ReferencedSegmentNumber=mask.segment)],
        FrameContentSequence=[
            item(DimensionIndexValues=[mask.segment, mask.frame], TemporalPositionIndex=mask.frame)
        ],
        DerivationImageSequence=[
            item(
                SourceImageSequence=[image],
                DerivationCodeSequence=[concept(codes.SEGMENTATION)],
            )
        ],
    )


def _lossy(made: Any, header: Any) -> None:
    """A picture that lost something once has lost it in all that is made of it."""
    made.LossyImageCompression = header.get("LossyImageCompression") or "00"
    if made.LossyImageCompression == "01":
        made.LossyImageCompressionRatio = header.get("LossyImageCompressionRatio") or 1
        made.LossyImageCompressionMethod = header.get("LossyImageCompressionMethod") or (
            "ISO_10918_1"
        )
