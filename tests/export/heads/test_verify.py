"""A graph answers like its estimator, on every variant alike, or is not written."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from head_samples import fitted, rows
from sonoedge.errors import EngineFailed, GateFailed
from sonoedge_export.heads.fit import Fitted
from sonoedge_export.heads.rows import LAST
from sonoedge_export.heads.to_onnx import to_onnx
from sonoedge_export.heads.verify import agreement, check_graph, load_head
from sonoedge_export.recipe.head import CHOICES, Kind


@pytest.mark.parametrize("kind", CHOICES)
def test_a_graph_answers_like_its_estimator(kind: Kind) -> None:
    head = fitted(kind)
    measures = rows(120, seed=1).measures
    assert check_graph("second", head, to_onnx(head), measures) <= 1e-4
    assert head.auroc > 0.75  # it learnt something, so that the comparison says something
    assert float(np.ptp(head.probabilities(measures))) > 0.3


@pytest.mark.req("R87")
def test_a_graph_whose_classes_are_swapped_is_refused() -> None:
    head = fitted("logistic")
    model = onnx.load_from_string(to_onnx(head))
    last = model.graph.node[-1]
    assert last.op_type == "Concat"
    last.input[:] = [last.input[1], last.input[0]]
    with pytest.raises(GateFailed, match="second: its graph differs"):
        check_graph("second", head, model.SerializeToString(), rows(120, seed=1).measures)


def test_a_graph_that_answers_no_number_is_refused() -> None:
    head = fitted("logistic")
    broken = Fitted(
        kind=head.kind,
        settings=head.settings,
        mean=head.mean,
        scale=head.scale,
        estimator=head.estimator,
        slope=float("nan"),
        offset=head.offset,
        auroc=head.auroc,
    )
    with pytest.raises(GateFailed):
        check_graph("second", head, to_onnx(broken), rows(120, seed=1).measures)


def test_a_head_speaks_only_where_it_answers_as_on_the_reference() -> None:
    reference = rows(200)
    p = np.random.default_rng(0).random(200)
    assert agreement(reference, p, reference, p + 0.004).why_not is None
    assert "moves by 0.020" in str(agreement(reference, p, reference, p + 0.02).why_not)
    one_in_ten = p + np.where(np.arange(200) % 10 == 0, 0.3, 0.0)
    assert "0.300 (p99)" in str(agreement(reference, p, reference, one_in_ten).why_not)


def test_a_variant_that_misses_lesions_loses_what_they_ranked() -> None:
    reference = rows(200)
    p = np.where(reference.malignant, 0.9, 0.1)
    found = np.ones(200, dtype=bool)
    found[np.flatnonzero(reference.malignant)[:20]] = False
    other = reference.take(np.arange(200))
    other = type(other)(**{n: getattr(other, n) for n in other.__slots__} | {"found": found})
    result = agreement(reference, p, other, p[found])
    assert result.frames == 180
    assert (result.p50, result.p99) == (0.0, 0.0)
    assert "AUROC" in str(result.why_not)
    assert float(other.scores(p[found]).min()) == LAST


def test_a_damaged_graph_is_refused_by_its_engine() -> None:
    with pytest.raises(EngineFailed):
        load_head(to_onnx(fitted("logistic"))[:40])
