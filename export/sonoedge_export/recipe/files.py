"""Where the files are that a recipe names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sonoedge.errors import InvalidRecipe

if TYPE_CHECKING:
    from sonoedge_export.recipe.recipe import Recipe

DATA: Final = "{data}/"  # what begins so lies in the folder that --data-root gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """A recipe's files, by who reads them; empty or None where the recipe names none.

    Each raises InvalidRecipe when it is asked for, and not before: it lies in the data folder,
    and none was given; or its name is none. So a network is read without its data.
    """

    recipe: Recipe

    @property
    def network(self) -> Path | None:
        """The weights, or the ONNX file."""
        return self._optional(self.recipe.network.weights or self.recipe.network.onnx)

    @property
    def pruned(self) -> Path | None:
        """The weights of the pruned network."""
        return None if self.recipe.prune is None else self._optional(self.recipe.prune.weights)

    @property
    def start(self) -> Path | None:
        """The pruned network that a recovery starts from."""
        return None if self.recipe.prune is None else self._optional(self.recipe.prune.start)

    @property
    def evaluation(self) -> tuple[Path, ...]:
        """Labelled frames that variants are judged on."""
        return self._all(self.recipe.data.frames)

    @property
    def operating_point(self) -> tuple[Path, ...]:
        """Labelled frames held back for the operating point."""
        table = self.recipe.operating_point
        return () if table is None else self._all(table.frames)

    @property
    def calibration(self) -> tuple[Path, ...]:
        """Labelled frames that calibrate."""
        table = self.recipe.calibration
        return () if table is None else self._all(table.frames)

    @property
    def recovery(self) -> tuple[Path, ...]:
        """Labelled frames that a pruned network is trained on, each as often as it is named."""
        table = None if self.recipe.prune is None else self.recipe.prune.recover
        return () if table is None else self._all(table.frames)

    def _optional(self, name: str | None) -> Path | None:
        return None if name is None else resolve(name, self.recipe.folder, self.recipe.data_root)

    def _all(self, names: tuple[str, ...]) -> tuple[Path, ...]:
        return tuple(resolve(n, self.recipe.folder, self.recipe.data_root) for n in names)


def resolve(name: str, folder: Path, data_root: Path | None) -> Path:
    """A file that a recipe names, relative to the recipe's folder or in the data folder.

    Raises:
        InvalidRecipe: it lies in the data folder, and none was given.
    """
    if "\0" in name:
        raise InvalidRecipe("the recipe names a file with a NUL character")
    if not name.startswith(DATA):
        return (folder / name).resolve()
    if data_root is None:
        raise InvalidRecipe(f"the recipe reads {name}: say where {{data}} is by --data-root")
    return (data_root / name.removeprefix(DATA)).resolve()
