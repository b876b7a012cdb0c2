"""Golden answers in the native library: archives that NumPy reads, and regions in JSON."""

from __future__ import annotations

import io
import json
import random
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from c_reader import Reader
from c_settings import region_lines
from fuzz import mutation, trees
from fuzz.points import golden_outputs
from sonoedge.bundle.golden import read_regions
from sonoedge.bundle.golden_file import read_outputs, write_outputs
from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.errors import UnsafeContent

TINY = Path(__file__).parents[5] / "tests/data/tiny"
TEXT = (TINY / "manifest.json").read_bytes()
OUTPUTS = parse(TEXT).outputs
EXTRA = [
    {"name": "i4", "dtype": "int32", "shape": [3]},
    {"name": "i8", "dtype": "int64", "shape": [2, 1]},
    {"name": "yes", "dtype": "bool", "shape": [1]},
    {"name": "f4", "dtype": "float32", "shape": [1, 2, 3, 4, 5, 1, 1, 1]},
]


def joined(answers: list[dict[str, npt.NDArray[np.generic]]], names: list[str]) -> bytes:
    return b"".join(answer[name].tobytes() for answer in answers for name in names)


def random_tensors(rng: np.random.Generator, specs: Any) -> Mapping[str, npt.NDArray[np.generic]]:
    return {
        s.name: rng.integers(0, 2 if s.dtype == "bool" else 100, s.shape).astype(s.dtype)
        for s in specs
    }


def test_outputs_of_every_type_and_shape_are_numpys(reader: Reader) -> None:
    data = json.loads(TEXT)
    data["outputs"] += EXTRA
    text = manifest_text(data).encode()
    specs, rng = parse(text).outputs, np.random.default_rng(1)
    frames = [random_tensors(rng, specs) for _ in range(3)]
    file = write_outputs(frames)
    with np.load(io.BytesIO(file)) as arrays:
        wanted = b"".join(
            arrays[f"{n:03d}.{spec.name}"].tobytes() for n in range(3) for spec in specs
        )
    assert reader_outputs(reader, [file], text) == [wanted]


def reader_outputs(reader: Reader, files: list[bytes], manifest: bytes = TEXT) -> list[bytes]:
    """The answers to archives of three frames, after a manifest that names their tensors."""
    return reader.mixed([("m", manifest, 0), *(("o", file, 3) for file in files)])[1:]


def test_what_is_taken_of_damaged_archives_python_takes_too(reader: Reader) -> None:
    rng = random.Random(1)
    seeds = golden_outputs.POINT.seeds
    files = [mutation.mutated(rng, rng.choice(seeds)) for _ in range(1_500)]
    files += [golden_outputs.repair(file) for file in files]
    names, taken = [spec.name for spec in OUTPUTS], 0
    for file, answer in zip(files, reader_outputs(reader, files), strict=True):
        if not answer.startswith(b"!"):
            assert answer == joined(read_outputs(file, "a.npz", 3, OUTPUTS), names)
            taken += 1
    assert 10 < taken < 2_900


def archive(entries: list[tuple[str, bytes]], *, comment: bytes = b"", flag: int = 0) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as writer:
        writer.comment = comment
        for name, data in entries:
            entry = zipfile.ZipInfo(name)
            entry.flag_bits = flag
            writer.writestr(entry, data)
    return file.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    "change", ["comment", "missing", "twice", "other", "long", "nan", "dtype", "fortran", "cut"]
)
def test_what_no_export_writes_is_refused(reader: Reader, change: str) -> None:
    data = (TINY / "golden/onnxruntime-fp32.npz").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        entries = [(name, packed.read(name)) for name in packed.namelist()]
    names = [spec.name for spec in OUTPUTS]
    whole = joined(read_outputs(data, "a.npz", 3, OUTPUTS), names)
    assert reader_outputs(reader, [data, archive(entries), archive(entries[::-1])]) == [whole] * 3
    at = next(n for n, (name, _) in enumerate(entries) if "class_probs" in name)
    name, content = entries[at]
    entries[at] = {
        "twice": entries[at - 1],
        "other": ("000.class_prob.npy", content),
        "long": (name, content + bytes(2_000)),
        "nan": (name, content[:-4] + np.float32("nan").tobytes()),
        "dtype": (name, content.replace(b"<f4", b"<i4")),
        "fortran": (name, content.replace(b"False, 's", b"True,  's")),
        "cut": (name, content[:-1]),
    }.get(change, entries[at])
    del entries[at : at + (change == "missing")]
    file = archive(entries, comment=b"x" if change == "comment" else b"")
    assert reader_outputs(reader, [file])[0].startswith(b"!")


def test_regions_are_pythons(reader: Reader) -> None:
    rng = random.Random(1)
    data = (TINY / "golden/onnxruntime-fp32.json").read_bytes()
    tree = json.loads(data)
    paths = list(trees.places(tree))
    files = [data]
    for _ in range(2_000):
        try:
            files.append(json.dumps(trees.mutated(rng, tree, paths)).encode())
        except ValueError:  # Python does not write integers of thousands of digits
            continue
    taken = 0
    for file, answer in zip(files, reader.answers("g", [(f, 3) for f in files]), strict=True):
        try:
            wanted = read_regions(file, "a.json", 3)
        except UnsafeContent:
            assert answer.startswith(b"!"), file
            continue
        if any(abs(v) >= 1 << 31 for f in wanted for r in f.regions for v in r.box_px):
            assert answer.startswith(b"!")  # in no picture; Python lets the comparison tell
            continue
        assert answer == region_lines(wanted), file
        taken += 1
    assert 100 < taken < 1_900


def test_regions_of_another_number_of_frames_are_refused(reader: Reader) -> None:
    data = (TINY / "golden/onnxruntime-fp32.json").read_bytes()
    assert b"another number of frames" in reader.answer("g", data, 2)
