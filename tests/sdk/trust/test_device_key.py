from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sonoedge.errors import TrustError
from sonoedge.trust.device_key import (
    KEY_BYTES,
    is_mac_of,
    make_device_key,
    read_device_key,
    sidecar_mac,
)


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "device.key"
    key = make_device_key(path)
    assert len(set(key)) > 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_device_key(path) == read_device_key(path) == key
    assert [p.name for p in tmp_path.iterdir()] == ["device.key"]
    assert make_device_key(tmp_path / "other") != key


def test_a_missing_key_is_told_apart_from_one_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_device_key(tmp_path / "device.key")
    with pytest.raises(TrustError, match="cannot be made"):
        make_device_key(tmp_path / "absent" / "device.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
def test_a_key_that_others_may_use_is_no_key(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "device.key"
    make_device_key(path)
    path.chmod(mode)
    with pytest.raises(TrustError, match="others than its owner"):
        make_device_key(path)


@pytest.mark.parametrize("kind", ["short", "long", "link", "pipe", "folder"])
def test_what_is_no_key_is_never_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "device.key"
    if kind == "link":
        make_device_key(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(bytes(KEY_BYTES + (1 if kind == "long" else -1)))
        path.chmod(0o600)
    with pytest.raises(TrustError):
        make_device_key(path)


def test_a_mac_is_of_these_bytes_under_this_name_and_this_key() -> None:
    key, data = bytes(range(32)), b'{"a": 1}\n'
    mac = sidecar_mac(key, "a.json", data)
    assert is_mac_of(mac, key, "a.json", data)
    # Computed with: printf 'sonoedge engine sidecar v1\0a.json\0{"a": 1}\n' | openssl dgst
    # -sha256 -mac HMAC -macopt hexkey:000102...1f
    assert mac == b"cf1b8257a5da8a981ec2f7fee4bc3d26e88b085787867f5f518f516a17d5a105\n"
    assert not is_mac_of(mac, bytes(32), "a.json", data)
    assert not is_mac_of(mac, key, "b.json", data)
    assert not is_mac_of(mac, key, "a.json", data + b" ")
    assert not is_mac_of(mac[:-1], key, "a.json", data)
    assert not is_mac_of(b"", key, "a.json", data)
    for position in range(64):
        bent = bytearray(mac)
        bent[position] ^= 1
        assert not is_mac_of(bytes(bent), key, "a.json", data)
