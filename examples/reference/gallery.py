"""The frames on which the network does worst, in one picture.

python gallery.py recipe.toml FRAMES.json OUT.png
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from recorded import Picture, Recorder, analyser
from sonoedge.analysis import Analysed, Analysis
from sonoedge.frames import Frame
from sonoedge.outputs.overlay.style import FLAGGED, NOT_FLAGGED, put_text
from sonoedge_export.data.labelled import Entry, Labelled, read_labelled
from sonoedge_export.evaluation.outcomes import Outcome, evaluate
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.recipe import Recipe, read_recipe

TILE, COLUMNS, COUNT = 300, 5, 10
TRUTH = (255, 255, 255)


def badness(outcome: Outcome, positive: tuple[str, ...]) -> float:
    """Overlap lost, half a point for each false region and for a wrong flag."""
    wrong = outcome.flagged != (outcome.label in positive)
    return (1 - outcome.dice) + 0.5 * outcome.false_regions + 0.5 * wrong


def gallery(recipe: Recipe, data: Labelled, file: Path) -> list[str]:
    """Draw the ten worst frames; returns a line for each.

    White is the truth; amber regions are flagged, teal ones are not.
    """
    judge = analyser(recipe, Recorder(recipe, load_network(recipe)))
    positive = recipe.postprocess.positive
    outcomes = evaluate(judge, data)
    order = sorted(range(len(data)), key=lambda i: -badness(outcomes[i], positive))[:COUNT]
    tiles, lines = [], []
    for i in order:
        entry, outcome = data.entries[i], outcomes[i]
        judge.forget()
        said = (
            f"{entry.image.stem}: {entry.label}, Dice {outcome.dice:.2f}, "
            f"{'flagged' if outcome.flagged else 'not flagged'} {outcome.suspicion:.2f}"
        )
        lines.append(said)
        tiles.append(_tile(entry, judge.analyse(Frame(pixels=entry.pixels())), said))
    empty = np.zeros_like(tiles[0])
    tiles += [empty] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(file), np.vstack(rows))
    return lines


def _tile(entry: Entry, analysis: Analysis, said: str) -> Picture:
    pixels = entry.pixels()
    scale = TILE / max(pixels.shape)
    size = round(pixels.shape[1] * scale), round(pixels.shape[0] * scale)
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    picture = np.asarray(cv2.cvtColor(small, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    mask = cv2.resize(entry.truth().astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outlines, -1, TRUTH, 1)
    for region in analysis.regions if isinstance(analysis, Analysed) else ():
        points: npt.NDArray[np.int32] = np.rint(region.contour_px * scale).astype(np.int32)
        colour = FLAGGED if region.flagged else NOT_FLAGGED
        cv2.polylines(picture, [points], True, colour, 1, cv2.LINE_AA)
    tile = np.zeros((TILE + 22, TILE + 4, 3), dtype=np.uint8)
    y, x = (TILE - size[1]) // 2, (TILE - size[0]) // 2
    tile[y : y + size[1], x : x + size[0]] = picture
    put_text(tile, said, (3, TILE + 15), 0.36, TRUTH)
    return tile


if __name__ == "__main__":
    frames = read_labelled(sys.argv[2])
    print("\n".join(gallery(read_recipe(sys.argv[1]), frames, Path(sys.argv[3]))))
