"""What the install page says of each command's extras is so: everything else is blocked."""

from __future__ import annotations

import os
import re
import runpy
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dicom_samples import discs, write_dicom
from drift_samples import analysed_frames
from once import made_once
from scope_samples import TEXTURED, speckle, stripes, write_pictures
from sonoedge import __version__
from sonoedge.errors import MissingDependency
from sonoedge.metrics import FrameTimes
from sonoedge.store.layout import make_layout
from sonoedge.trust.signing import generate_key_pair

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

# What each extra brings, by the names under which it is imported.
MODULES = {
    "openvino": {"openvino"},
    "litert": {"ai_edge_litert"},
    "dicom": {"pydicom", "gdcm", "openjpeg", "rle", "pylibjpeg"},
    "report": {"highdicom", "pydicom", "gdcm", "openjpeg", "rle", "pylibjpeg"},
    "send": {"pynetdicom", "pydicom"},
    "view": {"websockets"},
    "archive": {"distributed"},
    "parquet": {"pyarrow"},
    "bench": {"rich"},
    "export": {"torch", "onnx", "onnxscript", "safetensors", "scipy", "cyclonedx"},
    "compress": {"nncf", "torch_pruning", "matplotlib"},
    "heads": {"sklearn", "matplotlib"},
    "tensorrt-rtx": {"tensorrt_rtx"},
}
# One command of each verb that does the verb's work on the small bundle of the tests.
COMMANDS = {
    "run": "run BUNDLE PICTURE --jsonl out.jsonl --runtime onnxruntime",
    "describe": "describe BUNDLE PICTURE --runtime onnxruntime",
    "inspect": "inspect BUNDLE",
    "sbom": "sbom BUNDLE",
    "doctor": "doctor",
    "keygen": "keygen new.pem",
    "sign": "sign BUNDLE --key made.pem",
    "keyring": "keyring new --root made.pub.pem --release made.pub.pem --key made.pem --out k.json",
    "grant": "grant new BUNDLE --device * --counter 1 --key made.pem --out g.grant.json",
    "audit": "audit init log --key-out audit.key",
    "install": "install BUNDLE --store new-store",
    "store": "store status --store store",
    "report": "report BUNDLE CINE --out report --runtime onnxruntime",
    "screen": "screen STILLS --bundle BUNDLE --out screened --workers 1",
    "drift": "drift COUNTS --against COUNTS",
    "send": "send REPORTS --to A@127.0.0.1:1",
    "view": "view BUNDLE NOTHING",
    "replay": "replay RECORDING --bundle KEPT",
    "completion": "completion bash",
    "systemd-unit": "systemd-unit",
    "serve": "serve BUNDLE --socket BUNDLE",
    "teach-scope": "teach-scope TEXTURED STRIPES --in-scope SPECKLE --name bone",
    "explain": "explain BUNDLE DISC --runtime onnxruntime",
    "provision": "provision BUNDLE --runtime onnxruntime --dry-run",
    "bench": "bench BUNDLE --runtime onnxruntime --frames 5 --json out.json",
    "reliability": "reliability BUNDLE --small BUNDLE --quick --only isolation",
    "export": "export RECIPE --out out --variants onnxruntime-fp32",
    "verify": "verify BUNDLE --data FRAMES --variant onnxruntime-fp32",
    "recalibrate": "recalibrate BUNDLE --data FRAMES --out c.json",
    "lint": "lint BUNDLE/graphs/fp32.onnx --target tensorrt",
    "prune": "prune RECIPE --out pruned",
    "evidence": "evidence BUNDLE --out pack",
}
BLOCKING = """
import importlib.util
import sys
blocked = set(sys.argv.pop(1).split(","))
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
# Whoever only asks whether a package is there (torch does) hears that it is not.
there = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: (
    None if name.partition(".")[0] in blocked else there(name, package)
)
if __name__ == "__main__":
    from sonoedge.cli import main
    sys.exit(main())
"""


def documented(repository: Path) -> dict[str, set[str]]:
    """Verb to the extras of the first row that names it."""
    page = (repository / "docs/how-to/install.md").read_text()
    table: dict[str, set[str]] = {}
    for commands, extras in re.findall(r"^\| (`sonoedge [^|]*) \| ([^|]*) \|", page, re.MULTILINE):
        for verb in re.findall(r"`sonoedge ([\w-]+)`", commands):
            table.setdefault(verb, set(re.findall(r"[\w-]+", extras)) - {"none"})
    return table


