"""Names are compared whole, the token in constant time."""

from __future__ import annotations

import pytest

from sonoedge.view.access import Access

ACCESS = Access(port=8123, token="secret")


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123"])
def test_our_own_names_are_let_in(host: str) -> None:
    assert ACCESS.host_refusal([host]) is None
    assert ACCESS.origin_refusal([f"http://{host}"]) is None


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["127.0.0.1"],
        ["127.0.0.1:8124"],
        ["evil.example:8123"],
        ["127.0.0.1.evil.example:8123"],
        ["[::1]:8123"],
        ["127.0.0.1:8123", "127.0.0.1:8123"],
    ],
)
def test_any_other_host_is_refused(hosts: list[str]) -> None:
    assert ACCESS.host_refusal(hosts) == 421


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["null"],
        ["https://127.0.0.1:8123"],
        ["http://evil.example:8123"],
        ["http://127.0.0.1"],
        ["http://127.0.0.1:8123", "null"],
    ],
)
def test_any_other_origin_is_refused(origins: list[str]) -> None:
    assert ACCESS.origin_refusal(origins) == 403


@pytest.mark.parametrize("message", ["", "secre", "secret ", b"secret", "sécret", None])
def test_any_other_token_is_refused(message: object) -> None:
    assert not ACCESS.knows(message)
    assert ACCESS.knows("secret")
