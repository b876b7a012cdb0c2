"""The numbers of ONNX Runtime's functions are right: each does here what its name says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from c_build import C, onnxruntime
from conformance.vectors import BUNDLE

HEADER = C / "core/engine/ort.h"


@pytest.fixture(scope="module")
def told() -> tuple[dict[str, Any], str]:
    """What the program says, and what ONNX Runtime wrote to standard error."""
    script = Path(__file__).with_name("ort_slots.py")
    model = BUNDLE / "graphs/fp32.onnx"
    done = subprocess.run(
        [sys.executable, script, onnxruntime(), HEADER, model], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def test_each_function_that_the_library_takes_is_called(told: tuple[dict[str, Any], str]) -> None:
    assert told[0]
    called = Path(__file__).with_name("ort_slots.py").read_text()
    names = re.findall(r"ORT_(\w+) = \d+", HEADER.read_text())
    missing = [
        name
        for name in names
        if f'"{name}"' not in called
        and not (name.startswith("RELEASE_") and f'"{name.removeprefix("RELEASE_")}"' in called)
        and not re.fullmatch(r"SESSION_GET_(INPUT|OUTPUT)_(NAME|TYPE_INFO)", name)
    ]
    assert missing == []


def test_threads_are_those_within_an_operator(told: tuple[dict[str, Any], str]) -> None:
    said = told[0]
    assert said["threads of one"] == 0
    assert said["threads of four"] == 3
    assert said["threads after release"] == 0
    assert said["threads of a parallel graph"] > 0  # those between operators, which had been set


def test_refusals_have_their_words(told: tuple[dict[str, Any], str]) -> None:
    assert "protobuf" in told[0]["refusal"].lower()
    assert told[0]["refusal of the format"]


def test_what_is_logged_hangs_on_the_severity(told: tuple[dict[str, Any], str]) -> None:
    before, _, after = told[1].partition("-- all is told from here on --\n")
    assert before == ""
    assert after.count("\n") > 10


def test_tensors_and_answers_are_pythons(told: tuple[dict[str, Any], str]) -> None:
    ort = pytest.importorskip("onnxruntime")
    session = ort.InferenceSession(BUNDLE / "graphs/fp32.onnx", providers=["CPUExecutionProvider"])
    kinds = {1: "tensor(float)", 2: "tensor(uint8)"}
    for key, specs in (("inputs", session.get_inputs()), ("outputs", session.get_outputs())):
        assert [[n, kinds[e], s] for n, e, s in told[0][key]] == [
            [spec.name, spec.type, spec.shape] for spec in specs
        ]
    (spec,) = session.get_inputs()
    count = int(np.prod(spec.shape))
    picture = (np.arange(count) * 37 % 251).astype(np.uint8).reshape(spec.shape)
    answer = session.run(None, {spec.name: picture})
    for output, values in zip(session.get_outputs(), answer, strict=True):
        assert np.frombuffer(
            bytes.fromhex(told[0]["answer"][output.name]), dtype=values.dtype
        ).reshape(values.shape) == pytest.approx(values, abs=1e-6)
