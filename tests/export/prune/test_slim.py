from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from sonoedge.errors import InvalidNetwork, InvalidSettings
from sonoedge_export.prune.coupling import Coupling
from sonoedge_export.prune.importance import importances
from sonoedge_export.prune.slim import digest, load_slim, save_slim, start_from
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import least_important, order, widths
from sonoedge_export.recipe.prune import Prune

SETTINGS = Prune(target_speedup=2.0)


@pytest.fixture
def saved(network: nn.Module, example: Tensor, tmp_path: Path) -> tuple[nn.Module, Path]:
    groups = Coupling(network, example).groups()
    scores = importances("magnitude", groups)
    blocks = order(groups, scores, spread="global", multiple=16, most=0.75)
    cut = least_important(groups, scores, widths(groups, blocks))
    slim = slimmed(network, example, cut)
    for p in slim.parameters():  # as packed, so that equality can be exact
        if p.ndim > 1:
            p.data = p.data.half().float()
    file = tmp_path / "net-slim.safetensors"
    save_slim(slim, network, file, SETTINGS, [{"step": 1}])
    return slim, file


def test_a_slim_network_is_rebuilt_equal(
    network: nn.Module, example: Tensor, saved: tuple[nn.Module, Path]
) -> None:
    slim, file = saved
    before = digest(network)
    again = load_slim(network, file, SETTINGS)
    with torch.no_grad():
        for ours, theirs in zip(again(example).values(), slim(example).values(), strict=True):
            assert torch.equal(ours, theirs)
    assert repr(again) == repr(slim)
    assert digest(network) == before  # the parent is not touched


def test_the_description_names_the_channels_of_the_layers_that_changed(
    saved: tuple[nn.Module, Path],
) -> None:
    known = json.loads(saved[1].with_suffix(".json").read_text())
    assert known["layers"]["stem.0"]["out_channels"] == 16
    assert known["layers"]["mix.0"]["in_channels"] == 32
    assert set(known) == {"schema", "parent_sha256", "weights_sha256", "settings", "layers",
                          "history"}  # fmt: skip


def test_weights_may_move_only_the_setting_that_names_them(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    named = Prune(target_speedup=2.0, weights="net-slim.safetensors")
    assert load_slim(network, saved[1], named) is not None


def test_the_file_alone_says_by_which_settings_it_was_made(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    assert load_slim(network, saved[1], Prune(weights="net-slim.safetensors")) is not None
    with pytest.raises(InvalidSettings, match="give target_speedup or max_latency_ms"):
        Prune()


def test_another_parent_is_refused(network: nn.Module, saved: tuple[nn.Module, Path]) -> None:
    with torch.no_grad():
        next(network.parameters()).view(-1)[0] += 1e-3
    with pytest.raises(InvalidNetwork, match="pruned from other weights"):
        load_slim(network, saved[1], SETTINGS)


def test_other_settings_are_refused(network: nn.Module, saved: tuple[nn.Module, Path]) -> None:
    with pytest.raises(InvalidNetwork, match=r"settings: target_speedup of \[prune\]"):
        load_slim(network, saved[1], Prune(target_speedup=3.0))


@pytest.mark.parametrize("name", ["absent.safetensors", "net-slim.json", ".", "net-slim"])
def test_a_start_that_is_no_weights_file_is_refused_by_its_key(
    network: nn.Module, saved: tuple[nn.Module, Path], name: str
) -> None:
    with pytest.raises(InvalidNetwork, match=r"^prune\.start: .* is no \.safetensors file; give"):
        start_from(network, saved[1].parent / name)


def test_a_start_without_its_description_is_refused_by_its_key(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    saved[1].with_suffix(".json").unlink()
    with pytest.raises(InvalidNetwork, match=r"^prune\.start: net-slim\.json describes no pruned"):
        start_from(network, saved[1])


def test_damaged_or_missing_files_are_refused(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    slim, file = saved
    save_file({k: v + 1 for k, v in slim.state_dict().items()}, file)
    with pytest.raises(InvalidNetwork, match=r"is not the file that net-slim\.json describes"):
        load_slim(network, file, SETTINGS)
    file.unlink()
    with pytest.raises(InvalidNetwork, match="no weights at"):
        load_slim(network, file, SETTINGS)
    file.with_suffix(".json").write_text("{}")
    with pytest.raises(InvalidNetwork, match="describes no pruned network"):
        load_slim(network, file, SETTINGS)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("schema", "sonoedge-slim/9", "schema is 'sonoedge-slim/9'"),
        ("layers", {"stem.0": 16}, r"layers\.stem\.0 must be a table of keys"),
        ("layers", {"stem.0": {"out_channels": "16"}}, r"stem\.0\.out_channels must be"),
        ("settings", [], "settings must be a table of keys"),
    ],
)
def test_a_damaged_description_is_refused_by_its_key(
    key: str, value: object, says: str, network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    sidecar = saved[1].with_suffix(".json")
    sidecar.write_text(json.dumps(json.loads(sidecar.read_text()) | {key: value}))
    with pytest.raises(InvalidNetwork, match=f"describes no pruned network.*{says}"):
        load_slim(network, saved[1], SETTINGS)


def test_a_description_sets_nothing_but_channels(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    sidecar = saved[1].with_suffix(".json")
    values = json.loads(sidecar.read_text())
    values["layers"]["stem.0"]["forward"] = 1
    sidecar.write_text(json.dumps(values))
    with pytest.raises(InvalidNetwork, match=r"the layer stem\.0 has no forward"):
        load_slim(network, saved[1], SETTINGS)


def test_a_description_of_layers_that_are_not_there_is_refused(
    network: nn.Module, saved: tuple[nn.Module, Path]
) -> None:
    beside = saved[1].with_suffix(".json")
    known = json.loads(beside.read_text())
    known["layers"]["stem.7"] = {"out_channels": 16}
    beside.write_text(json.dumps(known))
    with pytest.raises(InvalidNetwork, match=r"no layer stem\.7"):
        load_slim(network, saved[1], SETTINGS)
