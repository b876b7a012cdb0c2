"""What becomes of frames that are no breast: the clips kept for this count.

python scope_rates.py recipe.toml FOLDER
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from torch import nn

from frames import read_clips
from recorded import Recorder, analyser
from sonoedge.analysis import Analysed, NotAnalysed, Reason
from sonoedge_export.graph.load_network import load_network
from sonoedge_export.recipe.recipe import Recipe, read_recipe

HEAD = "| clips | frames | out of scope | stopped otherwise | flagged |\n|---|---|---|---|---|"


def scope_rates(recipe: Recipe, network: nn.Module, folder: Path, split: str = "test") -> list[str]:
    """Rows of a table: per kind of picture, and all together; flagged is of all frames.

    Args:
        folder: holds the clips of out_of_scope.json.
        split: "train", "val" or "test".
    """
    judge = analyser(recipe, Recorder(recipe, network))
    counts: dict[str, Counter[str]] = {}
    for kind, frame in read_clips(folder, split, None):
        result = judge.analyse(frame)
        tally = counts.setdefault(kind, Counter())
        tally["frames"] += 1
        if isinstance(result, Analysed):
            tally["flagged"] += result.flagged
        elif isinstance(result, NotAnalysed):
            tally["away" if result.reasons == (Reason.OUT_OF_SCOPE,) else "stopped"] += 1
        judge.forget()  # each frame by itself
    whole: Counter[str] = Counter()
    for tally in counts.values():
        whole.update(tally)
    rows = {**counts, "**all**": whole} if len(counts) > 1 else counts
    return [_row(kind, tally) for kind, tally in rows.items()]


def _row(kind: str, tally: Counter[str]) -> str:
    n = tally["frames"]
    shares = " | ".join(f"{tally[k] / n:.1%}" for k in ("away", "stopped", "flagged"))
    return f"| {kind} | {n} | {shares} |"


if __name__ == "__main__":
    given = read_recipe(sys.argv[1])
    print("\n".join([HEAD, *scope_rates(given, load_network(given), Path(sys.argv[2]))]))
