from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest.importorskip("pydicom", reason="needs the extra dicom")

from sonoedge.errors import InvalidSettings, SourceError
from sonoedge.send.delivery import UNHEARD, Delivery, Outcome
from sonoedge.send.instances import Instance, instances


def test_the_dicom_files_of_a_folder_are_sent_by_name(folder: Path) -> None:
    found = instances(folder)
    assert [i.name for i in found] == ["overlay.dcm", "seg.dcm", "source.dcm", "sr.dcm"]
    assert found[1].sop_class == "1.2.840.10008.5.1.4.1.1.66.4"
    assert found[0].syntax == "1.2.840.10008.1.2.4.50"
    assert all(i.uid for i in found)
    assert found[1].data_set().SOPInstanceUID == found[1].uid


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"holds no \.dcm file"):
        instances(tmp_path)
    with pytest.raises(SourceError, match="cannot be read"):
        instances(tmp_path / "absent")


def test_a_file_that_is_no_dicom_stops_all_before_anything_is_sent(folder: Path) -> None:
    (folder / "a.dcm").write_text("no picture")
    with pytest.raises(SourceError, match=r"a\.dcm cannot be read as DICOM"):
        instances(folder)


def test_a_pipe_in_the_folder_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "a.dcm")
    with pytest.raises(SourceError, match=r"a\.dcm is no ordinary file"):
        instances(folder)


def test_an_instances_delivery_has_its_name_and_uid(tmp_path: Path) -> None:
    file = tmp_path / "sr.dcm"
    instance = Instance(path=file, sop_class="1.2", uid="2.25.1", syntax="1.2.3")
    assert Delivery.of(instance, *UNHEARD) == Delivery(
        name="sr.dcm",
        uid="2.25.1",
        outcome=Outcome.NOT_SENT,
        detail="the peer does not answer any more",
    )