def run(words: str, allowed: set[str], folder: Path, repository: Path) -> tuple[int, str]:
    """The exit code and the errors of a command that can import these extras alone."""
    blocked = {m for extra, names in MODULES.items() if extra not in allowed for m in names}
    blocked -= {m for extra in allowed for m in MODULES[extra]}
    places = {
        "BUNDLE": str(folder / "bundle"),
        "BUNDLE/graphs/fp32.onnx": str(folder / "bundle/graphs/fp32.onnx"),
        "PICTURE": str(repository / "examples/data/breast_usg/images/case013.png"),
        "FRAMES": str(folder / "frames/frames.json"),
        "RECIPE": str(folder / "recipe.toml"),
        "RECORDING": str(repository / "tests/data/documents/recording-1"),
        "CINE": str(folder / "cines" / "cine.dcm"),
        "REPORTS": str(folder / "cines"),
        "STILLS": str(folder / "frames"),
        "COUNTS": str(folder / "box.prom"),
        "TEXTURED": str(folder / "textured"),
        "STRIPES": str(folder / "stripes"),
        "SPECKLE": str(folder / "speckle"),
        "DISC": str(folder / "speckle" / "003.png"),
        "KEPT": str(repository / "tests/data/bundles/schema-2"),
    }
    program = folder / "blocking.py"
    program.write_text(BLOCKING)
    process = subprocess.run(
        [sys.executable, str(program), ",".join(sorted(blocked))]
        + [places.get(word, word) for word in words.split()],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    return process.returncode, process.stderr


@pytest.fixture
def folder(repository: Path, tmp_path: Path) -> Path:
    """The small bundle, its recipe with network and frames, and what else commands are given."""
    made = made_once("install", lambda folder: write_folder(repository, folder / "made"))
    return Path(shutil.copytree(made / "made", tmp_path / "folder", symlinks=True))


def write_folder(repository: Path, folder: Path) -> None:
    """What `folder` copies for each command."""
    folder.mkdir()
    shutil.copytree(repository / "tests/data/tiny", folder / "bundle")
    for name in ("recipe.toml", "network.py"):
        shutil.copy(repository / "tests/tiny" / name, folder)
    names = runpy.run_path(str(repository / "tests/tiny/frames.py"))
    names["write_frames"](folder / "frames")
    shutil.copytree(TEXTURED, folder / "textured")
    write_pictures(folder / "stripes", stripes, range(12))
    write_pictures(folder / "speckle", speckle, range(40))
    generate_key_pair(folder / "made.pem")
    make_layout(folder / "store")
    times = FrameTimes()
    for analysis in analysed_frames(5):
        times.add(analysis)
    (folder / "box.prom").write_text(times.text())
    if find_spec("pydicom"):
        (folder / "cines").mkdir()
        write_dicom(folder / "cines" / "cine.dcm", discs(3))


def test_the_table_names_every_verb(repository: Path) -> None:
    from sonoedge.cli import VERBS

    assert set(documented(repository)) == set(VERBS) == set(COMMANDS)


@pytest.mark.parametrize("verb", [verb for verb in COMMANDS if verb != "prune"])
def test_a_verb_needs_no_more_than_its_extras(verb: str, folder: Path, repository: Path) -> None:
    extras = documented(repository)[verb]
    for extra in extras:
        if missing := [m for m in MODULES[extra] if find_spec(m) is None]:
            pytest.skip(f"needs {missing[0]}")
    code, output = run(COMMANDS[verb], extras, folder, repository)
    assert code != MissingDependency.exit_code, output
    assert "Traceback" not in output
    # Nobody is there to send to. verify and export may judge the small network as they must;
    # they have done their work.
    codes = {
        "describe": (2,),  # the small network's bundle measures nothing
        "send": (7,),
        "view": (6,),
        "serve": (2,),
        "verify": (0, 3),
        "export": (0, 3),
        "lint": (0, 3),
        "recalibrate": (2,),  # the small bundle describes nothing
    }
    assert code in codes.get(verb, (0,)), output


@pytest.mark.parametrize(
    "verb",
    ["bench", "export", "verify", "recalibrate", "lint", "prune", "report", "send", "view"],
)
def test_a_verb_without_its_extras_names_what_is_missing(
    verb: str, folder: Path, repository: Path
) -> None:
    code, output = run(COMMANDS[verb], set(), folder, repository)
    assert code == MissingDependency.exit_code, output
    assert "MISSING_DEPENDENCY" in output


@pytest.mark.parametrize("name", ["install.md", "jetson.md"])
def test_the_wheel_on_the_page_is_of_this_version(name: str, repository: Path) -> None:
    page = (repository / "docs/how-to" / name).read_text()
    assert f"dist/sonoedge-{__version__}-py3-none-any.whl" in page


def test_the_jetsons_wheel_brings_what_its_commands_need(repository: Path) -> None:
    page = (repository / "docs/how-to/jetson.md").read_text()
    installed = re.search(r"^    sudo .*pip install .*\.whl\[([\w,]+)\]", page, re.MULTILINE)
    assert installed is not None
    verbs = set(re.findall(r"^    /opt/sonoedge/bin/sonoedge ([\w-]+)", page, re.MULTILINE))
    assert "bench" in verbs
    needed = {extra for verb in verbs for extra in documented(repository)[verb]}
    assert needed <= set(installed[1].split(","))
