from __future__ import annotations

import dataclasses
from typing import Any

from sonoedge_bench.document.profile import Layer, Profile
from sonoedge_bench.report.layers import layer_tables, shortened
from sonoedge_bench.report.markdown import markdown_text


def test_the_slowest_layers_stand_first_and_the_others_are_summed(
    a_document: Any, a_run: Any
) -> None:
    layers = tuple(
        Layer(name=f"layer {n}", operator="Conv", kernel="", calls=1.0, mean_ms=0.5, share=0.05)
        for n in range(20)
    )
    profile = Profile(inferences=50, sum_ms=10.0, call_ms=11.0, layers=layers)
    run = dataclasses.replace(a_run("closed"), profile=profile)
    (table,) = layer_tables([run, a_run("closed")])
    assert len(table.rows) == 16
    assert table.rows[0] == ("layer 0", "Conv", "-", "0.500", "5.0%", "5.0%")
    assert table.rows[-1] == ("5 other layers", "", "", "2.500", "25.0%", "100.0%")
    assert "layer 14" in markdown_text(a_document("closed", run))


def test_a_long_name_keeps_its_end() -> None:
    name = "/network/encoder/layer4/block2/conv1/Conv_quantized"
    assert shortened(name) == "..." + name[-25:]
    assert len(shortened(name)) == 28
    assert shortened("short") == "short"
