from __future__ import annotations

from sonoedge_runtimes.profiling import summed


def test_calls_of_one_layer_are_summed_and_layers_keep_their_order() -> None:
    rows = [("a", "Conv", "k", 1.0), ("b", "Add", "", 0.5), ("a", "Conv", "k", 2.0)]
    first, second = summed(rows)
    assert (first.name, first.calls, first.total_ms) == ("a", 2, 3.0)
    assert (second.name, second.operator, second.calls) == ("b", "Add", 1)
