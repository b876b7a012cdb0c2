"""Servers that this machine alone may reach: their address, their names, their ports.

Loopback is per machine, and a page of any site can reach it by a name of its own that points
here. Such a request names that other host: so whoever asks must go by one of our names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sonoedge.errors import InvalidSettings

HOST: Final = "127.0.0.1"
NAMES: Final = (HOST, "localhost")


def check_port(port: int) -> None:
    """Refuse what is no port; 0 is one, and takes a free one.

    Raises:
        InvalidSettings: it is not 0 to 65535.
    """
    if not 0 <= port <= 65535:
        raise InvalidSettings(f"{port} is no port; give 0 to 65535")


def names_us(hosts: Sequence[str], port: int) -> bool:
    """Whether a request's Host headers are one, and name this machine and the port.

    Without a port a name means port 80, as browsers write it (RFC 9110, 7.2).
    """
    allowed = {f"{name}:{port}" for name in NAMES}
    if port == 80:
        allowed |= set(NAMES)
    return len(hosts) == 1 and hosts[0] in allowed
