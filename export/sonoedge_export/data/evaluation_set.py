"""The labelled frames that variants are judged on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sonoedge.errors import InvalidData
from sonoedge_export.data.labelled import Labelled, read_labelled

if TYPE_CHECKING:
    from sonoedge_export.recipe.recipe import LabelledFrames, Recipe


def evaluation_sets(recipe: Recipe, table: LabelledFrames | None = None) -> list[Labelled]:
    """The frames of the recipe's [data], or of another table, one set per file.

    Raises:
        InvalidData: they cannot be read, or a label is none of postprocess.labels.
    """
    table = table or recipe.data
    sets = [read_labelled(recipe.path(f), table.split) for f in table.frames]
    check_evaluation(joined(sets), recipe.postprocess.labels)
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
