"""examples/reference/views.py and what judge.py makes of it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="training needs torch")
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Edges(nn.Module):
    """Answers the frame at half of its size, moved to the right: a mirrored frame tells it."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        half = F.avg_pool2d(x, 2).roll(1, dims=3)
        return {"lesion": half, "malignancy": -half, "frame": x.new_zeros(len(x), 4)}


def test_maps_are_the_mean_over_the_views_each_turned_back(reference: Path) -> None:
    views = importlib.import_module("views")
    x = torch.rand(2, 1, 64, 64)
    plain = Edges()(x)
    assert torch.allclose(views.Views(Edges())(x)["lesion"], plain["lesion"], atol=1e-5)
    both = views.Views(Edges(), mirrored=True)(x)
    turned = F.avg_pool2d(x, 2).roll(-1, dims=3)
    mean = (torch.sigmoid(plain["lesion"]) + torch.sigmoid(turned)) / 2
    assert torch.allclose(torch.sigmoid(both["lesion"]), mean, atol=1e-5)
    assert torch.equal(both["frame"], plain["frame"])
    also = views.Views(Edges(), also=96)(x)
    assert also["malignancy"].shape == plain["malignancy"].shape
    assert not torch.allclose(also["malignancy"], plain["malignancy"], atol=1e-3)


def test_a_pruned_network_is_judged_by_its_recipe(
    reference: Path,
    tmp_path: Path,
    drawn_set: Callable[[Path, int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    judge = importlib.import_module("judge")
    words = ["judge.py", "--data", str(drawn_set(tmp_path / "one", 6)), "--size", "64"]
    words += ["--cache", str(tmp_path / "cache"), "--device", "cpu", "--mirrored"]
    monkeypatch.setattr("sys.argv", [*words, "--pruned", str(reference / "nano.toml")])
    judge.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| lesionnet-nano, pruned"] * 3
    for wrong in ([], ["--also", "100", "--pruned", "nano.toml"]):
        monkeypatch.setattr("sys.argv", [*words, *wrong])
        with pytest.raises(SystemExit) as stopped:
            judge.main()
        assert stopped.value.code == 2
