"""The training's curves as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt


def plot(log: list[dict[str, float]], file: Path) -> None:
    """Loss on the left; Dice and AUROC on the validation split on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    left.plot([r["epoch"] for r in log], [r["loss"] for r in log])
    left.set(xlabel="epoch", ylabel="training loss")
    rows = [r for r in log if "dice_0" in r]
    for key, name in (
        ("dice_0", "Dice, busi"),
        ("dice_1", "Dice, busbra"),
        ("auroc_0", "AUROC, busi"),
        ("auroc_1", "AUROC, busbra"),
    ):
        right.plot([r["epoch"] for r in rows], [r[key] for r in rows], marker=".", label=name)
    right.set(xlabel="epoch", ylabel="validation", ylim=(0.4, 1))
    right.grid(alpha=0.3)
    right.legend(fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)
