from __future__ import annotations

import json

import pytest

from sonoedge.errors import EngineFailed
from sonoedge_runtimes.testing.null import Null


def test_it_answers_zeros_of_the_shapes_that_its_model_names() -> None:
    model = {"inputs": [["x", "uint8", [1, 1, 2, 2]]], "outputs": [["y", "float32", [1, 3]]]}
    engine = Null(json.dumps(model).encode(), precision="fp32", threads=None)
    answer = engine.infer({})["y"]
    assert (str(answer.dtype), answer.tolist()) == ("float32", [[0.0, 0.0, 0.0]])
    engine.close()


@pytest.mark.parametrize("text", ["", "[]", '{"inputs": []}', '{"inputs": [[1]], "outputs": []}'])
def test_what_is_no_model_is_refused(text: str) -> None:
    with pytest.raises(EngineFailed, match="no model of the null runtime"):
        Null(text.encode(), precision="fp32", threads=None)
