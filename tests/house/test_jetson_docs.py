"""The commands of the device's documents are run where that can be; the unit and the pins fit them.

That each is understood by its verb is asked of all documents by `tests/docs/test_commands.py`.
"""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sonoedge import errors
from sonoedge.bundle.identity import manifest_text
from sonoedge.cli import main

DOCUMENTS = ("docs/how-to/jetson.md", "docs/how-to/provision.md")
UNIT = "examples/systemd/sonoedge.service"
OTHERS = ("make wheel", "sonoedge ", "scp ", "sudo ", "journalctl ", "/opt/sonoedge/bin/")


def lines(repository: Path, document: str) -> list[str]:
    """The indented lines of a document: what a reader types."""
    text = (repository / document).read_text()
    return [line.strip() for line in re.findall(r"^    (\S.*)$", text, flags=re.MULTILINE)]


def commands(repository: Path) -> list[list[str]]:
    """The words after "sonoedge", of the documents and the unit."""
    typed = [line for document in DOCUMENTS for line in lines(repository, document)]
    typed += [v for k, v in unit(repository)["Service"].items() if k.startswith("ExecStart")]
    pattern = re.compile(r"(?:/opt/sonoedge/bin/)?sonoedge (.*)")
    return [shlex.split(result[1]) for line in typed if (result := pattern.fullmatch(line))]


def unit(repository: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)  # keys may repeat
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(repository / UNIT)
    return parser


def test_what_can_be_run_without_a_gpu_is_run(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    bundle = Path(shutil.copytree(repository / "tests/data/tiny", tmp_path / "bundle"))
    data = json.loads((bundle / "manifest.json").read_text())
    more = {"id": "tensorrt-fp16", "runtime": "tensorrt", "precision": "fp16"}
    data["variants"].append(data["variants"][0] | more | {"latency_ms_p50": None})
    (bundle / "manifest.json").write_text(manifest_text(data))
    monkeypatch.chdir(tmp_path)
    missing = errors.RuntimeUnavailable.exit_code
    ran = 0
    for words in commands(repository):
        here = [str(bundle) if w in ("/var/lib/sonoedge/bundle", "BUNDLE") else w for w in words]
        if words[0] == "provision" and "--dry-run" not in words:
            here.append("--dry-run")
        if words[0] in ("doctor", "inspect", "provision"):
            assert main(here) in (0, missing) if "tensorrt" in words else main(here) == 0
            ran += 1
    assert ran >= 7


def test_every_other_line_to_type_begins_with_a_known_command(repository: Path) -> None:
    for line in lines(repository, "docs/how-to/jetson.md"):
        assert line.startswith(OTHERS), line


def test_the_unit_stops_where_a_new_start_would_not_help(repository: Path) -> None:
    service = unit(repository)["Service"]
    final = {int(code) for code in service["RestartPreventExitStatus"].split()}
    assert errors.EngineMismatch.exit_code in final
    assert errors.MissingDependency.exit_code in final
    assert errors.SourceError.exit_code not in final  # a camera may come back
    assert service["PrivateNetwork"] == "yes"


@pytest.mark.parametrize("python", ["3.10", "3.12"])
def test_the_pins_that_the_page_names_are_those_of_the_constraints(
    repository: Path, python: str
) -> None:
    page = (repository / "docs/how-to/jetson.md").read_text()
    older = python == "3.10"
    for package in ("numpy", "onnxruntime", "openvino", "opencv-python-headless"):
        result = re.findall(
            rf'^{package}==(\S+)(?: ; python_version (<|>=) "3\.11")?$',
            (repository / "constraints.txt").read_text(),
            flags=re.MULTILINE,
        )
        (version,) = [v for v, marker in result if marker in ("", "<" if older else ">=")]
        assert version in page, (package, version)
