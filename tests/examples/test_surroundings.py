"""What the network reads beside a lesion, and that engines and pruning can take it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the network is torch's")
import torch


@pytest.fixture
def network(reference: Path) -> Any:
    from lesionnet import LesionNet  # type: ignore[import-not-found]

    torch.manual_seed(0)
    return LesionNet((16, 16, 16, 16, 16), classes=4, surroundings=True).eval()


def trained(network: Any) -> Any:
    """As if trained: the last convolutions are zero no more."""
    for part in (network.context, network.surroundings):
        torch.nn.init.normal_(part.write.weight)
    return network


def frames() -> torch.Tensor:
    return torch.rand(2, 1, 64, 96, generator=torch.Generator().manual_seed(1)) * 2 - 1


@pytest.mark.parametrize("part", ["context", "surroundings"])
def test_a_network_begins_as_it_was_without_them(network: Any, part: str) -> None:
    from lesionnet import LesionNet  # type: ignore[import-not-found]

    without = LesionNet((16, 16, 16, 16, 16), classes=4).eval()
    own = without.state_dict()
    without.load_state_dict({n: t for n, t in network.state_dict().items() if n in own})
    with torch.no_grad():
        before, begun = without(frames()), network(frames())
        assert all(torch.equal(before[k], begun[k]) for k in before)
        torch.nn.init.normal_(getattr(network, part).write.weight)
        after = network(frames())
    changed = {k for k in before if not torch.allclose(before[k], after[k])}
    # Where a lesion is depends on the frame; how it is graded, on what is found as well.
    assert changed == ({"lesion", "malignancy"} if part == "context" else {"malignancy"})


def test_grading_does_not_teach_the_outline(network: Any) -> None:
    trained(network)(frames())["malignancy"].sum().backward()
    assert network.surroundings.read.weight.grad.abs().sum() > 0
    assert network.lesion.weight.grad is None


def test_two_lesions_far_apart_are_graded_apart_and_each_by_its_margin(reference: Path) -> None:
    from surroundings import Surroundings  # type: ignore[import-not-found]

    torch.manual_seed(0)
    layer = Surroundings(8)
    torch.nn.init.normal_(layer.write.weight)
    lesion = torch.full((1, 1, 128, 128), -20.0)
    for column in (16, 96):  # each 16 cells wide, so columns 4..7 and 24..27 of 1/8
        lesion[..., 48:64, column : column + 16] = 20
    features = torch.rand(1, 8, 32, 32)
    with torch.no_grad():
        before = layer(features, lesion)
        features[..., 12:16, 22] += 3  # the margin of the right one
        after = layer(features, lesion)
    assert torch.equal(before[..., 12:16, 4:8], after[..., 12:16, 4:8])
    assert not torch.isclose(before[..., 12:16, 24:28], after[..., 12:16, 24:28]).any()


def test_without_a_lesion_the_means_stay_small(reference: Path) -> None:
    from surroundings import mean_over  # type: ignore[import-not-found]

    features = torch.full((1, 4, 16, 16), 7.0)
    assert mean_over(features, torch.full((1, 1, 16, 16), 1e-6)).abs().max() < 1e-3
    whole = mean_over(features, torch.ones(1, 1, 16, 16))[..., 3:5, 3:5]
    assert torch.allclose(whole, torch.full_like(whole, 7 / 1.02))


def test_it_is_exported_with_plain_operators_and_answers_the_same(network: Any) -> None:
    ort = pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    pytest.importorskip("onnxscript", reason="exporting needs onnxscript")
    from sonoedge_export.graph.to_onnx import to_onnx

    x = frames()[:1]
    with torch.no_grad():
        wanted = trained(network)(x)
    model = to_onnx(network, (x,), ["pixels"], list(wanted))
    used = {node.op_type for node in model.graph.node}
    plain = {"Conv", "Relu", "Add", "Sub", "Mul", "Div", "Sigmoid", "Concat", "Resize", "Gemm"}
    assert used - plain <= {"AveragePool", "MaxPool", "GlobalAveragePool", "ReduceMean", "Cast"}
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    got = session.run(None, {"pixels": x.numpy()})
    for answer, (name, value) in zip(got, wanted.items(), strict=True):
        np.testing.assert_allclose(answer, value.numpy(), atol=1e-4, err_msg=name)


def test_its_channels_can_be_pruned(network: Any) -> None:
    pytest.importorskip("torch_pruning", reason="needs Torch-Pruning")
    from sonoedge_export.prune.coupling import Coupling
    from sonoedge_export.prune.surgery import slimmed

    x = frames()[:1]
    groups = {c.root: c.channels for c in Coupling(trained(network), x).groups()}
    assert {"surroundings.read", "context.read", "grade.0"} <= set(groups)
    slim = slimmed(network, x, {root: range(count // 2) for root, count in groups.items()})
    assert slim.surroundings.read.weight.shape[:2] == (32, 64)
    assert slim.context.write.weight.shape[1] == 32
