"""The card's datasheet of each set (Gebru et al. 2021, arXiv:1803.09010), counted from its file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

SPLITS: Final = ("train", "val", "test", "calibration", None)
LABELS: Final = ("normal", "benign", "malignant")


def datasheet(title: str, file: Path, told: Mapping[str, str]) -> list[str]:
    """Markdown: a heading, what is counted, and what nobody can count.

    Args:
        file: the set's frames.json.
        told: sentences about the set by what they are about, such as "Licence".
    """
    rows: list[dict[str, Any]] = json.loads(file.read_text())["frames"]
    lines = [f"#### {title}", "", "| split | frames | normal | benign | malignant | patients |"]
    lines.append("|---|---|---|---|---|---|")
    for split in SPLITS:
        own = [r for r in rows if r.get("split") == split]
        if own:
            kinds = Counter(r["label"] for r in own)
            counts = " | ".join(f"{kinds[name]}" for name in LABELS)
            lines.append(f"| {split or 'all'} | {len(own)} | {counts} | {_patients(own)} |")
    lines += ["", *(f"- {what}: {text}" for what, text in {**told, **counted(rows)}.items())]
    return lines


def counted(rows: list[dict[str, Any]]) -> dict[str, str]:
    """Sentences about the frames: scanners, sizes, millimetres, marks, BI-RADS."""
    devices = Counter(str(r["device"]) for r in rows if r.get("device"))
    sizes = sorted(max(r["height"], r["width"]) for r in rows if "height" in r)
    marks = Counter(flag for r in rows for flag in r.get("flags") or ())
    grades = Counter(str(r["birads"]) for r in rows if r.get("birads"))
    spacing = sum(bool(r.get("spacing_mm")) for r in rows)
    found = {"Scanners": _listed(devices) or "not told"}
    if sizes:
        found["Longest side"] = f"{sizes[0]} to {sizes[-1]} pixels, median {sizes[len(sizes) // 2]}"
    found["Millimetres"] = f"known of {spacing} of {len(rows)} frames"
    found["Marks over the picture"] = _listed(marks) or "none listed"
    found["BI-RADS"] = _listed(grades) or "not told"
    return found


def _patients(rows: list[dict[str, Any]]) -> str:
    known = [r.get("patient") for r in rows]
    return "not told" if None in known else f"{len(set(known))}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} ({counts[name]})" for name in sorted(counts))
