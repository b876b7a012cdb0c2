"""Attacks on a bundle's folder: each ends in a typed error, in bounded memory and time."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

TINY = Path(__file__).parents[1] / "data" / "tiny"
MANIFEST = (TINY / "manifest.json").read_bytes()
FILES = sorted(json.loads(MANIFEST)["files"])
GRAPH, FRAME, OUTPUTS = "graphs/fp32.onnx", "golden/frame000.png", "golden/onnxruntime-fp32.npz"
REGIONS = "golden/onnxruntime-fp32.json"

Attack = Callable[[Any], object]  # of a `Victim`
Expected = tuple[str, str]  # of inspect, and of open

# What is refused by both, and what only opening looks at.
CHANGED: Expected = ("DIGEST_MISMATCH", "DIGEST_MISMATCH")
UNSAFE: Expected = ("UNSAFE_CONTENT", "UNSAFE_CONTENT")
INVALID: Expected = ("INVALID_MANIFEST", "INVALID_MANIFEST")
UNSAFE_GOLDEN: Expected = ("OK", "UNSAFE_CONTENT")
OTHER_ANSWERS: Expected = ("OK", "GOLDEN_MISMATCH")

ATTACKS: dict[str, tuple[Attack, Expected]] = {}


def damaged(path: str, change: Callable[[bytes], bytes]) -> Attack:
    return lambda v: (v.folder / path).write_bytes(change((v.folder / path).read_bytes()))


for _path in FILES:
    ATTACKS |= {
        f"{_path} cut": (damaged(_path, lambda b: b[:-1]), CHANGED),
        f"{_path} grown": (damaged(_path, lambda b: b + b"x"), CHANGED),
        f"{_path} emptied": (damaged(_path, lambda b: b""), CHANGED),
        f"{_path} with a bit changed": (
            damaged(_path, lambda b: b[:-1] + bytes([b[-1] ^ 1])), CHANGED
        ),
        f"{_path} gone": (lambda v, p=_path: (v.folder / p).unlink(), CHANGED),
    }  # fmt: skip


def special(kind: str, path: str) -> Attack:
    """A file that is none."""

    def make(victim: Any) -> None:
        file = victim.folder / path
        content = file.read_bytes()
        file.unlink()
        if kind == "pipe":
            os.mkfifo(file)
        elif kind == "folder":
            file.mkdir()
        elif kind == "socket":
            here = Path.cwd()
            os.chdir(file.parent)  # its path may have no more than 107 characters
            try:
                with socket.socket(socket.AF_UNIX) as server:
                    server.bind(file.name)
            finally:
                os.chdir(here)
        elif kind == "device":
            file.symlink_to("/dev/zero")
        elif kind == "link to itself":
            file.symlink_to(file.name)
        elif kind == "link elsewhere":
            elsewhere = victim.folder.parent / "elsewhere"
            elsewhere.write_bytes(content)
            file.symlink_to(elsewhere)
        else:
            with file.open("wb") as out:
                out.truncate(64 << 30)

    return make


SPECIAL = ("pipe", "folder", "socket", "device", "link to itself", "link elsewhere")
for _kind in SPECIAL:
    for _path in (GRAPH, FRAME, OUTPUTS, REGIONS, "verification.json"):
        ATTACKS[f"{_path} as a {_kind}"] = (special(_kind, _path), UNSAFE)
    ATTACKS[f"manifest as a {_kind}"] = (special(_kind, "manifest.json"), INVALID)
ATTACKS["graph as 64 GB of nothing"] = (special("sparse", GRAPH), CHANGED)
ATTACKS["manifest as 64 GB of nothing"] = (special("sparse", "manifest.json"), INVALID)
ATTACKS["folder of graphs as a link"] = (
    lambda v: (
        (v.folder / "graphs").rename(v.folder.parent / "graphs"),
        (v.folder / "graphs").symlink_to(v.folder.parent / "graphs"),
    ),
    UNSAFE,
)

TEXTS = {
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 100_000,
    "UTF-16": MANIFEST.decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + MANIFEST,
    "Latin-1": MANIFEST.replace(b"Tests.", b"\xff\xfe"),
    "2 MB of blanks": b" " * (2 << 20) + MANIFEST,
    "doubled key": MANIFEST.replace(b'"task": "both"', b'"task": "segmentation", "task": "both"'),
    "bytes behind": MANIFEST + b"x",
    "5,000 digits": MANIFEST.replace(b'"schema_version": 2', b'"schema_version": ' + b"9" * 5000),
    "schema 1": MANIFEST.replace(b'"schema_version": 2', b'"schema_version": 1'),
    "a threshold edited": MANIFEST.replace(b'"flag_threshold": 0.5', b'"flag_threshold": 0.9'),
}
for _name, _text in TEXTS.items():
    assert _text != MANIFEST, _name
    ATTACKS[f"manifest of {_name}"] = (
        lambda v, t=_text: (v.folder / "manifest.json").write_bytes(t), INVALID
    )  # fmt: skip

VALUES: dict[str, tuple[tuple[Any, ...], Any]] = {
    "10^400": (("postprocess", "flag_threshold"), 10**400),
    "NaN as a tolerance": (("variants", 0, "tolerance", "probs"), float("nan")),
    "huge tolerance": (("variants", 0, "tolerance"), {"map_levels": 10**9, "probs": 1e9}),
    "negative tolerance": (("variants", 0, "tolerance", "map_levels"), -1),
    "no golden frames": (("golden", "frames"), []),
    "infinite smallest region": (("postprocess", "min_area_input_px"), float("inf")),
    "escape codes": (("intended_use",), "\x1b]0;owned\x07\x1b[2J"),
    "half a character": (("intended_use",), "\ud800"),
    "a name of 1 MB": (("name",), "x" * (1 << 20)),
    "a name that is a path": (("name",), "x/../y"),
    "infinite latency": (("variants", 0, "latency_ms_p50"), float("inf")),
    "another operating point": (("operating_point", "threshold"), 0.01),
    "an engine that fails on order": (("variants", 0, "runtime"), "faulty"),
    "an engine that computes nothing": (("variants", 0, "runtime"), "null"),
    "an unknown engine": (("variants", 0, "runtime"), "xx"),
    "truth as a number": (("preprocess", "grey_map"), [True] * 256),
    "a region of interest of 2^70": (
        ("preprocess", "roi"), {"x0": 0, "y0": 0, "x1": 2**70, "y1": 2**70, "unit": "px"}
    ),
    "a negative shape": (("inputs", 0, "shape"), [1, 1, -64, 96]),
    "a huge shape": (("inputs", 0, "shape"), [1, 1, 2**40, 96]),
    "no inputs": (("inputs",), []),
    "no outputs": (("outputs",), []),
    "objects as pixels": (("inputs", 0, "dtype"), "object"),
    "floats as a version": (("schema_version",), 2.0),
    "a list as a name": (("name",), ["a"]),
    "none as files": (("files",), None),
    "300 files": (("files",), {f"f{n}": {"bytes": 0, "sha256": "0" * 64} for n in range(300)}),
}  # fmt: skip
for _name, (_keys, _value) in VALUES.items():
    ATTACKS[_name] = (lambda v, k=_keys, x=_value: v.set(*k, value=x), INVALID)
for _name, _path in {
    "up": "../b/verification.json", "absolute": "/etc/passwd", "up within": "a/../b",
    "backslash": "a\\b", "nothing": "", "here": ".", "NUL": "a\0b", "surrogate": "\ud800",
    "long": "x" * 300, "deep": "a/" * 3000 + "b", "doubled slash": "a//b", "dot": "./a",
    "manifest": "manifest.json",
}.items():  # fmt: skip
    ATTACKS[f"a file's path that is: {_name}"] = (
        lambda v, p=_path: v.set("files", p, value={"bytes": 1, "sha256": "0" * 64}), INVALID
    )  # fmt: skip
ATTACKS["100,000 files"] = (
    lambda v: v.set(
        "files", value={f"f{n}": {"bytes": 1, "sha256": "0" * 64} for n in range(100_000)}
    ),
    INVALID,
)
ATTACKS["3,000 variants"] = (
    lambda v: v.set(
        "variants", value=[v.manifest()["variants"][0] | {"id": f"v{n}"} for n in range(3000)]
    ),
    INVALID,
)
for _name, _keys, _value in (
    ("text as a metric", ("variants", 0, "metrics"), {"dice_mean": "0.9", "flag_agreement": [1]}),
    ("text as parameters", ("lineage",), {"network": ["x"], "parameters": "many"}),
    ("lineage of another shape", ("lineage",), {"x": [[[[1]]]], "parameters": 2**62}),
):
    ATTACKS[_name] = (lambda v, k=_keys, x=_value: v.set(*k, value=x), ("OK", "OK"))
ATTACKS["flags that nothing reaches"] = (
    lambda v: (
        v.set("operating_point", "threshold", value=0.985),
        v.set("postprocess", "flag_threshold", value=0.985),
    ),
    OTHER_ANSWERS,
)
ATTACKS["regions that are too small"] = (
    lambda v: v.set("postprocess", "min_area_input_px", value=6000.0), OTHER_ANSWERS
)  # fmt: skip
ATTACKS["another bundle's golden regions"] = (
    lambda v: v.replace(
        REGIONS, b'{"frames": [%s]}' % b",".join([b'{"flagged": false, "regions": []}'] * 3)
    ),
    OTHER_ANSWERS,
)


def png(pixels: np.ndarray, kind: str = ".png") -> bytes:
    return bytes(cv2.imencode(kind, pixels)[1])


def chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


def picture_bomb(width: int, height: int) -> bytes:
    packer = zlib.compressobj(9)
    rows = (packer.compress(bytes(1 << 20)) for _ in range((width + 1) * height // (1 << 20) + 1))
    body = b"".join(rows) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", body) + chunk(b"IEND", b"")


BLACK = np.zeros((64, 96), np.uint8)
PICTURES: dict[str, tuple[Callable[[], bytes], Expected]] = {
    "nothing": (lambda: b"", UNSAFE_GOLDEN),
    "text": (lambda: b"hello", UNSAFE_GOLDEN),
    "16 bits": (lambda: png(BLACK.astype(np.uint16)), UNSAFE_GOLDEN),
    "transparency": (lambda: png(np.dstack([BLACK] * 4)), UNSAFE_GOLDEN),
    "TIFF": (lambda: png(BLACK, ".tiff"), UNSAFE_GOLDEN),
    "a cut file": (lambda: png(BLACK)[:60], UNSAFE_GOLDEN),
    "a bomb of 12,000 x 12,000": (lambda: picture_bomb(12_000, 12_000), UNSAFE_GOLDEN),
    "one pixel": (lambda: png(BLACK[:1, :1]), OTHER_ANSWERS),
    "8 x 20,000": (lambda: png(np.zeros((8, 20_000), np.uint8)), OTHER_ANSWERS),
    "another frame": (lambda: png(BLACK), OTHER_ANSWERS),
}
for _name, (_content, _expected) in PICTURES.items():
    ATTACKS[f"golden frame: {_name}"] = (lambda v, c=_content: v.replace(FRAME, c()), _expected)


def npz(changes: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    with zipfile.ZipFile(TINY / OUTPUTS) as kept:
        entries = {name: kept.read(name) for name in kept.namelist()} | changes
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def declaring(shape: tuple[int, ...], content: bytes) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return file.getvalue() + content


def pickled() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{}], dtype=object), allow_pickle=True)
    return file.getvalue()


FIRST = "000.lesion_map.npy"
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"hello",
    "the beginning of an archive": lambda: b"PK\3\4" + bytes(50),
    "a pickle": pickled,
    "a pickle within": lambda: npz({FIRST: pickled()}),
    "an entry too many": lambda: npz({"x.npy": b""}),
    "no array within": lambda: npz({FIRST: b"hello"}),
    "an array of 2^45": lambda: npz({FIRST: declaring((1 << 45,), b"")}),
    "an array of 2^31": lambda: npz({FIRST: declaring((1 << 31,), b"")}),
    "a bomb of 200 MB": lambda: npz({FIRST: declaring((1, 1, 32, 48), bytes(200_000_000))}),
    "bzip2": lambda: npz({}, zipfile.ZIP_BZIP2),
    "a cut archive": lambda: (TINY / OUTPUTS).read_bytes()[:-30],
}
for _name, _content in ARCHIVES.items():
    ATTACKS[f"golden outputs: {_name}"] = (
        lambda v, c=_content: v.replace(OUTPUTS, c()), UNSAFE_GOLDEN
    )  # fmt: skip
for _name, _text in {
    "nothing": b"", "deep lists": b"[" * 100_000, "too few frames": b'{"frames": []}',
    "NaN": b'{"frames": [NaN]}',
}.items():  # fmt: skip
    ATTACKS[f"golden regions: {_name}"] = (
        lambda v, t=_text: v.replace(REGIONS, t), UNSAFE_GOLDEN
    )  # fmt: skip


def external(*fields: int) -> bytes:
    """The graph with one more tensor, within these fields, whose data lie in w.bin."""
    content = b"\x6a\x0d\x0a\x08location\x12\x01w"  # TensorProto.external_data
    for number in reversed(fields):
        key = number << 3 | 2
        tag = bytes([key]) if key < 128 else bytes([key & 127 | 128, key >> 7])
        content = tag + bytes([len(content)]) + content
    return (TINY / GRAPH).read_bytes() + content


GRAPHS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "text": lambda: b"hello",
    "cut": lambda: (TINY / GRAPH).read_bytes()[:-100],
    "external initializer": lambda: external(7, 5),
    "external attribute": lambda: external(7, 1, 5, 5),
    "external tensor in a graph of a node": lambda: external(7, 1, 5, 6, 5),
    "external sparse tensor": lambda: external(7, 15, 1),
    "external tensor in a function": lambda: external(25, 7, 5, 5),
}
for _name, _content in GRAPHS.items():
    ATTACKS[f"graph: {_name}"] = (lambda v, c=_content: v.replace(GRAPH, c()), UNSAFE)


@pytest.mark.req("R40")
@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_ends_as_it_must(name: str, victim: Any, use: Any) -> None:
    attack, (inspected, opened) = ATTACKS[name]
    attack(victim)
    assert use("inspect", victim.folder) == inspected
    assert use("open", victim.folder) == opened


def test_the_untouched_bundle_opens_within_the_same_limits(victim: Any, use: Any) -> None:
    assert use("inspect", victim.folder) == "OK"
    assert use("open", victim.folder) == "OK"


@pytest.mark.req("R23")
def test_a_bit_changed_anywhere_in_the_bundle_is_refused(victim: Any, use: Any) -> None:
    rng = random.Random(7)
    refused = ("DIGEST_MISMATCH", "INVALID_MANIFEST", "BUNDLE_NOT_FOUND")
    for _ in range(100):
        path = victim.folder / rng.choice([*FILES, "manifest.json", "manifest.json"])
        original = path.read_bytes()
        changed = bytearray(original)
        at = rng.randrange(len(changed))
        changed[at] ^= 1 << rng.randrange(8)
        path.write_bytes(changed)
        assert use("inspect", victim.folder) in refused, (path.name, at)
        path.write_bytes(original)


def test_a_damaged_graph_with_the_right_digest_ends_no_host(victim: Any, use: Any) -> None:
    rng = random.Random(11)
    graph = (TINY / GRAPH).read_bytes()
    outcomes = set()
    for _ in range(60):
        changed = bytearray(graph)
        for _ in range(rng.choice((1, 1, 2, 8))):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        victim.replace(GRAPH, bytes(changed))
        outcomes.add(use("open", victim.folder))
    assert outcomes <= {"OK", "UNSAFE_CONTENT", "ENGINE_FAILED", "GOLDEN_MISMATCH"}
    assert len(outcomes) > 2


def test_what_once_broke_the_reader_is_refused(repository: Path, tmp_path: Path, use: Any) -> None:
    collection = repository.parent / "shared" / "trust" / "found"
    if not collection.is_dir():
        pytest.skip("the collection of hostile inputs is absent")
    refused = ("DIGEST_MISMATCH", "INVALID_MANIFEST", "UNSAFE_CONTENT")
    tried = 0
    for number, overlay in enumerate(sorted((collection / "bundle").iterdir())):
        folder = Path(shutil.copytree(TINY, tmp_path / str(number)))
        shutil.copytree(overlay, folder, dirs_exist_ok=True)
        for verb in ("inspect", "open"):
            assert use(verb, folder) in refused, overlay.name
            tried += 1
    for file in sorted((collection / "manifest_tree").iterdir()):
        folder = Path(shutil.copytree(TINY, tmp_path / file.stem))
        shutil.copy(file, folder / "manifest.json")
        assert use("inspect", folder) == "INVALID_MANIFEST", file.name
        tried += 1
    assert use("open", collection / "external_data_bundle") == "INVALID_MANIFEST"
    assert tried > 50
