"""The checksum of the protocol."""

from __future__ import annotations

import sys

import pytest

from sonoedge.errors import MissingDependency
from sonoedge.igtl import checksum


def test_it_is_the_one_of_ecma_182() -> None:
    assert checksum.crc64()(b"123456789") == 0x6C40DF5F0B497347


def test_without_its_package_the_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    checksum.crc64.cache_clear()
    monkeypatch.setitem(sys.modules, "fastcrc", None)
    with pytest.raises(MissingDependency, match=r"pip install.*igtl"):
        checksum.crc64()
