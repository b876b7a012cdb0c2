"""Each attack of the table ends in its typed error, in bounded memory.

`make attacks` measures times, and goes over every bit and 10,000 swaps of folders.
"""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from attacks.device import make_device
from attacks.table import ATTACKS
from sonoedge.bundle.unlisted import unlisted_files

MOST_MEMORY = 64 << 20


def test_without_an_attack_the_device_takes_its_bundle(tmp_path: Path) -> None:
    bundle = make_device(tmp_path / "d").use()
    assert len(bundle.vouched.keys) == 1
    assert unlisted_files(bundle.open_folder, bundle.manifest) == ()


def test_every_kind_of_attack_has_its_rows() -> None:
    assert len(ATTACKS) >= 90


@pytest.mark.req("R25")
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_by_name(tmp_path: Path, name: str) -> None:
    attack, error = ATTACKS[name]
    device = make_device(tmp_path / "d")
    attack(device)
    tracemalloc.start()
    try:
        with pytest.raises(error) as raised:
            device.use()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert type(raised.value) is error
    assert peak < MOST_MEMORY


def test_a_file_beside_those_signed_is_named_and_never_read(tmp_path: Path) -> None:
    device = make_device(tmp_path / "d")
    (device.bundle / "graphs" / "w.bin").write_bytes(b"x")
    bundle = device.use()
    assert unlisted_files(bundle.open_folder, bundle.manifest) == ("graphs/w.bin",)
