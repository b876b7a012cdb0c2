"""Whom to send to, as it is given on the command line."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from sonoedge.errors import InvalidSettings

_PEER: Final = re.compile(r"([^@]+)@(\[[0-9A-Fa-f:.]+\]|[^:@/\[\]]+):(\d{1,5})")
_TITLE: Final = re.compile(r"[ -\[\]-~]{1,16}")
_PATH: Final = re.compile(r"[!-~]*")  # what HTTP's request line can hold
UNKNOWN_HOST: Final = "the name of the host is not known here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A DICOM application entity.

    Attributes:
        title: its AE title, 1 to 16 characters.
        host, port: where it listens.
    """

    title: str
    host: str
    port: int


def parse_peer(text: str) -> Peer:
    """AE@HOST:PORT.

    Raises:
        InvalidSettings: it is not of that form.
    """
    match = _PEER.fullmatch(text)
    if match is None or not 1 <= int(match[3]) <= 65535:
        raise InvalidSettings(
            f"--to is {text!r}; it must be AE@HOST:PORT, as ORTHANC@10.0.0.5:4242"
        )
    check_title(match[1], "--to")
    return Peer(title=match[1], host=match[2].strip("[]"), port=int(match[3]))


def check_title(title: str, option: str) -> None:
    """Refuse what is no AE title.

    Raises:
        InvalidSettings: it is not 1 to 16 printable characters without a backslash.
    """
    if not _TITLE.fullmatch(title) or not title.strip():
        raise InvalidSettings(
            f"{option} has the AE title {title!r}; it must be 1 to 16 printable ASCII characters "
            "without a backslash"
        )


def parse_url(text: str, *, tls: bool, authorized: bool) -> str:
    """The address that studies are posted to, of a DICOMweb service's own address.

    Args:
        tls: it must be https.
        authorized: a secret will be sent along, which must not go in the clear.

    Raises:
        InvalidSettings: it is no such address.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidSettings(f"--stow is {text!r}, which is no address") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise InvalidSettings(
            f"--stow is {text!r}; it must be the address of a DICOMweb service, as "
            "https://archive.example/dicom-web"
        )
    if not _PATH.fullmatch(parts.path):
        raise InvalidSettings(
            f"--stow is {text!r}; write a space in its path as %20, and what is no "
            "printable ASCII as %XX"
        )
    if parts.username is not None or parts.password is not None:
        raise InvalidSettings("--stow holds a password; give it by --authorization FILE")
    if tls and parts.scheme != "https":
        raise InvalidSettings("--tls was asked for; give --stow an address of https")
    if authorized and parts.scheme != "https" and not _loopback(host):
        raise InvalidSettings("--authorization would go in the clear; give an address of https")
    path = text.rstrip("/")
    return path if path.endswith("/studies") else f"{path}/studies"


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
