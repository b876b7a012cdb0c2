"""What service and client say to each other, packed and read for tests."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from sonoedge.reason_numbers import REASONS
from sonoedge.service.codes import RegionFlag, ResultFlag
from sonoedge.service.protocol import FROM_SERVICE, HELLO, MAGIC, REGION, VERSION, Layout

BY_KIND = {layout.kind: layout for layout in FROM_SERVICE if layout.kind}
BY_NUMBER = {number: reason for reason, number in REASONS.items()}
TEXTS = ("reasons", "bundle", "runtime", "precision", "variant")


@dataclass
class Message:
    """One message of the service; `values` by field, `rest` what stands behind them."""

    layout: Layout
    values: dict[str, Any]
    rest: bytes

    @property
    def name(self) -> str:
        return self.layout.name


@dataclass
class Region:
    box: tuple[int, ...]
    track_id: int
    area_px: float
    sizes_mm: tuple[float, float, float]
    suspicion: float
    flags: RegionFlag
    class_probs: tuple[float, ...]
    contour: npt.NDArray[np.int16] = field(repr=False)


@dataclass
class Result:
    frame_id: int
    seq: int
    number: int
    flags: ResultFlag
    captured_ns: int
    valid_until_ns: int
    age_ms: float
    suspicion: float
    class_probs: tuple[float, ...]
    regions: list[Region]
    reasons: tuple[str, ...]
    detail: str


def pack(layout: Layout, *values: Any) -> bytes:
    return layout.struct.pack(layout.kind, *values)


def hello(stream: bytes = b"", lowest: int = VERSION, highest: int = VERSION) -> bytes:
    return pack(HELLO, MAGIC, lowest, highest, len(stream), 0) + stream


def read_message(data: bytes) -> Message:
    layout = BY_KIND[int.from_bytes(data[:4], "little")]
    numbers = list(layout.struct.unpack_from(data))
    values: dict[str, Any] = {}
    for each in layout.fields:
        count = int(each.code[:-1] or 1)
        values[each.name] = numbers[:count] if count > 1 else numbers[0]
        del numbers[:count]
    return Message(layout, values, data[layout.size :])


def state_texts(message: Message) -> dict[str, str]:
    texts, rest = {}, message.rest
    for name in TEXTS:
        length = message.values[f"{name}_bytes"]
        texts[name], rest = rest[:length].decode(), rest[length:]
    assert rest == b""
    return texts


def read_result(message: Message) -> Result:
    values, rest = message.values, message.rest

    def take(code: str) -> tuple[Any, ...]:
        nonlocal rest
        taken = struct.unpack_from("<" + code, rest)
        rest = rest[struct.calcsize("<" + code) :]
        return taken

    probs = take(f"{values['labels']}d")
    fixed = []
    for _ in range(values["regions"]):
        numbers = take(REGION.struct.format[1:])
        fixed.append((numbers, take(f"{values['region_labels']}d")))
    regions = []
    for numbers, of_region in fixed:
        points = numbers[10]
        contour = np.array(take(f"{2 * points}h"), dtype=np.int16).reshape(-1, 2)
        regions.append(
            Region(
                box=numbers[:4],
                track_id=numbers[4],
                area_px=numbers[5],
                sizes_mm=numbers[6:9],
                suspicion=numbers[9],
                flags=RegionFlag(numbers[11]),
                class_probs=of_region,
                contour=contour,
            )
        )
    reasons = tuple(BY_NUMBER[n].value for n in take(f"{values['reasons']}H"))
    detail = rest[: values["detail_bytes"]]
    assert rest == detail
    return Result(
        frame_id=values["frame_id"],
        seq=values["seq"],
        number=values["number"],
        flags=ResultFlag(values["flags"]),
        captured_ns=values["captured_ns"],
        valid_until_ns=values["valid_until_ns"],
        age_ms=values["age_ms"],
        suspicion=values["suspicion"],
        class_probs=probs,
        regions=regions,
        reasons=reasons,
        detail=detail.decode(),
    )
