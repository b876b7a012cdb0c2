"""The table of trainings is made of their logs."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest


def test_the_table_holds_the_last_figures_of_each_training(reference: Path, tmp_path: Path) -> None:
    import results  # type: ignore[import-not-found]

    for name, more in (("one", 0.0), ("two", 0.1)):
        (tmp_path / name).mkdir()
        row = {"batch": 8, "dice_0": 0.5 + more, "auroc_0": 0.75, "found_0": 0.25, "alarms_0": 1.0}
        row |= {"dice_1": 0.625, "auroc_1": 0.5, "found_1": 0.875}
        (tmp_path / name / "log.json").write_text(json.dumps([{"batch": 4}, row]))
    rows = [results.last(tmp_path / name) for name in ("one", "two")]
    lines = results.table("training | batches", rows, ["A", "B"])
    head = "| training | batches | Dice A | AUROC A | found A | alarms A | Dice B | AUROC B "
    head += "| found B |"
    assert lines[0] == head
    assert lines[1].count("---") == head.count("|") - 1
    assert lines[2:] == [
        "| one | 8 | 0.500 | 0.750 | 0.250 | 1.000 | 0.625 | 0.500 | 0.875 |",
        "| two | 8 | 0.600 | 0.750 | 0.250 | 1.000 | 0.625 | 0.500 | 0.875 |",
    ]
    with pytest.raises(KeyError):
        results.table("training | batches", rows, ["A", "B", "C"])


def test_weights_are_judged_at_each_threshold_with_what_their_maps_show(
    reference: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="networks are torch's")
    import torch
    from safetensors.torch import save_file

    import judge  # type: ignore[import-not-found]
    from frames import Prepared  # type: ignore[import-not-found]
    from lesionnet import lesionnet  # type: ignore[import-not-found]
    from validate import Maps, figures  # type: ignore[import-not-found]

    masks = np.zeros((4, 64, 64), np.uint8)
    masks[1:, 16:48, 16:48] = 255
    data = Prepared(
        pixels=np.zeros((4, 64, 64), np.uint8),
        masks=masks,
        labels=np.array([0, 1, 2, 2]),
        sets=np.zeros(4, int),
        patients=np.arange(4),
        masks_only=np.zeros(4, bool),
    )
    lesion = np.zeros((4, 32, 32), np.float32)
    lesion[1, 8:24, 8:24], lesion[2, 8:24, 8:24] = 0.9, 0.4
    lesion[0, :4, :4], lesion[3] = 0.3, 0.1  # the last is missed, and graded by its faint map
    grade = np.full((4, 32, 32), 0.2, np.float32)
    grade[2:] = 0.7
    seen = {t: figures(Maps(lesion=lesion, malignancy=grade), data, t) for t in (0.5, 0.35, 0.25)}
    assert [round(f["found_0"], 3) for f in seen.values()] == [0.333, 0.667, 0.667]
    assert [f["alarms_0"] for f in seen.values()] == [0, 0, 1]
    assert all(f["auroc_0"] == 1 for f in seen.values())
    assert seen[0.5]["dice_0"] == pytest.approx(1 / 3, abs=0.01)

    file = tmp_path / "some.safetensors"
    save_file(lesionnet(4, "lite0", surroundings=True).state_dict(), file)
    network = judge.trained([file]).networks[0]
    rows = judge.rows("some", network, data, torch.device("cpu"))
    assert [name for name, _ in rows] == ["some | 0.50", "some | 0.35", "some | 0.25"]
    (_, wide), lines = rows[2], judge.table("weights | threshold", rows, ["A"])
    assert lines[4].startswith("| some | 0.25 | " + f"{wide['dice_0']:.3f}")


def test_the_mean_of_weights_is_taken_of_the_same_network_alone(
    reference: Path, tmp_path: Path
) -> None:
    torch = pytest.importorskip("torch", reason="weights are torch's")
    from safetensors.torch import save_file

    from average import average  # type: ignore[import-not-found]
    from sonoedge.errors import InvalidNetwork

    files = [tmp_path / f"{n}.safetensors" for n in range(3)]
    for n, file in enumerate(files[:2]):
        save_file({"w": torch.full((2, 2), float(n)).half(), "seen": torch.tensor(10 * n)}, file)
    mean = average(files[:2])
    assert mean["w"].dtype == torch.float32
    assert mean["w"].tolist() == [[0.5, 0.5]] * 2
    assert mean["seen"] == 10
    save_file({"w": torch.zeros(3), "seen": torch.tensor(0)}, files[2])
    with pytest.raises(InvalidNetwork, match=r"2\.safetensors is of another network than 0\."):
        average(files)
