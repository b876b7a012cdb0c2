"""Bundles that fail on order."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sonoedge_bench.reliability.faulty_bundle import make_faulty_bundle

TINY = Path(__file__).parent.parent.parent / "data" / "tiny"


@pytest.fixture
def tiny() -> Path:
    """A bundle with a real network."""
    return TINY


@pytest.fixture
def faulty(tmp_path: Path) -> Callable[..., Path]:
    """Makes a bundle whose engine has these faults."""

    def make(*faults: dict[str, Any], base_ms: float = 0.0, name: str = "faulty") -> Path:
        return make_faulty_bundle(TINY, tmp_path / name, faults, base_ms=base_ms)

    return make


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Deaths are what these tests are about: the log need not tell of each."""
    logger = logging.getLogger("sonoedge.session")
    logger.disabled = True
    yield
    logger.disabled = False
