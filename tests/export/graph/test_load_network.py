from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from sonoedge.errors import InvalidNetwork
from sonoedge_export.graph.load_network import read_weights


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
