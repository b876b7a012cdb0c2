from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")

from dicom_samples import RETIRED, discs, write_dicom
from sonoedge.errors import InvalidSource, SourceError
from sonoedge.report.source import PATIENT, TAGS, read_source


def test_what_a_report_needs_is_read(cine: Path) -> None:
    source = read_source(cine)
    assert (source.frames, source.multi_frame, source.name) == (30, True, "cine.dcm")
    assert source.sha256 == hashlib.sha256(cine.read_bytes()).hexdigest()
    assert str(source.header.PatientID) == "PATIENT-4711"
    assert source.header.SpecificCharacterSet == "ISO_IR 192"


@pytest.mark.req("R55")
def test_only_the_attributes_of_the_table_are_read(tmp_path: Path) -> None:
    path = write_dicom(
        tmp_path / "a.dcm",
        discs(1),
        InstitutionName="St Elsewhere",
        StudyDescription="free text",
        OperatorsName="Roe^R",
        PatientComments="free text",
    )
    header = read_source(path).header
    assert {element.keyword for element in header} <= {*TAGS, "Modality"}


@pytest.mark.parametrize("name", [n for n in PATIENT if n != "StudyInstanceUID"])
def test_a_missing_attribute_of_type_2_is_empty(tmp_path: Path, name: str) -> None:
    header = read_source(write_dicom(tmp_path / "a.dcm", discs(1), **{name: None})).header
    assert not header.get(name)
    assert name == "IssuerOfPatientID" or name in header


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PatientSex", "W"),
        ("StudyDate", "2026.01"),
        ("StudyTime", "noon"),
        ("PatientBirthDate", "x"),
    ],
)
def test_a_value_that_is_not_valid_is_left_empty(tmp_path: Path, name: str, value: str) -> None:
    assert not read_source(write_dicom(tmp_path / "a.dcm", discs(1), **{name: value})).header.get(
        name
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SOPClassUID": RETIRED}, "retired ultrasound class"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.2"}, "no Ultrasound Image"),
        ({"StudyInstanceUID": None}, "no valid StudyInstanceUID"),
        ({"SeriesInstanceUID": "1.02"}, "no valid SeriesInstanceUID"),
        ({"NumberOfFrames": "7"}, "claims 7 frames"),
    ],
)
def test_what_nothing_can_refer_to_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    path = write_dicom(tmp_path / "a.dcm", discs(1), **changes)
    with pytest.raises(InvalidSource, match=words):
        read_source(path)


def test_a_header_that_is_cut_is_asked_whether_it_is_complete(tmp_path: Path) -> None:
    path = write_dicom(tmp_path / "a.dcm", discs(1))
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"\x28\x00\x10\x00US")])  # before Rows
    with pytest.raises(InvalidSource, match=r"without a picture; is it complete\?"):
        read_source(path)


def test_what_is_no_dicom_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.dcm").write_text("no picture")
    with pytest.raises(SourceError, match=r"a\.dcm cannot be read as DICOM"):
        read_source(tmp_path / "a.dcm")
    with pytest.raises(SourceError, match="cannot be opened"):
        read_source(tmp_path / "absent.dcm")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.dcm")
    for path in (tmp_path / "a.dcm", Path("/dev/zero"), tmp_path):
        with pytest.raises(SourceError, match="no ordinary file"):
            read_source(path)


def test_an_error_of_pydicoms_own_is_no_file_that_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **more: Any) -> None:
        raise OSError("no more data")  # without a number, as pydicom does

    monkeypatch.setattr("pydicom.dcmread", fail)
    with pytest.raises(SourceError, match=r"is it complete\? \(OSError\)"):
        read_source(write_dicom(tmp_path / "a.dcm", discs(1)))
