"""A comparison in words and figures, and as JSON can hold it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from sonoedge.comparison.areas import AREAS
from sonoedge.comparison.compare import ABSENT, Change, Comparison
from sonoedge.comparison.impact import FigureChange, Interval
from sonoedge.settings import plain

LONGEST_LIST: Final = 12  # values that are written out
LONGEST_TEXT: Final = 120  # characters
SAME_FRAMES: Final = {
    True: "both were judged on the same frames",
    False: "judged on different frames, or not recorded: the figures are not comparable",
}


def lines(comparison: Comparison) -> Iterator[str]:
    """For a terminal: every area, changed or not, then the figures."""
    yield f"{comparison.new_id} against {comparison.old_id}"
    for area in AREAS:
        if area == "results":
            continue
        changes = grouped(comparison.of(area))
        if not changes and area != "other":
            yield f"  {area:<15} unchanged"
        for number, (key, text) in enumerate(changes.items()):
            yield f"  {'' if number else area:<15} {key}: {text}"
    yield f"  {'gates answer':<15} {gate_words(comparison)}"
    yield f"  {'figures':<15} {SAME_FRAMES[comparison.same_frames]}"
    for figure in comparison.figures:
        if figure.old is not None or figure.new is not None:
            yield f"  {'':<15} {figure.variant} {figure.figure}: {figure_words(figure)}"


def as_json(comparison: Comparison) -> dict[str, Any]:
    """All of it; a key that a bundle does not have is left out of its change."""
    return {
        "old_id": comparison.old_id,
        "new_id": comparison.new_id,
        "modified": list(comparison.modified),
        "changes": [_change(change) for change in comparison.changes],
        "same_frames": comparison.same_frames,
        "figures": [plain(f) | {"difference": _rounded(f.difference)} for f in comparison.figures],
        "gate_answers": dict(comparison.gate_answers),
    }


def grouped(changes: Sequence[Change]) -> dict[str, str]:
    """Words by key; a row that was added or removed as a whole is one line."""
    rows: dict[tuple[str, str], int] = {}
    for change in changes:
        rows[_row(change)] = rows.get(_row(change), 0) + 1
    result: dict[str, str] = {}
    for change in changes:
        row, how = _row(change)
        if how and rows[row, how] > 1:
            result[row] = f"{how}, {rows[row, how]} keys"
        else:
            result[change.key] = change_words(change)
    return result


def _row(change: Change) -> tuple[str, str]:
    """The row of a list that a key belongs to, and "added" or "removed" where it is new or gone."""
    how = "added" if change.old is ABSENT else "removed" if change.new is ABSENT else ""
    row = re.match(r".*?\[[^\]]*\]", change.key)
    return (row[0] if row else change.key), how


def change_words(change: Change) -> str:
    """ "0.085 -> 0.1 (+0.015)"; "added: 3"; "removed, was 3"."""
    if change.old is ABSENT:
        return f"added: {value_words(change.new)}"
    if change.new is ABSENT:
        return f"removed, was {value_words(change.old)}"
    words = f"{value_words(change.old)} -> {value_words(change.new)}"
    if _is_number(change.old) and _is_number(change.new):
        words += f" ({change.new - change.old:+.6g})"
    return words


def figure_words(figure: FigureChange) -> str:
    """Both figures with their intervals, and the difference."""
    old = _with_interval(figure.old, figure.old_ci95)
    new = _with_interval(figure.new, figure.new_ci95)
    return f"{old} -> {new}" + ("" if figure.difference is None else f" ({figure.difference:+.4f})")


def gate_words(comparison: Comparison) -> str:
    """How the new bundle's gates answered, undecided ones by themselves."""
    answers = comparison.gate_answers
    if not answers:
        return "none recorded"
    known = {"pass": "passed", "undecided": "undecided", "fail": "failed"}
    return ", ".join(f"{answers.get(a, 0)} {word}" for a, word in known.items())


def value_words(value: object) -> str:
    """A manifest's value, short enough to be read; long ones by length and digest."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:.6g}" if isinstance(value, float) else str(value)
    if isinstance(value, list | tuple):
        if len(value) > LONGEST_LIST:
            digest = hashlib.sha256(json.dumps(plain(value)).encode()).hexdigest()
            return f"{len(value)} values, sha256 {digest[:12]}"
        return ", ".join(value_words(item) for item in value) or "nothing"
    if isinstance(value, Mapping):
        return "nothing" if not value else f"{len(value)} keys"
    text = " ".join(str(value).split())
    if re.fullmatch(r"[0-9a-f]{64}", text):
        return f"sha256 {text[:12]}"
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


def _change(change: Change) -> dict[str, Any]:
    both = {"old": change.old, "new": change.new}
    return {"area": change.area, "key": change.key} | {
        name: plain(value) for name, value in both.items() if value is not ABSENT
    }


def _with_interval(value: float | None, interval: Interval | None) -> str:
    if value is None:
        return "not provided"
    return f"{value:.4g}" + ("" if interval is None else f" [{interval[0]:.3f}, {interval[1]:.3f}]")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
