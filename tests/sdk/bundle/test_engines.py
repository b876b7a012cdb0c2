"""A manifest that names a runtime, precision or dialect that sonoedge lacks is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

import sonoedge
from sonoedge import Analysed, EngineOptions
from sonoedge.bundle import read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.errors import BundleError, InvalidManifest, InvalidSettings
from sonoedge.verbs.inspect import inspect
from sonoedge.verbs.provision import provision
from sonoedge.verbs.run import run
from sonoedge_bench.cli import bench
from sonoedge_bench.reliability.drive import frame
from sonoedge_bench.reliability.faulty_bundle import make_faulty_bundle

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"

CHANGES: Mapping[str, tuple[dict[str, str], str]] = {
    "faulty": ({"runtime": "faulty"}, r"variants\[0\].runtime is 'faulty'; .* has onnxruntime"),
    "null": ({"runtime": "null"}, r"variants\[0\].runtime is 'null'; .* has onnxruntime"),
    "tensorflow": ({"runtime": "tensorflow"}, r"variants\[0\].runtime is 'tensorflow'"),
    "auto": ({"runtime": "auto"}, r"variants\[0\].runtime is 'auto'"),
    "fp7": ({"precision": "fp7"}, r"variants\[0\].precision is 'fp7'; onnxruntime has fp32, int8"),
    "of another runtime": ({"precision": "bf16"}, r"variants\[0\].precision is 'bf16'"),
    "dialect": ({"dialect": "unheard-of"}, r"variants\[0\].dialect is unknown"),
}


def spoilt(folder: Path, values: dict[str, Any], variant: int = 0) -> Path:
    """The tiny bundle, one of its variants with other values."""
    shutil.copytree(TINY, folder)
    data = json.loads((folder / "manifest.json").read_text())
    data["variants"][variant].update(values)
    (folder / "manifest.json").write_text(manifest_text(data))
    return folder


def verified(bundle: Path) -> object:
    """What `sonoedge verify` does with a bundle."""
    pytest.importorskip("onnx")
    from sonoedge_export.progress import Stages
    from sonoedge_export.verify import verify_bundle

    return verify_bundle(bundle, bundle / "frames.json", None, None, Stages())


USES: Mapping[str, Callable[[Path], object]] = {
    "inspect": lambda bundle: inspect([str(bundle)]),
    "open": sonoedge.open,
    "open another variant": lambda bundle: sonoedge.open(bundle, EngineOptions(runtime="openvino")),
    "live": sonoedge.live,
    "live in a thread": lambda bundle: sonoedge.live(bundle, isolation="thread"),
    "verify": verified,
    "run": lambda bundle: run([str(bundle), str(bundle / "golden" / "frame000.png")]),
    "run live": lambda bundle: run(["--live", str(bundle), str(bundle / "golden/frame000.png")]),
    "bench": lambda bundle: bench([str(bundle)]),
    "provision": lambda bundle: provision([str(bundle), "--dry-run"]),
}


@pytest.mark.req("R24")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("use", USES)
def test_what_a_manifest_must_not_name_is_refused_whatever_is_done_with_the_bundle(
    tmp_path: Path, use: str, change: str
) -> None:
    values, message = CHANGES[change]
    bundle = spoilt(tmp_path / "bundle", values)
    with pytest.raises(InvalidManifest, match=message) as refused:
        USES[use](bundle)
    assert isinstance(refused.value, BundleError)
    assert not (tmp_path / "bundle.provision").exists()


def test_any_variant_counts_and_not_only_the_one_that_would_run(tmp_path: Path) -> None:
    bundle = spoilt(tmp_path / "bundle", {"runtime": "faulty"}, variant=1)
    with pytest.raises(InvalidManifest, match=r"variants\[1\].runtime"):
        sonoedge.open(bundle, EngineOptions(runtime="onnxruntime"))


def test_a_test_double_cannot_be_asked_for_by_name_alone() -> None:
    for use in (sonoedge.open, sonoedge.live):
        for name in ("null", "faulty"):
            with pytest.raises(InvalidSettings, match="auto or one of") as refused:
                use(TINY, engine=EngineOptions(runtime=name))
            assert "tensorrt" in str(refused.value)


def test_a_bundle_that_would_end_the_host_is_refused_and_the_host_lives(tmp_path: Path) -> None:
    bundle = make_faulty_bundle(TINY, tmp_path / "b", [{"kind": "sigsegv", "at": "load"}])
    for use in ("inspect", "open", "run"):
        with pytest.raises(InvalidManifest, match="faulty"):
            USES[use](bundle)


def test_no_variable_of_the_environment_admits_a_test_double(tmp_path: Path) -> None:
    bundle = make_faulty_bundle(TINY, tmp_path / "bundle")
    names = ("TEST_DOUBLES", "SONOEDGE_TEST_DOUBLES", "SONOEDGE_TESTING")
    done = subprocess.run(
        [sys.executable, "-m", "sonoedge", "inspect", str(bundle)],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        | dict.fromkeys(names, "1"),
        capture_output=True,
        text=True,
    )
    assert done.returncode == InvalidManifest.exit_code
    assert "'faulty'" in done.stderr


def test_a_caller_who_admits_test_doubles_gets_them_and_unknown_runtimes_stay_refused(
    tmp_path: Path,
) -> None:
    bundle = make_faulty_bundle(TINY, tmp_path / "double", golden=1)
    assert read_bundle(bundle, test_doubles=True).manifest.variants[0].runtime == "faulty"
    for runtime in ("auto", "faulty"):
        with sonoedge.open(bundle, EngineOptions(runtime=runtime, test_doubles=True)) as analyser:
            assert isinstance(analyser.analyse(frame()), Analysed)
    unknown = spoilt(tmp_path / "unknown", {"runtime": "tensorflow"})
    with pytest.raises(InvalidManifest, match="tensorflow"):
        sonoedge.open(unknown, EngineOptions(test_doubles=True))


@pytest.mark.parametrize("isolation", ["process", "thread"])
def test_admission_reaches_the_engine_wherever_the_session_runs_it(
    tmp_path: Path, isolation: Any
) -> None:
    bundle = make_faulty_bundle(TINY, tmp_path / "bundle", golden=1)
    with sonoedge.live(
        bundle, isolation=isolation, max_age_ms=60_000, engine=EngineOptions(test_doubles=True)
    ) as session:
        session.submit(frame())
        assert session.drain(30)
        assert isinstance(session.latest(), Analysed)


@pytest.mark.parametrize("verb", [run, bench, provision])
def test_no_help_names_a_test_double(
    verb: Callable[[list[str]], int], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        verb(["--help"])
    shown = capsys.readouterr().out
    assert "onnxruntime" in shown
    assert "faulty" not in shown
    assert "null" not in shown
    for name in ("faulty", "null"):
        with pytest.raises(SystemExit):
            verb([str(TINY), "--runtime", name])
