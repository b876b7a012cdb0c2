from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

hd = pytest.importorskip("highdicom", reason="needs the extra report")

from dicom_samples import discs, write_dicom  # noqa: E402
from report_samples import ALGORITHM, analysed, collection, ellipse, refused, region_at  # noqa: E402
from sonoedge.analysis import FrameGrade  # noqa: E402
from sonoedge.report.findings import Findings  # noqa: E402
from sonoedge.report.source import read_source  # noqa: E402
from sonoedge.report.sr import MOST_POINTS, ring, simplified, structured_report  # noqa: E402
from validators import dciodvfy, pixelmed  # noqa: E402

Write = Callable[..., Path]
NAMES = {
    "ISO_IR 100": "Müller^Jörg",
    "ISO_IR 144": "Люкceмбypг^Ю",
    "\\ISO 2022 IR 87": "Yamada^Tarou=山田^太郎",
    "\\ISO 2022 IR 149": "Hong^Gildong=洪^吉洞=홍^길동",
    "GB18030": "Wang^XiaoDong=王^小东",
}


def found(frames: int, *, tracks: int = 1, missing: int = 0) -> Findings:
    """Findings of a cine in which as many regions move, and as many frames are not analysed."""
    taken = collection(frames)
    for frame in range(1, frames + 1):
        if frame <= missing:
            taken.add(frame, refused())
            continue
        regions = (
            region_at(30 + frame % 9 + k, 50, 0.6 + frame / 1000, track_id=k) for k in range(tracks)
        )
        taken.add(frame, analysed(*regions), (0.2, 0.2))
    return taken.findings()


@pytest.mark.req("R54")
@pytest.mark.parametrize(
    ("frames", "tracks", "missing"),
    [(30, 1, 0), (30, 3, 11), (30, 0, 0), (30, 0, 30), (1, 1, 0), (1, 0, 0), (1, 0, 1)],
)
def test_no_validator_of_the_instance_finds_anything(
    tmp_path: Path, written: Write, frames: int, tracks: int, missing: int
) -> None:
    source = read_source(write_dicom(tmp_path / "a.dcm", discs(frames)))
    report = structured_report(source, found(frames, tracks=tracks, missing=missing))
    assert dciodvfy(written(report)) == []


@pytest.mark.req("R54")
@pytest.mark.parametrize(("frames", "tracks", "missing"), [(30, 2, 11), (1, 0, 0)])
def test_no_validator_of_the_templates_finds_anything(
    tmp_path: Path, written: Write, frames: int, tracks: int, missing: int
) -> None:
    source = read_source(write_dicom(tmp_path / "a.dcm", discs(frames)))
    report = structured_report(source, found(frames, tracks=tracks, missing=missing))
    assert pixelmed(written(report)) == []


def test_the_older_class_holds_the_same(cine: Path, written: Write) -> None:
    path = written(structured_report(read_source(cine), found(30), "comprehensive"))
    assert dciodvfy(path) == []
    assert hd.sr.srread(path).SOPClassUID == "1.2.840.10008.5.1.4.1.1.88.33"


def test_contours_and_frame_numbers_come_back_for_every_frame(cine: Path, written: Write) -> None:
    taken = collection(30, followed=False)
    contours = [ellipse(40 + frame, 60) for frame in range(30)]
    for frame, contour in enumerate(contours, 1):
        taken.add(frame, analysed(region_at(0, 0, 0.9 - frame / 100, contour_px=contour)))
    path = written(structured_report(read_source(cine), taken.findings()))
    groups = hd.sr.srread(path).content.get_planar_roi_measurement_groups()
    assert len(groups) == 30
    for frame, (group, contour) in enumerate(zip(groups, contours, strict=True), 1):
        assert group.roi.ContentSequence[0].referenced_frame_numbers == [frame]
        expected = np.vstack([contour, contour[:1]]) + 0.5
        assert np.abs(np.asarray(group.roi.value) - expected).max() < 1e-3


