from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from sonoedge.install import install_command
from sonoedge.verbs import parts
from sonoedge.verbs.doctor import doctor, examine, good_for


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which no distribution is installed."""

    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(parts, "version", absent)


def test_json_has_its_stable_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(["--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == [
        "sonoedge",
        "python",
        "system",
        "numpy",
        "opencv",
        "cpu",
        "engines",
        "extras",
        "nvidia",
        "provision",
    ]
    assert found["provision"] is None
    assert list(found["cpu"]) == [
        "model",
        "instructions",
        "good_for",
        "cores",
        "quota_cores",
        "threads",
    ]
    assert list(found["nvidia"]) == [
        *("libcuda", "driver", "gpu", "why", "tensorrt"),
        *("jetson", "l4t", "jetpack", "governor", "power_mode", "problems"),
    ]
    for part in found["engines"] + found["extras"]:
        assert list(part) == ["name", "purpose", "installed", "missing", "install"]
    assert found["cpu"]["threads"] >= 1


def test_an_engine_that_is_there_is_named_with_its_version(
    capsys: pytest.CaptureFixture[str],
) -> None:
    import onnxruntime as ort

    assert doctor([]) == 0
    assert f"onnxruntime {ort.__version__}" in capsys.readouterr().out


@pytest.mark.usefixtures("bare")
def test_what_is_missing_comes_with_the_command_that_installs_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert doctor([]) == 0
    out = capsys.readouterr().out
    rows = out.splitlines()
    for package, command in (
        ("missing openvino: ", install_command("openvino")),
        ("missing onnxruntime: ", "-m pip install onnxruntime"),
        ("python-gdcm: ", install_command("dicom")),
    ):
        assert any(package in row and command in row for row in rows), package


def test_an_extra_that_is_half_there_names_only_the_missing_half(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def half(name: str) -> str:
        if name == "pydicom":
            return "3.0.2"
        raise PackageNotFoundError(name)

    monkeypatch.setattr(parts, "version", half)
    dicom = parts.extra("dicom")
    assert dicom.installed == {"pydicom": "3.0.2"}
    assert dicom.missing == (
        *("pillow", "pylibjpeg", "pylibjpeg-openjpeg", "pylibjpeg-rle"),
        "python-gdcm",
    )
    assert dicom.install == install_command("dicom")


def test_a_vendors_build_of_onnx_runtime_counts_as_installed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def vendors(name: str) -> str:
        if name == "onnxruntime-gpu":
            return "1.23.0"
        raise PackageNotFoundError(name)

    monkeypatch.setattr(parts, "version", vendors)
    found = parts.engine("onnxruntime")
    assert (found.installed, found.install) == ({"onnxruntime-gpu": "1.23.0"}, None)


@pytest.mark.parametrize(
    ("instructions", "says"),
    [
        (("avx2", "avx512_vnni"), "int8 runs in hardware (AVX-512 VNNI); no bf16 in hardware"),
        (("avx2", "amx_int8", "amx_bf16"), "int8 runs in hardware (AMX); bf16 runs in hardware"),
        (("asimd", "asimddp", "bf16"), "int8 runs in hardware (SDOT); bf16 runs in hardware"),
        (("avx2",), "int8 may be no faster than float32"),
        ((), "does not say"),
    ],
)
def test_one_sentence_tells_what_the_processor_is_good_for(
    instructions: tuple[str, ...], says: str
) -> None:
    assert says in good_for(instructions)


def test_a_jetson_is_known_by_its_release_file(tmp_path: Path) -> None:
    release = tmp_path / "nv_tegra_release"
    release.write_text("# R36 (release), REVISION: 4.3, GCID: 1\n# more\n")
    assert examine(release).nvidia.jetson == "# R36 (release), REVISION: 4.3, GCID: 1"
    assert examine(release).nvidia.l4t == "36.4.3"
    assert examine(release).nvidia.jetpack == "6.2"
    assert examine(tmp_path / "absent").nvidia.jetson is None
    assert examine(tmp_path / "absent").nvidia.l4t is None


def test_no_engine_is_loaded_to_tell_its_version() -> None:
    code = (
        "import sys; from sonoedge.verbs.doctor import doctor; doctor(['--json']);"
        "print([m for m in ('onnxruntime', 'openvino', 'torch', 'tensorrt', 'pydicom')"
        " if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[-1] == "[]"
