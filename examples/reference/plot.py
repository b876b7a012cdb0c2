"""The training's curves as a picture."""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot as plt

NAMES = {"dice": "Dice", "auroc": "AUROC"}


def plot(log: list[dict[str, float]], sets: list[str], file: Path) -> None:
    """Loss on the left; Dice and AUROC on the validation split on the right.

    Args:
        sets: the data sets' names, in their order.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    batches = [r["batch"] for r in log]
    left.plot(batches, [r["loss"] for r in log])
    left.set(xlabel="batch", ylabel="training loss")
    for key in log[-1]:
        figure_of, _, number = key.partition("_")
        if figure_of in NAMES and number.isdigit():
            label = f"{NAMES[figure_of]}, {sets[int(number)]}"
            right.plot(batches, [r[key] for r in log], marker=".", label=label)
    right.set(xlabel="batch", ylabel="validation", ylim=(0.4, 1))
    right.grid(alpha=0.3)
    right.legend(fontsize=8)
    figure.savefig(file, dpi=110)
    plt.close(figure)