def test_measurements_are_probability_and_size(cine: Path, written: Write) -> None:
    path = written(structured_report(read_source(cine), found(30)))
    (group,) = hd.sr.srread(path).content.get_planar_roi_measurement_groups()
    values = {m.name.value: (float(m.value), m.unit.value) for m in group.get_measurements()}
    assert values["111047"] == (63.0, "%")
    assert values["42798000"] == (28.0, "mm2")
    assert values["103339001"][0] == pytest.approx(8.0, abs=0.3)
    assert values["103340004"][0] == pytest.approx(4.8, abs=0.3)
    assert [site.value.value for site in group.finding_sites] == ["76752008"]
    assert "region 1" in group.tracking_identifier


@pytest.mark.req("R54")
def test_the_flags_claim_nothing(cine: Path) -> None:
    report = structured_report(read_source(cine), found(30))
    assert report.VerificationFlag == "UNVERIFIED"
    assert report.PreliminaryFlag == "PRELIMINARY"
    assert "VerifyingObserverSequence" not in report
    text = str(report).lower()
    for word in ("bi-rads", "birads", "benign", "malignant"):
        assert word not in text


@pytest.mark.req("R54")
def test_what_was_not_analysed_has_its_code_and_its_reason(cine: Path) -> None:
    report = structured_report(read_source(cine), found(30, tracks=0, missing=11))
    code, comment = report.ContentSequence[-1].ContentSequence
    assert code.ConceptCodeSequence[0].CodeValue == "111243"
    assert "11 of 30 frames not analysed: NO_CONTACT 11" in comment.TextValue


def test_a_network_that_does_not_localise_reports_the_frame(cine: Path, written: Write) -> None:
    taken = collection(30, localised=False)
    for frame in range(1, 31):
        taken.add(frame, analysed(grade=FrameGrade(suspicion=0.4 + frame / 100, flagged=frame > 9)))
    path = written(structured_report(read_source(cine), taken.findings()))
    assert dciodvfy(path) == []
    (group,) = hd.sr.srread(path).content.get_image_measurement_groups()
    assert [float(m.value) for m in group.get_measurements()] == [70.0]


@pytest.mark.parametrize(("encoding", "name"), NAMES.items())
def test_names_in_any_character_set_come_back(
    tmp_path: Path, written: Write, encoding: str, name: str
) -> None:
    source = write_dicom(
        tmp_path / "a.dcm", discs(1), SpecificCharacterSet=encoding, PatientName=name
    )
    path = written(structured_report(read_source(source), found(1)))
    assert str(hd.sr.srread(path).PatientName) == name


@pytest.mark.parametrize(
    "name",
    [
        *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID"),
        *("AccessionNumber", "ReferringPhysicianName", "StudyDate", "StudyTime"),
    ],
)
def test_a_source_that_lacks_an_attribute_has_a_report(
    tmp_path: Path, written: Write, name: str
) -> None:
    source = read_source(write_dicom(tmp_path / "a.dcm", discs(1), **{name: None}))
    assert dciodvfy(written(structured_report(source, found(1)))) == []


def test_the_scanner_and_its_hospital_are_not_copied(tmp_path: Path) -> None:
    source = write_dicom(
        tmp_path / "a.dcm", discs(1), InstitutionName="St Elsewhere", Manufacturer="A"
    )
    report = structured_report(read_source(source), found(1))
    assert "ContributingEquipmentSequence" not in report
    assert "St Elsewhere" not in str(report)


def test_a_long_contour_is_drawn_with_fewer_of_its_points() -> None:
    contour = ellipse(400, 300, 350, 250, points=2000)
    points = simplified(contour)
    assert 3 < len(points) <= MOST_POINTS
    assert {tuple(p) for p in points} <= {tuple(p) for p in contour}
    assert len(ring(contour)) == len(points) + 1


def test_a_contour_that_encloses_nothing_becomes_its_box() -> None:
    points = simplified(np.array([(3, 4), (7, 4)], dtype=np.int32))
    assert points.tolist() == [[3, 4], [7, 4], [7, 4], [3, 4]]


def test_a_report_of_many_tracks_is_small(cine: Path, written: Write) -> None:
    path = written(structured_report(read_source(cine), found(30, tracks=50)))
    assert path.stat().st_size < 300_000


def test_other_networks_speak_of_certainty(cine: Path) -> None:
    from dataclasses import replace

    findings = replace(found(30), algorithm=replace(ALGORITHM, of_cancer=False, breast=False))
    text = str(structured_report(read_source(cine), findings))
    assert "Certainty of Finding" in text
    assert "Probability of cancer" not in text
    assert "76752008" not in text
