"""The labelled frames that variants are judged on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sonoedge.errors import InvalidData
from sonoedge_export.data.labelled import Labelled, read_labelled


def evaluation_sets(
    files: Sequence[Path], split: str | None, labels: Sequence[str]
) -> list[Labelled]:
    """The labelled frames of some files, one set per file.

    Args:
        split: only frames of this split; None takes all.
        labels: the network's.

    Raises:
        InvalidData: they cannot be read, a label is none of the network's, or a picture is
            listed twice.
    """
    sets = [read_labelled(file, split) for file in files]
    check_evaluation(joined(sets), labels)
    return sets


def check_evaluation(data: Labelled, labels: Sequence[str]) -> None:
    """Refuse frames that would be judged wrongly, each by its name.

    Raises:
        InvalidData: a label is none of the network's; or one picture is listed twice, and would
            count as two.
    """
    seen: set[Path] = set()
    for entry in data:
        if entry.label not in (None, *labels):
            raise InvalidData(
                f"{entry.image.name} is labelled {entry.label!r}; "
                f"postprocess.labels has {', '.join(labels)}"
            )
        file = entry.image.resolve()
        if file in seen:
            raise InvalidData(f"{entry.image.name} is listed twice; a frame is judged once")
        seen.add(file)


def joined(sets: Sequence[Labelled]) -> Labelled:
    """All sets as one, in order."""
    return Labelled(name="+".join(s.name for s in sets), entries=sum((s.entries for s in sets), ()))
