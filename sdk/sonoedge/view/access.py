"""Who may ask the page's server: this machine's browser, by exact names, with the token.

Loopback is per machine, not per user, and a page of any site can reach it. A name that an
attacker points at 127.0.0.1 arrives with his Host and his Origin, which agree with each
other: so both are compared with the exact names that we go by (`sonoedge.loopback`).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from sonoedge.loopback import NAMES, names_us


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What is asked of a request, and of a viewer's first message.

    Attributes:
        port: that the server listens on.
        token: that the viewer must know; it stands in the address's fragment.
    """

    port: int
    token: str

    def host_refusal(self, hosts: Sequence[str]) -> HTTPStatus | None:
        """Why a request with these Host headers is refused; None where it is not."""
        return None if names_us(hosts, self.port) else HTTPStatus.MISDIRECTED_REQUEST

    def origin_refusal(self, origins: Sequence[str]) -> HTTPStatus | None:
        """Why a WebSocket with these Origin headers is refused; None where it is not."""
        port = "" if self.port == 80 else f":{self.port}"
        right = len(origins) == 1 and origins[0] in {f"http://{name}{port}" for name in NAMES}
        return None if right else HTTPStatus.FORBIDDEN

    def knows(self, message: object) -> bool:
        """Whether a viewer's first message is the token."""
        if not isinstance(message, str):
            return False
        return hmac.compare_digest(message.encode(), self.token.encode())
