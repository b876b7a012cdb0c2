"""Counts from what a screening or a device wrote: report.json, or metrics as Prometheus text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sonoedge.analysis import Reason
from sonoedge.bounded_read import read_bounded
from sonoedge.bundle.names import printable
from sonoedge.drift.counts import DEVIATION_BOUNDS, MEAN_BOUNDS, SUSPICION_BOUNDS, Counts
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge.strict_json import parse_json

_MOST_BYTES: Final = 1 << 24
_SAMPLE: Final = re.compile(r'sonoedge_(\w{1,64})(?:\{(\w{1,32})="([\w+.\-]{1,64})"\})? (\S{1,32})')
_HISTOGRAMS: Final = {
    "suspicion": ("frame_suspicion", SUSPICION_BOUNDS),
    "grey_mean": ("input_grey_mean", MEAN_BOUNDS),
    "grey_deviation": ("input_grey_deviation", DEVIATION_BOUNDS),
}
_COUNTED: Final = (
    *("frames_without_region_total", "frames_flagged_total", "frames_not_analysed_total"),
    *(f"{metric}_bucket" for metric, _ in _HISTOGRAMS.values()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFile:
    """One report.

    Attributes:
        counts: of all its frames.
        recordings: how many recordings they are of; None of a device, which does not know.
        bundle_id: whose answers they are; None of metrics, which hold no name.
    """

    counts: Counts
    recordings: int | None
    bundle_id: str | None


def read_report(path: Path) -> ReportFile:
    """Read a screening's report.json, its folder, or a device's metrics (*.prom).

    Raises:
        InvalidData: it is none of these.
    """
    path = path / "report.json" if path.is_dir() else path
    try:
        data = read_bounded(path, _MOST_BYTES)
    except OSError as error:
        raise InvalidData(f"{path} cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise InvalidData(f"{path} has more than {_MOST_BYTES >> 20} MiB")
    if path.suffix == ".prom":
        return ReportFile(counts=_from_metrics(data, path.name), recordings=None, bundle_id=None)
    return _from_screening(data, path.name)


def _from_screening(data: bytes, name: str) -> ReportFile:
    try:
        values = parse_json(data, name, most_bytes=_MOST_BYTES)
    except InvalidSettings as error:
        raise InvalidData(str(error)) from None
    if not isinstance(values, dict) or values.get("schema") != "sonoedge-screening-1":
        raise InvalidData(f"{name} is no report of sonoedge screen that this version reads")
    recordings, identity = values.get("recordings"), values.get("identity")
    bundle_id = identity.get("bundle_id") if isinstance(identity, dict) else None
    if not isinstance(recordings, int) or recordings < 0 or not isinstance(bundle_id, str):
        raise InvalidData(f"{name} says neither of how many recordings nor of which bundle it is")
    return ReportFile(
        counts=Counts.parse(values.get("counts"), name), recordings=recordings, bundle_id=bundle_id
    )


def _from_metrics(data: bytes, name: str) -> Counts:
    samples: dict[tuple[str, str], int] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if match := _SAMPLE.fullmatch(line):
            metric, _, label, value = match.groups("")
            if metric not in _COUNTED:
                continue
            if (metric, label) in samples:  # of which box would it be?
                raise InvalidData(f"{name} holds sonoedge_{metric} twice; give each box's file")
            samples[metric, label] = _whole(value, f"{name}: sonoedge_{metric}")
    without = samples.get(("frames_without_region_total", ""))
    if without is None:
        raise InvalidData(f"{name} holds no metrics of frames' content; is sonoedge up to date?")
    plain: dict[str, Any] = {
        "flagged": samples.get(("frames_flagged_total", ""), 0),
        "not_analysed": {
            reason.value: count
            for reason in Reason
            if (count := samples.get(("frames_not_analysed_total", reason.value), 0))
        },
        "histograms": {title: _bins(samples, *of) for title, of in _HISTOGRAMS.items()},
    }
    plain["histograms"]["suspicion"].insert(0, without)
    plain["analysed"] = sum(plain["histograms"]["suspicion"])
    plain["frames"] = plain["analysed"] + sum(plain["not_analysed"].values())
    return Counts.parse(plain, name)


def _whole(text: str, where: str) -> int:
    """A sample's count: NaN or half a frame must not read as none."""
    try:
        value = float(text)
        if value == int(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise InvalidData(f"{where} is {printable(text)}, which is no number of frames")


def _bins(samples: dict[tuple[str, str], int], metric: str, bounds: tuple[float, ...]) -> list[int]:
    """A histogram's bins, from its buckets, each of which holds all those before it."""
    ends = [*(repr(bound) for bound in bounds), "+Inf"]
    within = [samples.get((f"{metric}_bucket", end), 0) for end in ends]
    return [count - before for count, before in zip(within, [0, *within], strict=False)]
