"""What opening refuses, and that it says why: in process as in Python."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from c_build import onnxruntime
from conformance.pictures import speckle
from conformance.vectors import BUNDLE
from native_library import ARGUMENT, ENGINE, OK, WRONG_ANSWER, Handle, built
from native_library import BUNDLE as BUNDLE_REFUSED
from sonoedge.bundle import read_bundle
from sonoedge.bundle.digest import digest
from sonoedge.bundle.golden_file import write_outputs
from sonoedge.bundle.identity import manifest_text

PICTURE = speckle(1, 120, 160)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLE, tmp_path / "bundle"))


def resigned(folder: Path, change: Callable[[dict[str, object]], object] = lambda _: None) -> None:
    """Change the manifest, and make every digest right again."""
    data = json.loads((folder / "manifest.json").read_text())
    change(data)
    for path in data["files"]:
        found = digest((folder / path).read_bytes())
        data["files"][path] = {"sha256": found.sha256, "bytes": found.bytes}
    (folder / "manifest.json").write_text(manifest_text(data))


def tasks() -> int:
    """How many threads this process has."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


def refusal(library: ctypes.CDLL, bundle: Path, **options: object) -> tuple[int, str]:
    """The error and its sentence, from a handle that analyses nothing."""
    with Handle(library, bundle, **{"onnxruntime": onnxruntime(), **options}) as handle:
        assert handle.error != OK
        assert handle.submit(PICTURE)[0] == handle.error
        assert not handle.valid()
        assert handle.state()[0] == "UNAVAILABLE"
        assert handle.descriptor == -1
        return handle.error, handle.message


@pytest.mark.req("R76")
def test_a_damaged_model_is_refused_before_any_engine_sees_it(
    library: ctypes.CDLL, copy: Path
) -> None:
    model = copy / "graphs/fp32.onnx"
    data = bytearray(model.read_bytes())
    data[1000] ^= 1
    model.write_bytes(data)
    error, why = refusal(library, copy, onnxruntime="/no/such/library.so")
    assert error == BUNDLE_REFUSED
    assert "graphs/fp32.onnx" in why


@pytest.mark.req("R76")
def test_a_golden_frame_that_is_answered_otherwise_is_refused(
    library: ctypes.CDLL, copy: Path
) -> None:
    bundle = read_bundle(copy)
    variant = bundle.variant("onnxruntime-fp32")
    answers = [dict(answer.outputs) for answer in bundle.golden_answers(variant)]
    answers[1]["class_probs"] = np.asarray(answers[1]["class_probs"] + np.float32(0.25))
    (copy / variant.golden).write_bytes(write_outputs(answers))
    resigned(copy)
    error, why = refusal(library, copy)
    assert error == WRONG_ANSWER
    assert why.startswith("golden frame 1: class_probs is off by 0.25, allowed 0.0001; this engine")


def test_settings_that_hide_what_was_flagged_at_export_are_refused(
    library: ctypes.CDLL, copy: Path
) -> None:
    def hide(data: dict[str, object]) -> None:
        assert isinstance(data["postprocess"], dict)
        data["postprocess"]["min_area_input_px"] = 4000.0

    resigned(copy, hide)
    error, why = refusal(library, copy)
    assert error == WRONG_ANSWER
    assert "the bundle's settings give 0 regions, not 1" in why


def test_a_golden_frame_that_is_out_of_scope_is_refused(library: ctypes.CDLL, copy: Path) -> None:
    def scoped(data: dict[str, object]) -> None:
        assert isinstance(data["postprocess"], dict)
        data["postprocess"] |= {"out_of_scope": "normal", "scope_threshold": 1e-12}

    resigned(copy, scoped)
    error, why = refusal(library, copy)
    assert error == WRONG_ANSWER
    assert "a frame out of scope" in why


def test_a_bundle_of_the_earlier_resize_is_to_be_exported_again(library: ctypes.CDLL) -> None:
    error, why = refusal(library, BUNDLE.parent / "bundles/schema-2")
    assert error == BUNDLE_REFUSED
    assert "export" in why


def test_what_is_no_bundle_and_no_variant_is_said(library: ctypes.CDLL, tmp_path: Path) -> None:
    assert refusal(library, tmp_path)[0] == BUNDLE_REFUSED
    error, why = refusal(library, BUNDLE, variant="int4")
    assert error == BUNDLE_REFUSED
    assert "onnxruntime-fp32" in why
    error, why = refusal(library, BUNDLE, variant="openvino-fp32")
    assert error == BUNDLE_REFUSED
    assert "openvino" in why


def test_without_onnx_runtime_it_says_where_to_name_it(
    library: ctypes.CDLL, tmp_path: Path
) -> None:
    error, why = refusal(library, BUNDLE, onnxruntime="/no/such/library.so")
    assert error == ENGINE
    assert "options.onnxruntime" in why
    loaded = Path("/proc/self/maps").read_text().split()
    libm = next(path for path in loaded if "/libm.so" in path or "/libm-" in path)
    error, why = refusal(library, BUNDLE, onnxruntime=libm)
    assert error == ENGINE
    assert "OrtGetApiBase" in why


def test_arguments_that_cannot_be_give_no_handle(library: ctypes.CDLL) -> None:
    for bundle, options in ((Path(), {"threads": 1025}), (Path(), {"threads": 1 << 31})):
        handle = Handle(library, bundle, **options)
        assert (handle.error, handle.message) == (ARGUMENT, "")
    assert library.sonoedge_open(None, None, None) == ARGUMENT


