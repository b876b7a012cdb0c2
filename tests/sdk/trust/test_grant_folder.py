from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import NotThisDevice, RollbackRefused, TrustError
from sonoedge.trust.grant import Grant, seal_grant
from sonoedge.trust.grant_folder import MOST_GRANTS, MOST_USED, RECORD, GrantFolder
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signing import FileSigner

OLD, OTHER = "ab" * 32, "cd" * 32
Bring = Callable[..., Grant]


@pytest.fixture
def keyring(sealed_keyring: Callable[..., bytes]) -> Keyring:
    return first_keyring(sealed_keyring(["root-a"]), "v1")


@pytest.fixture
def bring(tmp_path: Path, signer: Callable[[str], FileSigner]) -> Bring:
    def bring(
        counter: int = 1, device: str = "*", sha256: str = OLD, key: str = "root-a", name: str = ""
    ) -> Grant:
        grant = Grant(device=device, manifest_sha256=sha256, counter=counter)
        file = tmp_path / f"{name or counter}.grant.json"
        file.write_bytes(seal_grant(grant, [signer(key)]))
        return grant

    return bring


def test_a_grant_is_found_as_often_as_is_asked_and_used_once(
    tmp_path: Path, bring: Bring, keyring: Keyring
) -> None:
    grant = bring()
    folder = GrantFolder(tmp_path, "cart-7")
    assert folder.find(OLD, "breast", keyring) == folder.find(OLD, "breast", keyring) == grant
    assert not (tmp_path / RECORD).exists()
    folder.use(grant, "breast")
    # It stays admitted over restarts, also where the grant's file is gone.
    (tmp_path / "1.grant.json").unlink()
    assert GrantFolder(tmp_path, "cart-7").find(OLD, "breast", keyring) == grant
    folder.use(grant, "breast")


def test_after_the_device_went_forward_a_used_grant_is_refused(
    tmp_path: Path, bring: Bring, keyring: Keyring
) -> None:
    folder = GrantFolder(tmp_path)
    grant = bring()
    folder.use(grant, "breast")
    folder.settle("thyroid")  # another product
    assert folder.find(OLD, "breast", keyring) == grant
    folder.settle("breast")
    with pytest.raises(RollbackRefused, match="grant 1 was used on this device before"):
        folder.find(OLD, "breast", keyring)
    with pytest.raises(RollbackRefused, match="counts once"):
        folder.use(grant, "breast")
    second = bring(2)
    assert folder.find(OLD, "breast", keyring) == second


def test_a_number_counts_once_whatever_it_is_for(
    tmp_path: Path, bring: Bring, keyring: Keyring
) -> None:
    folder = GrantFolder(tmp_path)
    folder.use(bring(), "breast")
    bring(sha256=OTHER, name="again")
    with pytest.raises(RollbackRefused, match="used"):
        folder.find(OTHER, "breast", keyring)


def test_without_a_grant_for_this_manifest_and_this_device_it_is_refused(
    tmp_path: Path, bring: Bring, keyring: Keyring
) -> None:
    folder = GrantFolder(tmp_path, "cart-7")
    with pytest.raises(RollbackRefused, match="no grant"):
        folder.find(OLD, "breast", keyring)
    bring(1, sha256=OTHER)
    with pytest.raises(RollbackRefused, match="no grant"):
        folder.find(OLD, "breast", keyring)
    bring(2, device="cart-8")
    with pytest.raises(NotThisDevice, match=r"cart-8; this one is cart-7"):
        folder.find(OLD, "breast", keyring)
    grant = bring(3, device="cart-7")
    assert folder.find(OLD, "breast", keyring) == grant


def test_a_device_without_a_name_says_so(tmp_path: Path, bring: Bring, keyring: Keyring) -> None:
    bring(device="cart-8")
    with pytest.raises(NotThisDevice, match="without a name"):
        GrantFolder(tmp_path).find(OLD, "breast", keyring)


def test_a_bad_file_hides_no_good_one_and_is_named_where_there_is_none(
    tmp_path: Path, bring: Bring, keyring: Keyring
) -> None:
    (tmp_path / "0.grant.json").write_bytes(b"{")
    os.mkfifo(tmp_path / "pipe.grant.json")
    (tmp_path / "zeros.grant.json").symlink_to("/dev/zero")
    (tmp_path / "folder.grant.json").mkdir()
    bring(5, key="release-a")
    with pytest.raises(RollbackRefused, match="no grant lets it run here: "):
        GrantFolder(tmp_path).find(OLD, "breast", keyring)
    grant = bring(6)
    assert GrantFolder(tmp_path).find(OLD, "breast", keyring) == grant


def test_a_folder_that_is_absent_holds_none_and_one_too_full_is_refused(
    tmp_path: Path, keyring: Keyring
) -> None:
    with pytest.raises(RollbackRefused, match="no grant"):
        GrantFolder(tmp_path / "absent").find(OLD, "breast", keyring)
    for number in range(MOST_GRANTS + 1):
        (tmp_path / f"{number}.grant.json").touch()
    with pytest.raises(TrustError, match="more than 64"):
        GrantFolder(tmp_path).find(OLD, "breast", keyring)


@pytest.mark.parametrize("text", ["", "{", '{"used": [1.5]}', '{"more": 1}'])
def test_a_record_that_cannot_be_read_is_not_taken_for_an_empty_one(
    tmp_path: Path, bring: Bring, keyring: Keyring, text: str
) -> None:
    grant = bring()
    (tmp_path / RECORD).write_text(text)
    for call in (
        lambda: GrantFolder(tmp_path).find(OLD, "breast", keyring),
        lambda: GrantFolder(tmp_path).use(grant, "breast"),
        lambda: GrantFolder(tmp_path).settle("breast"),
    ):
        with pytest.raises(TrustError, match="record of used grants"):
            call()


def test_what_cannot_be_recorded_does_not_run(tmp_path: Path, bring: Bring) -> None:
    grant = bring()
    (tmp_path / RECORD).write_text(json.dumps({"used": list(range(2, MOST_USED + 2))}))
    with pytest.raises(TrustError, match="takes no more"):
        GrantFolder(tmp_path).use(grant, "breast")
    with pytest.raises(TrustError):
        GrantFolder(tmp_path / "absent").use(grant, "breast")
