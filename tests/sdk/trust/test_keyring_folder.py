from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.errors import RollbackRefused, SignatureInvalid, TrustError
from sonoedge.trust.keyring_folder import install_keyring, read_keyrings

Sealed = Callable[..., bytes]
Row = Callable[..., dict[str, Any]]


@pytest.fixture
def folder(tmp_path: Path, sealed_keyring: Sealed) -> Path:
    (tmp_path / "1.keyring.json").write_bytes(sealed_keyring(["root-a"]))
    return tmp_path


def test_a_keyring_is_installed_and_read_again(folder: Path, sealed_keyring: Sealed) -> None:
    install_keyring(folder, sealed_keyring(["root-a"], version=2, floors={"b": 3}), "update")
    assert read_keyrings(folder).floors == {"b": 3}
    assert sorted(p.name for p in folder.iterdir()) == ["1.keyring.json", "2.keyring.json"]


def test_a_tenth_keyring_follows_the_ninth(folder: Path, sealed_keyring: Sealed) -> None:
    for version in range(2, 12):
        install_keyring(folder, sealed_keyring(["root-a"], version=version), "update")
    assert read_keyrings(folder).version == 11


@pytest.mark.parametrize(
    ("names", "version", "error"),
    [
        (["root-a"], 1, RollbackRefused),
        (["root-a"], 3, RollbackRefused),
        (["stranger"], 2, SignatureInvalid),
    ],
)
def test_a_keyring_that_does_not_follow_changes_nothing(
    folder: Path, sealed_keyring: Sealed, names: list[str], version: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        install_keyring(folder, sealed_keyring(names, version=version), "update")
    assert [p.name for p in folder.iterdir()] == ["1.keyring.json"]


def test_a_missing_link_is_an_error_and_never_an_older_keyring(
    folder: Path, sealed_keyring: Sealed
) -> None:
    (folder / "3.keyring.json").write_bytes(sealed_keyring(["root-a"], version=3))
    with pytest.raises(TrustError, match="without a gap; it has 1, 3"):
        read_keyrings(folder)


def test_an_empty_or_absent_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrustError, match="it has none"):
        read_keyrings(tmp_path)
    with pytest.raises(TrustError, match="cannot be read"):
        read_keyrings(tmp_path / "absent")


def test_a_file_under_another_number_is_refused(folder: Path, sealed_keyring: Sealed) -> None:
    (folder / "1.keyring.json").rename(folder / "2.keyring.json")
    with pytest.raises(TrustError, match="is keyring version 1"):
        read_keyrings(folder)
