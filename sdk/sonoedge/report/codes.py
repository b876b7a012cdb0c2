"""The codes that leave in reports: one table.

(value, scheme, meaning), of DICOM PS3.16 (DCM), SNOMED CT as DICOM uses it (SCT), UMLS and LOINC.
No assessment category and no diagnosis is among them.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Code(NamedTuple):
    """A coded concept.

    Attributes:
        value: the code itself.
        scheme: its coding scheme's designator in DICOM.
        meaning: what it says, for people.
    """

    value: str
    scheme: str
    meaning: str


# What a run came to (CID 6047).
SUCCEEDED_WITHOUT: Final = Code("111241", "DCM", "All algorithms succeeded; without findings")
SUCCEEDED_WITH: Final = Code("111242", "DCM", "All algorithms succeeded; with findings")
PARTLY_WITHOUT: Final = Code("111243", "DCM", "Not all algorithms succeeded; without findings")
PARTLY_WITH: Final = Code("111244", "DCM", "Not all algorithms succeeded; with findings")
NONE_SUCCEEDED: Final = Code("111245", "DCM", "No algorithms succeeded; without findings")

SUMMARY: Final = Code("111017", "DCM", "CAD Processing and Findings Summary")
COMMENT: Final = Code("121106", "DCM", "Comment")
EVALUATIONS: Final = Code("C0034375", "UMLS", "Qualitative Evaluations")

IMAGING_PROCEDURE: Final = Code("363679005", "SCT", "Imaging procedure")
LESION: Final = Code("52988006", "SCT", "Lesion")
ABNORMAL_STRUCTURE: Final = Code("49755003", "SCT", "Morphologically Abnormal Structure")
BREAST: Final = Code("76752008", "SCT", "Breast")
DEVICE: Final = Code("121007", "DCM", "Device")

PROBABILITY_OF_CANCER: Final = Code("111047", "DCM", "Probability of cancer")
CERTAINTY: Final = Code("111012", "DCM", "Certainty of Finding")
AREA: Final = Code("42798000", "SCT", "Area")
LONG_AXIS: Final = Code("103339001", "SCT", "Long axis")
SHORT_AXIS: Final = Code("103340004", "SCT", "Short axis")

ARTIFICIAL_INTELLIGENCE: Final = Code("123110", "DCM", "Artificial Intelligence")
SOURCE_IMAGE: Final = Code("121322", "DCM", "Source Image for Image Processing Operation")
SEGMENTATION: Final = Code("113076", "DCM", "Segmentation")

PERCENT: Final = Code("%", "UCUM", "Percent")
SQUARE_MILLIMETRE: Final = Code("mm2", "UCUM", "square millimeter")
MILLIMETRE: Final = Code("mm", "UCUM", "millimeter")

DIAGNOSTIC_IMAGING: Final = Code("18748-4", "LN", "Diagnostic imaging study")

# What every text and picture that leaves says of itself.
NOTICE: Final = "AI, research, not for diagnosis"
