"""A network that plain int8 ruins: the noise is found, and the layers are kept in float."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from sonoedge.errors import GateFailed
from sonoedge_export.graph.build import build_graph
from sonoedge_export.inputs import read_inputs
from sonoedge_export.pipeline import export_bundle
from sonoedge_export.progress import Stages
from sonoedge_export.quantize.explain import write_ranking
from sonoedge_export.quantize.layers import prepared
from sonoedge_export.quantize.sensitivity import Sensitivity, ranking
from sonoedge_export.recipe.recipe import read_recipe

# All its weights are alike, at the very end of their range: half a range shifts every one of them
# by 1.6 %, which its steep answer shows. Whole ranges do on every processor what is tested here.
QUANTIZE = '\n[quantize]\nreduce_range = "never"\n'


@pytest.fixture
def ruined(int8: Path) -> Path:
    """A recipe with a network one of whose channels is enormous."""
    sys.modules.pop("network", None)
    text = int8.read_text().replace("network:dark_spots", "network:outliers")
    names = text[text.index("variants = [") : text.index("]") + 1]
    int8.write_text(text.replace(names, 'variants = ["onnxruntime-int8", "openvino-int8"]'))
    return int8


def fast(engines: Mapping[str, object]) -> dict[str, float]:
    return {name: 1.0 if "int8" in name or name == "qdq" else 9.0 for name in engines}


def slow(engines: Mapping[str, object]) -> dict[str, float]:
    return dict.fromkeys(engines, 5.0)


def test_the_layers_that_read_the_outlier_are_ranked_first(ruined: Path) -> None:
    recipe = read_recipe(ruined)
    inputs = read_inputs(recipe, None, Stages(io.StringIO()), rank_layers=True)
    assert inputs.calibration is not None
    ranked = ranking(prepared(build_graph(recipe).onnx), inputs.calibration.tensors)
    noise = [s.sqnr_db for s in ranked]
    assert len(ranked) == 3
    assert noise == sorted(noise)
    assert noise[1] < 10  # both heads read it
    assert noise[2] > 25
    assert sum(s.share for s in ranked) == pytest.approx(1)


def test_a_network_that_int8_ruins_is_refused(ruined: Path) -> None:
    ruined.write_text(ruined.read_text() + QUANTIZE + "rescue = false\n")
    out = ruined.parent / "a"
    with pytest.raises(GateFailed, match=r"onnxruntime-int8: .*_agreement is 0\..*openvino-int8: "):
        export_bundle(read_recipe(ruined), out, Stages(io.StringIO()), timer=fast)
    assert not out.exists()


def test_it_is_rescued_by_keeping_the_worst_layers_in_float(ruined: Path) -> None:
    ruined.write_text(ruined.read_text() + QUANTIZE + "most_float = 0.7\n")
    said = io.StringIO()
    manifest = export_bundle(read_recipe(ruined), ruined.parent / "a", Stages(said), timer=fast)
    assert [v.id for v in manifest.variants] == ["onnxruntime-int8", "openvino-int8"]
    for variant in manifest.variants:
        assert variant.metrics["flag_agreement"] == 1
        assert len(manifest.lineage["quantized"][variant.id]["kept_float"]) == 2
    assert "keeping 1 of 3 layers in float" in said.getvalue()
    assert "keeping 2 of 3 layers in float" in said.getvalue()


def test_it_is_refused_where_too_many_layers_would_have_to_stay(ruined: Path) -> None:
    ruined.write_text(ruined.read_text() + QUANTIZE + "most_float = 0.4\n")
    with pytest.raises(GateFailed, match=r"with 1 layers in float; no more allowed"):
        export_bundle(read_recipe(ruined), ruined.parent / "a", Stages(io.StringIO()), timer=fast)


def test_it_is_refused_where_the_speed_is_gone_first(ruined: Path) -> None:
    ruined.write_text(ruined.read_text() + QUANTIZE + "most_float = 0.7\n")
    said = io.StringIO()
    with pytest.raises(GateFailed, match=r"with 1 layers in float it takes 5\.00 ms"):
        export_bundle(read_recipe(ruined), ruined.parent / "a", Stages(said), timer=slow)
    assert "keeping 2" not in said.getvalue()


def test_the_ranking_is_written_as_table_and_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="needs matplotlib")
    ranked = [
        Sensitivity(layer="a|b", kind="Conv", sqnr_db=12.345, share=0.25),
        Sensitivity(layer="c", kind="Gemm", sqnr_db=40.0, share=0.75),
    ]
    csv, markdown, plot = write_ranking(tmp_path / "why", "network", ranked)
    assert csv.read_text().splitlines()[:2] == [
        "rank,layer,kind,sqnr_db,share_of_weights",
        "1,a|b,Conv,12.35,0.2500",
    ]
    assert markdown.read_text().splitlines()[-1] == "| 2 | c | Gemm | 40.00 | 0.7500 |"
    assert plot.read_bytes().startswith(b"\x89PNG")
