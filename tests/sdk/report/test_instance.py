"""What an overlay and a segmentation say alike of themselves, and of whom they are."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("highdicom", reason="needs the extra report")

from report_samples import ALGORITHM, collection
from sonoedge import __version__
from sonoedge.report.instance import item, new_instance
from sonoedge.report.source import read_source


def test_an_instance_is_of_the_sources_study_in_a_series_of_its_own(still: Path) -> None:
    source, findings = read_source(still), collection(1).findings()
    one, other = (
        new_instance(
            source,
            findings,
            title="Overlay",
            sop_class_uid="1.2.840.10008.5.1.4.1.1.7.4",
            series_number=903,
            modality="US",
            transfer_syntax_uid="1.2.840.10008.1.2.1",
        )
        for _ in range(2)
    )
    header = source.header
    assert (one.PatientID, one.StudyInstanceUID) == (header.PatientID, header.StudyInstanceUID)
    assert one.SeriesDescription == "Overlay: AI, research, not for diagnosis"
    assert (one.Manufacturer, one.ManufacturerModelName) == ("sonoedge", "breast")
    assert list(one.SoftwareVersions) == [ALGORITHM.version, __version__]
    uids = {
        uid
        for each in (header, one, other)
        for uid in (each.SeriesInstanceUID, each.SOPInstanceUID)
    }
    assert len(uids) == 6


def test_an_item_has_the_attributes_that_it_was_given() -> None:
    made = item(Rows=3, ReferencedSegmentNumber=2)
    assert (made.Rows, made.ReferencedSegmentNumber, len(made)) == (3, 2, 2)
