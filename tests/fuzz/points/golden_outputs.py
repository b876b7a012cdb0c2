"""A bundle's golden outputs: an archive of arrays."""

from __future__ import annotations

import io
import zipfile
import zlib

from fuzz.entry_point import EntryPoint
from fuzz.seeds import TINY
from sonoedge.bundle.golden_file import read_outputs
from sonoedge.bundle.parse import parse

MANIFEST = parse((TINY / "manifest.json").read_bytes())
DATA = (TINY / "golden" / "onnxruntime-fp32.npz").read_bytes()


def stored() -> bytes:
    """The same entries, not compressed: their headers lie open to change."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(DATA)) as packed, zipfile.ZipFile(file, "w") as archive:
        for name in packed.namelist():
            archive.writestr(zipfile.ZipInfo(name), packed.read(name))
    return file.getvalue()


def repair(data: bytes) -> bytes:
    """Every entry's CRC-32 as its stored bytes have it."""
    fixed = bytearray(data)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                at = entry.header_offset
                names = int.from_bytes(data[at + 26 : at + 28], "little")
                begin = at + 30 + names + int.from_bytes(data[at + 28 : at + 30], "little")
                crc = zlib.crc32(data[begin : begin + entry.file_size]).to_bytes(4, "little")
                old = entry.CRC.to_bytes(4, "little")
                fixed = bytearray(bytes(fixed).replace(old, crc)) if entry.CRC else fixed
    except Exception:  # noqa: BLE001 - zipfile raises anything: then it stays as it is
        return data
    return bytes(fixed)


def attack(data: bytes) -> None:
    read_outputs(data, "golden.npz", len(MANIFEST.golden.frames), MANIFEST.outputs)


POINT = EntryPoint(
    attack=attack,
    seeds=(DATA, stored()),
    engines=("bytes", "coverage"),
    repair=repair,
    suffix=".npz",
)
