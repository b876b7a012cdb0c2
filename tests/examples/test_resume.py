"""What a cut-off training goes on from, and what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="training needs torch")
import torch
from torch import nn

from sonoedge.errors import InvalidData, InvalidNetwork, InvalidSettings

SETTINGS = {"lr": 0.1, "sizes": [96, 128], "trunk": "none"}


def made(seed: int, width: int = 4) -> tuple[dict[str, nn.Module], torch.optim.Optimizer]:
    """Two networks and an optimiser that has gone two steps."""
    torch.manual_seed(seed)
    networks: dict[str, nn.Module] = {
        name: nn.Sequential(nn.Conv2d(1, width, 3), nn.BatchNorm2d(width)).to(
            memory_format=torch.channels_last
        )
        for name in ("net", "smooth")
    }
    optimizer = torch.optim.AdamW(networks["net"].parameters(), lr=0.1)
    for _ in range(2):
        step(networks["net"], optimizer)
    return networks, optimizer


def step(network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
    optimizer.zero_grad()
    x = torch.arange(200.0).reshape(2, 1, 10, 10).sin()
    network(x).square().mean().backward()
    optimizer.step()


def test_what_is_loaded_goes_on_as_what_was_saved(reference: Path, tmp_path: Path) -> None:
    import resume  # type: ignore[import-not-found]

    networks, optimizer = made(0)
    progress = resume.Progress(batch=7, seconds=2.5, losses=[0.1, 0.25], log=[{"dice_0": 0.5}])
    file = tmp_path / "checkpoint.safetensors"
    resume.save_checkpoint(file, networks, optimizer, progress, SETTINGS)
    others, other_optimizer = made(1)
    loaded = resume.load_checkpoint(file, others, other_optimizer, SETTINGS)
    assert loaded == progress
    for each in ((networks, optimizer), (others, other_optimizer)):
        step(each[0]["net"], each[1])
    for name in networks:
        for a, b in zip(
            networks[name].state_dict().values(), others[name].state_dict().values(), strict=True
        ):
            assert torch.equal(a, b)
    resume.save_checkpoint(file, networks, optimizer, progress, SETTINGS)  # in its place
    assert [f.name for f in tmp_path.iterdir()] == [file.name]


def test_other_settings_are_refused_by_name_and_change_nothing(
    reference: Path, tmp_path: Path
) -> None:
    import resume  # type: ignore[import-not-found]

    file = tmp_path / "checkpoint.safetensors"
    resume.save_checkpoint(file, *made(0), resume.Progress(), SETTINGS)
    networks, optimizer = made(1)
    before = [t.clone() for t in networks["net"].state_dict().values()]
    other: dict[str, Any] = SETTINGS | {"lr": 0.2, "seed": 1}
    with pytest.raises(InvalidSettings, match=r"lr 0.1 there, 0.2 now, seed None there, 1 now"):
        resume.load_checkpoint(file, networks, optimizer, other)
    assert all(
        torch.equal(a, b)
        for a, b in zip(before, networks["net"].state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("damage", ["cut", "empty", "other metadata", "pickled", "absent"])
def test_a_damaged_checkpoint_is_refused_with_what_to_do(
    reference: Path, tmp_path: Path, damage: str
) -> None:
    from safetensors.torch import save_file

    import resume  # type: ignore[import-not-found]

    file = tmp_path / "checkpoint.safetensors"
    resume.save_checkpoint(file, *made(0), resume.Progress(), SETTINGS)
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    elif damage == "empty":
        file.write_bytes(b"")
    elif damage == "other metadata":
        save_file({"net.0.weight": torch.zeros(1)}, file, {"progress": "{}"})
    elif damage == "pickled":
        torch.save({"net": {}}, file)
    else:
        file.unlink()
    with pytest.raises(InvalidData, match="delete it to begin again"):
        resume.load_checkpoint(file, *made(1), SETTINGS)


def test_a_checkpoint_of_another_network_is_refused(reference: Path, tmp_path: Path) -> None:
    import resume  # type: ignore[import-not-found]

    file = tmp_path / "checkpoint.safetensors"
    resume.save_checkpoint(file, *made(0), resume.Progress(), SETTINGS)
    with pytest.raises(InvalidNetwork, match="do not fit the network"):
        resume.load_checkpoint(file, *made(1, width=8), SETTINGS)
