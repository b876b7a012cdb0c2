"""A sample of swaps; `make attacks` makes 10,000 of each kind."""

from __future__ import annotations

from pathlib import Path

from attacks import races
from attacks.device import make_device


def test_two_trusted_bundles_never_mix_and_neither_is_refused(tmp_path: Path) -> None:
    race = races.folders(make_device(tmp_path / "d"), swaps=300, trusted=True)
    assert race.refused == {}
    assert sum(race.opened.values()) > 0
    assert len(race.opened) <= 2


def test_a_strangers_bundle_never_opens_in_the_place_of_a_trusted_one(tmp_path: Path) -> None:
    race = races.folders(make_device(tmp_path / "d"), swaps=300, trusted=False)
    assert set(race.refused) <= {"KEY_UNKNOWN"}
    assert len(race.opened) <= 1


def test_a_file_that_is_swapped_is_the_one_named_or_refused(tmp_path: Path) -> None:
    race = races.files(make_device(tmp_path / "d"), swaps=300)
    assert set(race.refused) <= {"DIGEST_MISMATCH"}
    assert len(race.opened) <= 1
