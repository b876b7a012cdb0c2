"""Golden outputs on disk: a .npz of known entries, read without trusting what it declares."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from sonoedge.errors import UnsafeContent
from sonoedge.runtime import Tensors, TensorSpec

MOST_HEADER: Final = 1024  # bytes; NumPy's own are 128
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def write_outputs(of_frames: Sequence[Tensors]) -> bytes:
    """Golden outputs as .npz; the same outputs give the same bytes.

    Args:
        of_frames: per golden frame the engine's outputs by name.

    Returns:
        entries NNN.NAME.npy, deflated.
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, tensors in enumerate(of_frames):
            for name in sorted(tensors):
                array = io.BytesIO()
                np.lib.format.write_array(
                    array, np.ascontiguousarray(tensors[name]), version=(1, 0), allow_pickle=False
                )
                entry = zipfile.ZipInfo(_entry(number, name), _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, array.getvalue())
    return file.getvalue()


def read_outputs(
    data: bytes, name: str, frames: int, outputs: Sequence[TensorSpec]
) -> list[dict[str, npt.NDArray[np.generic]]]:
    """Golden outputs, by frame and by tensor name.

    Nothing is unpacked beyond what the manifest's tensors have.

    Args:
        name: the file, for messages.
        frames: how many golden frames there are.
        outputs: name, dtype and shape of every tensor that each frame must have.

    Raises:
        UnsafeContent: an entry is missing, more than expected, of another kind, damaged, or not
            finite.
    """
    expected = {_entry(n, spec.name): (n, spec) for n in range(frames) for spec in outputs}
    answers: list[dict[str, npt.NDArray[np.generic]]] = [{} for _ in range(frames)]
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sorted(e.filename for e in entries) != sorted(expected):
                raise _refused(name, "its entries are not the outputs that the manifest names")
            for entry in entries:
                number, spec = expected[entry.filename]
                answers[number][spec.name] = _array(_unpacked(archive, entry, spec), spec)
    except UnsafeContent:
        raise
    except Exception as error:  # noqa: BLE001 - zipfile, zlib and NumPy raise anything
        raise _refused(name, f"{type(error).__name__}: {error}"[:200]) from None
    return answers


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, spec: TensorSpec) -> bytes:
    most = MOST_HEADER + math.prod(spec.shape) * np.dtype(spec.dtype).itemsize
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{entry.filename} is packed in a way that is not read")
    if entry.file_size > most:
        raise ValueError(f"{entry.filename} unpacks to {entry.file_size} bytes")
    with archive.open(entry) as file:
        content = file.read(most + 1)
        if file.read(1):
            raise ValueError(f"{entry.filename} is longer than it says")
    return content


def _array(content: bytes, spec: TensorSpec) -> npt.NDArray[np.generic]:
    file = io.BytesIO(content)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError(f"{spec.name} is of another version of the format")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=MOST_HEADER)
    expected = np.dtype(spec.dtype)
    if (shape, fortran, dtype) != (spec.shape, False, expected):
        raise ValueError(f"{spec.name} is {dtype} {shape}, not {expected} {spec.shape}")
    array = np.frombuffer(file.read(), dtype=expected).reshape(spec.shape)
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{spec.name} is not finite")
    return array


def _entry(number: int, name: str) -> str:
    return f"{number:03d}.{name}.npy"


def _refused(name: str, why: str) -> UnsafeContent:
    return UnsafeContent(f"{name} holds no golden outputs: {why}; export the bundle again")
