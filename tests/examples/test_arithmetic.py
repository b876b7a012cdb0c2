"""In which arithmetic the reference network is trained."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training needs torch")


@pytest.fixture
def arithmetic(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    import arithmetic  # type: ignore[import-not-found]

    arithmetic.pays.cache_clear()
    monkeypatch.setattr(arithmetic, "has_bf16", lambda: True)
    yield arithmetic
    arithmetic.pays.cache_clear()


@pytest.mark.parametrize(("half", "whole", "enabled"), [(2.0, 1.0, False), (1.0, 2.0, True)])
def test_bfloat16_is_used_where_it_is_faster(
    arithmetic: object, monkeypatch: pytest.MonkeyPatch, half: float, whole: float, enabled: bool
) -> None:
    monkeypatch.setattr(arithmetic, "step_seconds", lambda *, bf16: half if bf16 else whole)
    with arithmetic.bfloat16(torch.device("cpu")):  # type: ignore[attr-defined]
        assert torch.is_autocast_enabled("cpu") is enabled


def test_the_measurement_leaves_the_trainings_random_numbers_alone(arithmetic: object) -> None:
    before = torch.random.get_rng_state()
    with torch.inference_mode():
        assert isinstance(arithmetic.pays(), bool)  # type: ignore[attr-defined]
    assert torch.equal(torch.random.get_rng_state(), before)
