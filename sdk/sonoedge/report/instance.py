"""What the instances of a report have in common, beside the structured report of highdicom.

Importing this module needs highdicom.
"""

from __future__ import annotations

from typing import Any

import highdicom as hd
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from sonoedge import __version__
from sonoedge.report import codes
from sonoedge.report.findings import Findings
from sonoedge.report.source import SourceImage
from sonoedge.report.uids import new_uid


def new_instance(
    source: SourceImage, findings: Findings, *, title: str, **attributes: Any
) -> hd.base.SOPClass:
    """An instance in a new series of the source's study, with the source's patient.

    Args:
        source: what is reported on.
        findings: of all its frames.
        title: what the series holds, before the notice.
        attributes: of `highdicom.base.SOPClass`: sop_class_uid, series_number, modality,
            transfer_syntax_uid, ...
    """
    made = hd.base.SOPClass(
        study_instance_uid=source.header.StudyInstanceUID,
        series_instance_uid=new_uid(),
        sop_instance_uid=new_uid(),
        instance_number=1,
        manufacturer="sonoedge",
        manufacturer_model_name=findings.algorithm.name,
        series_description=f"{title}: {codes.NOTICE}",
        specific_character_set="ISO_IR 192",
        **attributes,
    )
    made["SoftwareVersions"] = DataElement(
        "SoftwareVersions", "LO", [findings.algorithm.version, __version__]
    )
    made.copy_patient_and_study_information(source.header)
    return made


def item(**values: Any) -> Dataset:
    """An item of a sequence, a data set with these attributes by their keywords."""
    made = Dataset()
    for name, value in values.items():
        setattr(made, name, value)
    return made
