"""Finds on disk: the smallest input of each kind, made smaller where that is quick."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fuzz.entry_point import EntryPoint
from fuzz.guarded import where_of
from fuzz.tally import Find, Tally

_MOST_TRIALS: Final = 2_000


def write_finds(name: str, point: EntryPoint, tally: Tally, folder: Path) -> list[Path]:
    """Write each find's input, and beside it what happened and how to see it again."""
    files = []
    for find in tally.finds.values():
        data = minimal(point, find) if find.kind == "untyped" else find.data
        folder.joinpath(name).mkdir(parents=True, exist_ok=True)
        file = folder / name / f"{find.kind}-{find.where}{point.suffix}"
        file.write_bytes(data)
        command = f"PYTHONPATH=tests python -m fuzz --entry {name} --replay {file}"
        file.with_suffix(".txt").write_text(f"{find.kind} {find.where}\n{command}\n\n{find.detail}")
        files.append(file)
    return files


def minimal(point: EntryPoint, find: Find) -> bytes:
    """A shorter input with the same error from the same line.

    Pieces are left out, halves first (Zeller and Hildebrandt, "Simplifying and Isolating
    Failure-Inducing Input", IEEE TSE 2002).
    """
    data, size, trials = find.data, max(1, len(find.data) // 2), 0
    while trials < _MOST_TRIALS:
        at, shorter = 0, False
        while at < len(data) and trials < _MOST_TRIALS:
            candidate, trials = data[:at] + data[at + size :], trials + 1
            if _where(point, candidate) == find.where:
                data, shorter = candidate, True
            else:
                at += size
        if size == 1 and not shorter:
            break
        size = max(1, size // 2)
    return data


def _where(point: EntryPoint, data: bytes) -> str | None:
    try:
        point.attack(data)
    except point.tolerated:
        return None
    except Exception as error:  # noqa: BLE001 - that is what is looked for
        return where_of(error)
    return None
