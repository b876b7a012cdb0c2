"""Who is let in at loopback, and what is a port."""

from __future__ import annotations

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.loopback import check_port, names_us


@pytest.mark.parametrize(
    ("hosts", "port"),
    [
        (["127.0.0.1:8123"], 8123),
        (["localhost:8123"], 8123),
        (["127.0.0.1"], 80),
        (["localhost"], 80),
        (["localhost:80"], 80),
    ],
)
def test_our_own_names_are_let_in(hosts: list[str], port: int) -> None:
    assert names_us(hosts, port)


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["127.0.0.1"],
        ["127.0.0.1:8124"],
        ["127.0.0.1.evil.example:8123"],
        ["127.0.0.1:8123", "evil.example"],
    ],
)
def test_every_other_name_and_more_than_one_are_refused(hosts: list[str]) -> None:
    assert not names_us(hosts, 8123)


@pytest.mark.parametrize("port", [-1, 65536])
def test_what_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(InvalidSettings, match="is no port; give 0 to 65535"):
        check_port(port)


@pytest.mark.parametrize("port", [0, 80, 65535])
def test_a_port_is_taken(port: int) -> None:
    check_port(port)
