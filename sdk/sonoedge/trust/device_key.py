"""A device's own key, by which it knows again what it built for itself.

An engine that was built here has no signature of a maker. Its sidecar names the digests of
engine and kernels, the graph's, and the fingerprint of GPU and libraries; an HMAC-SHA-256
(RFC 2104) over the sidecar's bytes, under a key that only this device's user can read, shows
that this device wrote them. An engine that was changed together with its sidecar does not pass.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
import stat
from pathlib import Path
from typing import Final

from sonoedge.durable import sync_folder, write_durably
from sonoedge.errors import TrustError

KEY_BYTES: Final = 32
# Before what is authenticated, so that a MAC of something else can never pass for this one.
_DOMAIN: Final = b"sonoedge engine sidecar v1\0"


def read_device_key(path: Path) -> bytes:
    """The key: 32 bytes.

    Raises:
        FileNotFoundError: there is none yet.
        TrustError: it cannot be read, others may read or write it, or it is no such key.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise TrustError(f"the device key {path.name} cannot be read: {error.strerror}") from None
    try:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or status.st_size != KEY_BYTES:
            raise TrustError(
                f"{path.name} is no device key of {KEY_BYTES} bytes; remove it, and run "
                "sonoedge provision again for each bundle"
            )
        if status.st_mode & 0o077:
            raise TrustError(
                f"others than its owner may read the device key {path.name}: remove it, and run "
                "sonoedge provision again for each bundle"
            )
        return os.read(fd, KEY_BYTES)
    finally:
        os.close(fd)


def make_device_key(path: Path) -> bytes:
    """The key, made where there is none; readable by its owner alone from its first moment on.

    Raises:
        TrustError: it cannot be read or made.
    """
    with contextlib.suppress(FileNotFoundError):
        return read_device_key(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_durably(draft, os.urandom(KEY_BYTES), 0o600)
        try:
            os.link(draft, path)  # whole or not at all, and never over one that is there
        except FileExistsError:
            pass  # another process was faster: its key is the device's
        finally:
            draft.unlink()
        sync_folder(path.parent)
    except OSError as error:
        raise TrustError(f"the device key {path} cannot be made: {error.strerror}") from None
    return read_device_key(path)


def sidecar_mac(key: bytes, name: str, sidecar: bytes) -> bytes:
    """The MAC's file: hexadecimal digits and a newline.

    Args:
        name: the sidecar's file name, which is authenticated as well.
    """
    message = _DOMAIN + name.encode() + b"\0" + sidecar
    return hmac.new(key, message, hashlib.sha256).hexdigest().encode() + b"\n"


def is_mac_of(mac: bytes, key: bytes, name: str, sidecar: bytes) -> bool:
    """Whether a MAC is this key's over these bytes."""
    return hmac.compare_digest(mac, sidecar_mac(key, name, sidecar))
