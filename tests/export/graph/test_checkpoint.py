from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.checkpoint import fill, read_weights


class Harmful:
    """Unpickling it would make a file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (self.file,))


def test_weights_come_from_safetensors_and_from_a_state_dict(tmp_path: Path) -> None:
    state = {"a": torch.ones(2, 3), "b": torch.zeros(4)}
    save_file(state, tmp_path / "w.safetensors")
    torch.save(state, tmp_path / "w.pt")
    for name in ("w.safetensors", "w.pt"):
        read = read_weights(tmp_path / name)
        assert all((read[k] == state[k]).all() for k in state)


@pytest.mark.req("R24")
def test_a_pickle_with_code_is_refused_and_not_run(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    torch.save({"a": Harmful(trap)}, tmp_path / "w.pt")
    with pytest.raises(InvalidNetwork, match="was not run"):
        read_weights(tmp_path / "w.pt")
    assert not trap.exists()


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\x00\x00\x00\x00\x00\x00\x00{}"])
@pytest.mark.parametrize("suffix", [".safetensors", ".pt"])
def test_broken_weights_are_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    file = tmp_path / f"w{suffix}"
    file.write_bytes(content)
    with pytest.raises(InvalidNetwork):
        read_weights(file)


def test_a_module_in_place_of_a_state_dict_is_refused(tmp_path: Path) -> None:
    torch.save([1, 2, 3], tmp_path / "w.pt")
    with pytest.raises(InvalidNetwork, match="no state dict"):
        read_weights(tmp_path / "w.pt")


def test_missing_weights_are_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InvalidNetwork, match="no weights"):
        read_weights(tmp_path / "none.safetensors")


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))


def test_a_training_loops_checkpoint_is_told_by_its_keys(tmp_path: Path) -> None:
    state = network().state_dict()
    torch.save({"epoch": 3, "model_state_dict": state}, tmp_path / "loop.pth")
    with pytest.raises(InvalidNetwork, match=r"holds epoch, model_state_dict \(tensors\); set "
                       r'network\.weights_key = "model_state_dict"'):  # fmt: skip
        read_weights(tmp_path / "loop.pth")
    assert read_weights(tmp_path / "loop.pth", "model_state_dict").keys() == state.keys()
    with pytest.raises(InvalidNetwork, match="has no 'state_dict'; it holds epoch"):
        read_weights(tmp_path / "loop.pth", "state_dict")


def test_names_that_a_trainer_put_before_the_networks_own_are_told_and_taken_off(
    tmp_path: Path,
) -> None:
    state = {f"model.{k}": v for k, v in network().state_dict().items()}
    torch.save({"state_dict": state | {"loss.weight": torch.ones(2)}}, tmp_path / "w.ckpt")
    with pytest.raises(InvalidNetwork, match=r'set network\.weights_prefix = "model\."'):
        fill(network(), read_weights(tmp_path / "w.ckpt", "state_dict"))
    fill(network(), read_weights(tmp_path / "w.ckpt", "state_dict", "model."))
    with pytest.raises(InvalidNetwork, match=r"no name in w\.ckpt begins with 'net\.'"):
        read_weights(tmp_path / "w.ckpt", "state_dict", "net.")


def test_a_missing_counter_of_batches_is_no_obstacle() -> None:
    state = network().state_dict()
    del state["1.num_batches_tracked"]
    fill(network(), state)
    del state["1.weight"]
    with pytest.raises(InvalidNetwork, match=r"missing \['1.weight'\]"):
        fill(network(), state)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("0.weight", float("nan"), "1 of 36 values of 0.weight are NaN"),
        ("1.running_var", -0.1, "1.running_var holds a variance below 0"),
    ],
)
def test_weights_that_are_no_numbers_are_refused(
    tmp_path: Path, name: str, value: float, says: str
) -> None:
    state = network().state_dict()
    state[name].view(-1)[2] = value
    save_file(state, tmp_path / "w.safetensors")
    with pytest.raises(InvalidNetwork, match=says):
        read_weights(tmp_path / "w.safetensors")
