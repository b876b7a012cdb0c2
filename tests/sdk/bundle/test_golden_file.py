from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping

import numpy as np
import pytest

from sonoedge.bundle.golden_file import read_outputs, write_outputs
from sonoedge.errors import UnsafeContent
from sonoedge.runtime import TensorSpec

SPECS = (
    TensorSpec(name="lesion_map", dtype="uint8", shape=(1, 1, 4, 6)),
    TensorSpec(name="class_probs", dtype="float32", shape=(1, 3)),
)
FRAMES = [
    {
        "lesion_map": np.full((1, 1, 4, 6), n, dtype=np.uint8),
        "class_probs": np.array([[0.1, 0.2, 0.7]], dtype=np.float32),
    }
    for n in range(2)
]


def npy(array: np.ndarray, *, pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=pickle)
    return file.getvalue()


def zipped(entries: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


ENTRIES = {f"{n:03d}.{k}.npy": npy(v) for n, f in enumerate(FRAMES) for k, v in f.items()}
FIRST = "000.lesion_map.npy"


def with_first(content: bytes) -> bytes:
    return zipped(ENTRIES | {FIRST: content})


def declaring(shape: tuple[int, ...], content: bytes = b"") -> bytes:
    """An array that declares a shape, and has other contents."""
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"descr": "|u1", "fortran_order": False, "shape": shape}
    )
    return file.getvalue() + content


def lying(declared: int) -> bytes:
    """An archive whose first entry declares to unpack to so many bytes."""
    data = with_first(declaring((1, 1, 4, 6), bytes(10_000_000)))
    size = len(declaring((1, 1, 4, 6))) + 10_000_000
    return data.replace(size.to_bytes(4, "little"), declared.to_bytes(4, "little"))


def damaged() -> bytes:
    data = bytearray(write_outputs(FRAMES))
    data[60] ^= 255
    return bytes(data)


REFUSED = {
    "nothing": b"",
    "text": b"hello",
    "begins as an archive": b"PK\3\4" + bytes(50),
    "one array": npy(FRAMES[0]["lesion_map"]),
    "pickle": npy(np.array([{}], dtype=object), pickle=True),
    "pickle within": with_first(npy(np.array([{}], dtype=object), pickle=True)),
    "changed bit": damaged(),
    "cut": write_outputs(FRAMES)[:-30],
    "entry missing": zipped({k: v for k, v in ENTRIES.items() if k != FIRST}),
    "entry too many": zipped(ENTRIES | {"x.npy": b""}),
    "entry of another frame": zipped(ENTRIES | {"002.lesion_map.npy": ENTRIES[FIRST]}),
    "not an array": with_first(b"hello"),
    "another shape": with_first(npy(np.zeros(3, np.uint8))),
    "the same size, another shape": with_first(npy(np.zeros((1, 1, 6, 4), np.uint8))),
    "text array": with_first(npy(np.array(["a"]))),
    "complex": zipped(ENTRIES | {"000.class_probs.npy": npy(np.zeros((1, 3), complex))}),
    "other byte order": zipped(ENTRIES | {"000.class_probs.npy": npy(np.zeros((1, 3), ">f4"))}),
    "column order": with_first(npy(np.asfortranarray(np.zeros((1, 1, 4, 6), np.uint8)))),
    "NaN": zipped(
        ENTRIES | {"000.class_probs.npy": npy(np.full((1, 3), np.nan, dtype=np.float32))}
    ),
    "header of 2^45": with_first(declaring((1 << 45,))),
    "fewer values than declared": with_first(declaring((1, 1, 4, 6), bytes(23))),
    "more values than declared": with_first(declaring((1, 1, 4, 6), bytes(25))),
    "bomb": with_first(declaring((1, 1, 4, 6), bytes(100_000_000))),
    "bomb that declares little": lying(152),
    "bzip2": zipped(ENTRIES, zipfile.ZIP_BZIP2),
}


def test_outputs_come_back_as_they_were_and_give_the_same_bytes_each_time() -> None:
    data = write_outputs(FRAMES)
    assert data == write_outputs(FRAMES)
    for kept, frame in zip(read_outputs(data, "a.npz", 2, SPECS), FRAMES, strict=True):
        assert set(kept) == set(frame)
        for name, array in frame.items():
            assert np.array_equal(kept[name], array)
            assert kept[name].dtype == array.dtype


def test_what_numpy_itself_saves_is_read(tmp_path: object) -> None:
    file = io.BytesIO()
    named = {k.removesuffix(".npy"): v for k, v in _arrays().items()}
    np.savez_compressed(file, **named)
    assert len(read_outputs(file.getvalue(), "a.npz", 2, SPECS)) == 2


def _arrays() -> dict[str, np.ndarray]:
    return {f"{n:03d}.{k}.npy": v for n, f in enumerate(FRAMES) for k, v in f.items()}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_as_the_manifest_says_is_refused(name: str) -> None:
    with pytest.raises(UnsafeContent, match=r"a.npz holds no golden outputs: .*export the bundle"):
        read_outputs(REFUSED[name], "a.npz", 2, SPECS)


def test_nothing_is_unpacked_beyond_the_size_expected(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked = []
    make = zlib.decompressobj

    class Counting:
        def __init__(self, *args: int) -> None:
            self._real = make(*args)

        def decompress(self, *args: object) -> bytes:
            data: bytes = self._real.decompress(*args)  # type: ignore[arg-type]
            unpacked.append(len(data))
            return data

        def __getattr__(self, name: str) -> object:
            return getattr(self._real, name)

    monkeypatch.setattr(zipfile.zlib, "decompressobj", Counting)
    for name in ("bomb", "bomb that declares little"):
        with pytest.raises(UnsafeContent):
            read_outputs(REFUSED[name], "a.npz", 2, SPECS)
    assert sum(unpacked) < 100_000
