"""Whole bundles opened by the native library as Python opens them, and refused alike."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from c_reader import Reader
from c_settings import beyond_the_library, region_lines, settings_lines, variant_lines
from sonoedge.bundle import Bundle, read_bundle
from sonoedge.bundle.identity import manifest_text
from sonoedge.engines.choose import candidates
from sonoedge.errors import BundleError
from sonoedge.trust.policy import TrustPolicy

TESTS = Path(__file__).parents[4]
TINY = TESTS / "data/tiny"
SHARED = TESTS.parents[1] / "shared"


def opened(folder: Path) -> Bundle | None:
    """The bundle as Python opens it and all of it is right, or None."""
    try:
        bundle = read_bundle(folder, trust=TrustPolicy())
        bundle.check()
    except BundleError:
        return None
    return bundle


def bundle_text(bundle: Bundle) -> bytes:
    """What drive.c writes of a bundle."""
    manifest = bundle.manifest
    order = [candidate.variant for candidate in candidates(bundle, "onnxruntime").order]
    head = (f"id={manifest.bundle_id}", f"sha256={bundle.manifest_sha256}")
    lines = (*head, *settings_lines(manifest), *variant_lines(manifest, order), "")
    text = "\n".join(lines).encode()
    for variant in order:
        pictures = bundle.golden_frames()
        for pixels, answer in zip(pictures, bundle.golden_answers(variant), strict=True):
            outputs = b"".join(answer.outputs[s.name].tobytes() for s in manifest.outputs)
            digest = hashlib.sha256(pixels.tobytes() + outputs).hexdigest()
            height, width = pixels.shape[:2]
            text += f"{height} {width} {pixels.size // (height * width)} {digest}\n".encode()
            text += region_lines((answer.expected,))
    return text


def same(reader: Reader, folders: list[Path]) -> int:
    """How many were opened, by both alike."""
    taken = 0
    answers = reader.answers("b", [(os.fsencode(folder), 0) for folder in folders])
    for folder, answer in zip(folders, answers, strict=True):
        bundle = opened(folder)
        try:
            text = (
                b"!"
                if bundle is None or beyond_the_library(bundle.manifest)
                else bundle_text(bundle)
            )
        except BundleError:  # no variant for ONNX Runtime, or golden answers that are none
            text = b"!"
        assert (answer[:1] if text == b"!" else answer) == text, folder
        taken += text != b"!"
    return taken


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "bundle")


def test_every_bundle_here_gives_the_same_settings_and_golden_cases(reader: Reader) -> None:
    folders = [TINY, *sorted((TESTS / "data/bundles").iterdir())]
    folders += [f.parent for f in sorted((TESTS / "data/conformance").rglob("manifest.json"))]
    assert same(reader, folders) >= 1


def test_bundles_that_were_attacked_are_answered_as_python_answers(reader: Reader) -> None:
    found = SHARED / "trust/found/bundle"
    if not found.is_dir():
        pytest.skip("needs ../shared")
    same(reader, sorted(each for each in found.iterdir() if each.is_dir()))


def test_a_bundle_with_every_runtime_gives_its_variants_the_fastest_first(
    reader: Reader, copy: Path
) -> None:
    data = json.loads((copy / "manifest.json").read_bytes())
    first = next(v for v in data["variants"] if v["runtime"] == "onnxruntime")
    others = [v for v in data["variants"] if v["runtime"] != "onnxruntime"]
    latencies = {"a": 3.0, "b": None, "c": 1.0, "d": 3.0, "e": None}
    data["variants"] = [
        *others,
        *(first | {"id": i, "latency_ms_p50": ms} for i, ms in latencies.items()),
    ]
    data["reference_variant"] = "a"
    (copy / "manifest.json").write_text(manifest_text(data))
    assert same(reader, [copy]) == 1
    answer = reader.answer("b", os.fsencode(copy)).decode()
    ids = [line.split("=")[1].split()[0] for line in answer.splitlines() if "variant=" in line]
    assert ids == ["c", "a", "d", "b", "e"]


@pytest.mark.parametrize(("cut", "taken"), [(None, 1), (3, 0), (0, 0)])
def test_a_litert_file_beside_onnx_graphs_is_looked_at_and_not_run(
    reader: Reader, copy: Path, cut: int | None, taken: int
) -> None:
    model = (TESTS / "data/litert/tiny.tflite").read_bytes()[:cut]
    (copy / "graphs/litert.tflite").write_bytes(model)
    data = json.loads((copy / "manifest.json").read_bytes())
    data["files"]["graphs/litert.tflite"] = {
        "sha256": hashlib.sha256(model).hexdigest(), "bytes": len(model),
    }  # fmt: skip
    first = data["variants"][0]
    litert = {"id": "litert-fp32", "runtime": "litert", "model": "graphs/litert.tflite"}
    data["variants"] = [first, first | litert]
    (copy / "manifest.json").write_text(manifest_text(data))
    assert same(reader, [copy]) == taken


def swapped(change: Callable[[Path], object]) -> Callable[[Path], object]:
    """Change one of a bundle's files."""
    return lambda folder: change(folder / "golden/frame000.png")


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing file": swapped(lambda file: file.unlink()),
    "longer file": swapped(lambda file: file.write_bytes(file.read_bytes() + b"x")),
    "changed file": swapped(lambda file: file.write_bytes(file.read_bytes()[:-1] + b"x")),
    "link to a file": swapped(
        lambda file: (file.rename(file.with_name("x")), file.symlink_to("x"))
    ),
    "pipe": swapped(lambda file: (file.unlink(), os.mkfifo(file))),
    "folder for a file": swapped(lambda file: (file.unlink(), file.mkdir())),
    "link to a folder": lambda f: (
        f.joinpath("golden").rename(f / "g"), f.joinpath("golden").symlink_to("g")
    ),
    "file for a folder": lambda f: (shutil.rmtree(f / "golden"), f.joinpath("golden").touch()),
    "no manifest": lambda f: f.joinpath("manifest.json").unlink(),
    "link to the manifest": lambda f: (
        f.joinpath("manifest.json").rename(f / "m"), f.joinpath("manifest.json").symlink_to("m")
    ),
    "huge manifest": lambda f: os.truncate(f / "manifest.json", 1 << 33),
    "link to the envelope": lambda f: f.joinpath("manifest.dsse.json").symlink_to("manifest.json"),
    "huge envelope": lambda f: f.joinpath("manifest.dsse.json").write_bytes(bytes((2 << 20) + 1)),
    "changed graph": lambda f: f.joinpath("graphs/fp32.onnx").write_bytes(b"x"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_bundle_is_refused_with_what_to_do(
    reader: Reader, copy: Path, damage: str
) -> None:
    assert same(reader, [copy]) == 1
    DAMAGES[damage](copy)
    assert same(reader, [copy]) == 0


def test_what_lies_beside_a_bundle_and_is_not_named_is_not_read(reader: Reader, copy: Path) -> None:
    (copy / "x.so").write_bytes(b"x")
    (copy / "manifest.dsse.json").write_bytes(b"x")
    assert same(reader, [copy]) == 1


def test_a_pin_is_compared_before_the_manifest_is_parsed(reader: Reader, copy: Path) -> None:
    digest = hashlib.sha256((copy / "manifest.json").read_bytes()).hexdigest()
    pins = [digest, digest.upper(), digest[:-1], digest + "0", "0" * 64, ""]
    answers = reader.answers("b", [(f"{copy}\n{pin}".encode(), 0) for pin in pins])
    assert [answer[:1] for answer in answers] == [b"i", b"i", b"!", b"!", b"!", b"!"]
    (copy / "manifest.json").write_bytes(b"{")
    answer = reader.answer("b", f"{copy}\n{digest}".encode())
    assert answer.startswith(b"!manifest.json is not the one that this program was made for")


def test_a_path_that_leads_to_no_bundle_is_refused(reader: Reader, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "none", tmp_path / "file", tmp_path):
        assert reader.answer("b", os.fsencode(path)).startswith(b"!")
    assert reader.answer("b", b"store:/x").startswith(b"!a store is opened by sonoedge serve")
