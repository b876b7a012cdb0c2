"""The commands of the page on reports are run, and its table of what is copied is the code's."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

pytest.importorskip("highdicom", reason="needs the extra report")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

from dicom_samples import discs, region, write_dicom
from sonoedge.cli import main


def test_the_guides_commands_run_one_after_the_other(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(repository / "tests/data/tiny", tmp_path / "bundle")
    regions = [region(0, 0, 159, 119)]
    write_dicom(tmp_path / "cine.dcm", discs(12), SequenceOfUltrasoundRegions=regions)
    guide = (repository / "docs/how-to/report.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", guide, re.DOTALL)
    typed = [line for block in blocks for line in block.splitlines()]
    assert [line.split()[1] for line in typed] == ["report", "run", "report", "report"]
    for line in typed:
        assert main(shlex.split(line.replace("BUNDLE", "bundle"))[1:]) == 0, line
    made = {p.name for p in (tmp_path / "report").iterdir()}
    named = set(re.findall(r"^\| .*? \| `([\w.]+)` \|", guide, re.MULTILINE))
    assert made == named


def test_the_table_of_what_is_copied_names_every_attribute(repository: Path) -> None:
    from sonoedge.report.source import PATIENT

    guide = (repository / "docs/how-to/report.md").read_text()
    table = guide.split("## What is copied from the patient\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if "| copied" in line]
    named = {name for row in rows for name in re.findall(r"\w+", row)}
    assert set(PATIENT) <= named
