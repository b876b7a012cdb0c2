"""Closed measurements whose frames differ much from each other, and whose runs differ little."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sonoedge_bench.document import Document
from sonoedge_bench.document.run import Run
from sonoedge_bench.statistics import summary


@pytest.fixture
def run(a_run: Any) -> Callable[..., Run]:
    """Makes a run; `factor` is by how much it is slower than another one."""

    def make(factor: float = 1.0, *, seed: int = 0, count: int = 200, **fields: Any) -> Run:
        frames = np.random.default_rng(1).uniform(5, 15, count)
        noise = np.random.default_rng(seed).normal(0, 0.05, count)
        values = tuple((factor * frames + noise).tolist())
        samples = {
            "number": tuple(float(n) for n in range(count)),
            "analyse_ms": values,
            "bare_ms": tuple(v - 1 for v in values),
        }
        figures = {"analyse_ms": summary(values)}
        known = {"variant": "v", "samples": samples, "figures": figures}
        return dataclasses.replace(a_run("closed"), **(known | fields))

    return make


@pytest.fixture
def document(a_document: Any) -> Callable[..., Document]:
    """Makes a document of these runs."""
    return lambda *runs: a_document("closed", *runs)
