"""The recipe's recovery: the built-in loop, or the user's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from sonoedge_export.progress import Progress
from sonoedge_export.prune.recover.augment import Augment
from sonoedge_export.prune.recover.frames import Prepared
from sonoedge_export.prune.recover.loop import Row, recover
from sonoedge_export.recipe.prune import Recover
from sonoedge_export.recipe.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recovery:
    """How pruned networks are trained again.

    Attributes:
        recipe: handed to the user's own loop, whose arguments name it.
        teacher: the unpruned network.
        augment: changes a frame and its mask.
        loop: the user's own, in place of the built-in one.
        figures: of a network, on the frames of `check_split`.
    """

    recipe: Recipe
    settings: Recover
    teacher: nn.Module
    data: Prepared
    augment: Augment
    loop: Callable[..., Any] | None
    figures: Callable[[nn.Module], Row]

    def run(
        self,
        student: nn.Module,
        *,
        epochs: int,
        folder: Path,
        progress: Progress,
        say: Callable[[str], None],
    ) -> tuple[nn.Module, list[Row]]:
        """Train the student; gives the recovered network and the log."""
        if self.loop is None:
            return recover(
                student=student,
                teacher=self.teacher,
                network=self.recipe.network,
                outputs=self.recipe.outputs,
                settings=self.settings,
                data=self.data,
                epochs=epochs,
                folder=folder,
                augment=self.augment,
                check=self.figures,
                progress=progress,
                say=say,
            )
        self.loop(
            student=student,
            teacher=self.teacher,
            recipe=self.recipe,
            settings=self.settings,
            data=self.data,
            epochs=epochs,
            folder=folder,
            progress=progress,
        )
        student = student.eval()
        return student, [self.figures(student)]
