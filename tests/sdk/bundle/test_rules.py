from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.bundle.identity import manifest_text
from sonoedge.bundle.parse import parse
from sonoedge.errors import InvalidManifest

DATA = json.loads((Path(__file__).parents[2] / "data/tiny/manifest.json").read_bytes())
EMBEDDING = {"name": "embedding", "dtype": "float32", "shape": [1, 8]}

Change = Callable[[dict[str, Any]], object]


def _variant(**values: object) -> Change:
    return lambda d: d["variants"][0].update(values)


def _tolerance(**values: object) -> Change:
    return lambda d: d["variants"][0]["tolerance"].update(values)


def _input(**values: object) -> Change:
    return lambda d: d["inputs"][0].update(values)


def _output(number: int, **values: object) -> Change:
    return lambda d: d["outputs"][number].update(values)


REFUSED: dict[str, tuple[Change, str]] = {
    "path as a name": (lambda d: d.update(name="x/../y"), "name is 'x/../y'; allowed are"),
    "path as a version": (lambda d: d.update(version="1/2"), "version is"),
    "line break in a label": (lambda d: d["postprocess"]["labels"].append("a\nb"), "labels"),
    "no golden frame": (lambda d: d["golden"].update(frames=[]), "must name 1 to 64 pictures"),
    "65 golden frames": (
        lambda d: d["golden"].update(frames=d["golden"]["frames"][:1] * 65), "1 to 64 pictures"
    ),
    "golden frame without digest": (
        lambda d: d["golden"]["frames"].append("golden/x.png"), "'golden/x.png' is used but has no"
    ),
    "golden regions without digest": (_variant(golden_regions="x.json"), "'x.json' is used but"),
    "tolerance that refuses nothing": (_tolerance(probs=1e9), "probs 0 to 0.1"),
    "levels that refuse nothing": (_tolerance(map_levels=255), "map_levels must be 0 to 64"),
    "tolerance below 0": (_tolerance(map_levels=-1), "map_levels must be 0 to 64"),
    "latency below 0": (_variant(latency_ms_p50=-1.0), "latency_ms_p50 must be above 0"),
    "variant that is a path": (_variant(id="a/b"), r"variants\[0\].id is 'a/b'"),
    "weights for another runtime": (_variant(weights="verification.json"), "for openvino alone"),
    "no input": (lambda d: d.update(inputs=[]), "inputs must be 1 to 16 tensors"),
    "no output": (lambda d: d.update(outputs=[]), "outputs must be 1 to 16 tensors"),
    "two inputs": (
        lambda d: d["inputs"].append(d["inputs"][0] | {"name": "b"}), "inputs must be one tensor"
    ),
    "an output twice": (lambda d: d["outputs"].append(d["outputs"][0]), "of different names"),
    "output without lesion_map": (_output(0, name="other"), "outputs must hold lesion_map"),
    "object": (_input(dtype="object"), "is 'object'; allowed: uint8"),
    "dtype that is none": (_input(dtype="no"), "is 'no'; allowed: uint8"),
    "float input": (_input(dtype="float32"), r"one tensor, uint8 \[1, 1, 64, 96\]"),
    "input of another size": (_input(shape=[1, 1, 96, 64]), r"one tensor, uint8 \[1, 1, 64, 96\]"),
    "shape below 0": (_input(shape=[1, 1, -64, 96]), "each dimension 1 or more"),
    "shape of 2^40": (_output(0, shape=[1, 1, 2**40, 96]), "1 to 16777216 elements"),
    "map of three dimensions": (_output(0, shape=[1, 1, 48]), r"lesion_map must be uint8 \[1, 1"),
    "map in float": (_output(1, dtype="float32"), r"malignancy_map must be uint8 \[1, 1, h, w\]"),
    "probabilities of other labels": (_output(2, shape=[1, 4]), r"must be float32 \[1, 3\]"),
    "more golden outputs than memory": (
        lambda d: d["outputs"].extend(
            {"name": f"t{n}", "dtype": "int64", "shape": [1 << 24]} for n in range(2)
        ),
        "fewer golden frames fit",
    ),
    "threshold told is not the one used": (
        lambda d: d["operating_point"].update(threshold=0.01), "flag_threshold 0.5: the sensitivity"
    ),
    "smallest region larger than the input": (
        lambda d: d["postprocess"].update(min_area_input_px=1e30), "at most 6144"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_manifest_that_no_export_writes_is_refused(name: str) -> None:
    change, message = REFUSED[name]
    data = copy.deepcopy(DATA)
    change(data)
    with pytest.raises(InvalidManifest, match=message):
        parse(manifest_text(data).encode())


def test_outputs_that_this_version_does_not_use_are_no_fault() -> None:
    data = copy.deepcopy(DATA)
    data["outputs"].append(EMBEDDING)
    assert parse(manifest_text(data).encode()).outputs[-1].name == "embedding"
