"""The timing cache of native TensorRT, against a stand-in for it and for the driver."""

from __future__ import annotations

from typing import Any

import pytest

from sonoedge_runtimes.trt_build import compile as ours
from sonoedge_runtimes.trt_build.compile import Log


class Cache:
    def __init__(self, data: bytes) -> None:
        self.data = data


class Config:
    """A builder's configuration that takes caches beginning with "good", and new ones."""

    def __init__(self) -> None:
        self.cache: Cache | None = None

    def create_timing_cache(self, data: bytes) -> Cache | None:
        return None if data == b"unreadable" else Cache(data)

    def set_timing_cache(self, cache: Cache, ignore_mismatch: bool) -> bool:
        assert not ignore_mismatch
        if cache.data and not cache.data.startswith(b"good"):
            return False
        self.cache = cache
        return True


@pytest.mark.parametrize(
    ("stored", "used", "told"),
    [
        (b"", b"", 0),
        (b"good one", b"good one", 0),
        (b"of another", b"", 1),
        (b"unreadable", b"", 1),
    ],
)
def test_a_cache_that_does_not_fit_is_replaced_and_it_is_said(
    stored: bytes, used: bytes, told: int
) -> None:
    written: list[Any] = []
    config = Config()
    ours._use_cache(config, stored, Log(lambda *record: written.append(record)))
    assert config.cache is not None
    assert config.cache.data == used
    assert len(written) == told