def test_a_pin_is_the_manifests_digest(library: ctypes.CDLL) -> None:
    sha256 = hashlib.sha256((BUNDLE / "manifest.json").read_bytes()).hexdigest()
    for pin in (sha256, sha256.upper()):
        with Handle(library, BUNDLE, onnxruntime=onnxruntime(), manifest_sha256=pin) as handle:
            assert handle.error == OK, handle.message
    other = ("0" if sha256[0] != "0" else "1") + sha256[1:]
    error, why = refusal(library, BUNDLE, manifest_sha256=other)
    assert error == BUNDLE_REFUSED
    assert "manifest" in why
    for no_digits in ("abc", "z" * 64, sha256 + "0", sha256[:-1] + "\n"):
        error, why = refusal(library, BUNDLE, manifest_sha256=no_digits)
        assert error == ARGUMENT
        assert "64 hexadecimal digits" in why


@pytest.mark.parametrize("share", [0.0, 0.00001, 0.1, 0.9])
def test_an_engine_that_was_copied_in_part_does_not_end_the_host(
    library: ctypes.CDLL, tmp_path: Path, share: float
) -> None:
    whole = Path(onnxruntime())
    part = tmp_path / "libonnxruntime.so"
    with whole.open("rb") as source:
        part.write_bytes(source.read(int(whole.stat().st_size * share)))
    why = refused_in_a_child(library, part)
    assert why == f"ONNX Runtime is not loaded: {part} is cut short: copy it again"


def test_a_pipe_in_the_engines_place_does_not_hold_the_host(
    library: ctypes.CDLL, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    why = refused_in_a_child(library, tmp_path / "pipe")
    assert why == f"ONNX Runtime is not loaded: {tmp_path / 'pipe'} is not a regular file"


def refused_in_a_child(library: ctypes.CDLL, engine: Path) -> str:
    """Why there is no analysis; what the library dies or hangs of takes no test with it."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        error, why = refusal(library, BUNDLE, onnxruntime=str(engine))
        os.write(writer, why.encode() if error == ENGINE else b"another error")
        os._exit(0)
    os.close(writer)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader) as pipe:
        why = pipe.read()
    assert status == 0
    return why


@pytest.mark.req("R76")
def test_a_device_with_a_policy_runs_what_its_firmware_pins(tmp_path: Path) -> None:
    policy = tmp_path / "trust.json"
    policy.write_text("{}")
    library = built(tmp_path, f'-DSONOEDGE_POLICY_FILE="{policy}"')
    error, why = refusal(library, BUNDLE)
    assert error == BUNDLE_REFUSED
    assert "options.manifest_sha256" in why
    sha256 = hashlib.sha256((BUNDLE / "manifest.json").read_bytes()).hexdigest()
    with Handle(library, BUNDLE, onnxruntime=onnxruntime(), manifest_sha256=sha256) as handle:
        assert handle.error == OK, handle.message
        assert handle.analyse(PICTURE)["outcome"] == 1
    policy.unlink()
    policy.symlink_to("nowhere")  # a policy that cannot be read is not the absence of one
    assert refusal(library, BUNDLE)[0] == BUNDLE_REFUSED


def test_threads_are_those_that_were_asked_for(library: ctypes.CDLL) -> None:
    before = tasks()
    with Handle(library, BUNDLE, onnxruntime=onnxruntime(), threads=5) as handle:
        assert handle.error == OK, handle.message
        assert tasks() - before == 4
        assert handle.analyse(PICTURE)["outcome"] == 1
    assert tasks() == before


def test_the_hosts_locale_is_left_alone_and_changes_nothing(
    library: ctypes.CDLL, copy: Path
) -> None:
    """With a comma for a point, numbers of the manifest would read as others."""
    import locale

    names = ("de_DE.UTF-8", "fr_FR.UTF-8", "de_DE.utf8")
    before = locale.setlocale(locale.LC_ALL)
    for name in names:
        try:
            locale.setlocale(locale.LC_ALL, name)
            break
        except locale.Error:
            continue
    else:
        pytest.skip("needs a locale with a decimal comma")
    try:
        with Handle(library, BUNDLE, onnxruntime=onnxruntime()) as handle:
            assert handle.error == OK, handle.message
            assert handle.status().flag_threshold == 0.5
        assert locale.setlocale(locale.LC_ALL) == name
    finally:
        locale.setlocale(locale.LC_ALL, before)


@pytest.mark.req("R79")
@pytest.mark.parametrize("linked", [False, True])
@pytest.mark.parametrize("place", ["bundle.provision", "store"])
def test_a_bundle_with_a_taught_scope_is_refused(
    library: ctypes.CDLL, copy: Path, place: str, *, linked: bool
) -> None:
    bundle, beside = copy, copy.with_name(place)
    if place == "store":
        bundle = copy.with_name("store") / "bundles" / ("a" * 64)
        bundle.parent.mkdir(parents=True)
        copy.rename(bundle)
        beside = copy.with_name("store") / "provision" / ("a" * 64)
    path = bundle
    if linked:
        path = copy.with_name("current")
        path.symlink_to(bundle)
    beside.mkdir(parents=True)
    with Handle(library, path, onnxruntime=onnxruntime()) as handle:
        assert handle.error == OK
    (beside / "scope.json").write_text("{}")
    error, why = refusal(library, path)
    assert error == BUNDLE_REFUSED
    assert "taught to leave frames of this bundle alone" in why
