"""The port answers this machine alone, and one question alone."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError
from sonoedge.metrics import MetricsPort


@pytest.fixture
def port() -> Iterator[MetricsPort]:
    made = MetricsPort(0, lambda: "a 1\n")
    yield made
    made.close()


def ask(port: MetricsPort, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port.port, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_a_scraper_gets_the_text_made_anew(port: MetricsPort) -> None:
    assert ask(port, "/metrics") == (200, "a 1\n")
    assert ask(port, "/metrics", Host=f"localhost:{port.port}") == (200, "a 1\n")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "127.0.0.1", ""])
def test_a_name_that_was_bound_to_this_address_is_refused(port: MetricsPort, host: str) -> None:
    assert ask(port, "/metrics", Host=host)[0] == 421


def test_a_request_that_names_two_hosts_is_refused(port: MetricsPort) -> None:
    own = f"Host: 127.0.0.1:{port.port}\r\n"
    with socket.create_connection(("127.0.0.1", port.port), 30) as link:
        link.sendall(f"GET /metrics HTTP/1.1\r\n{own}Host: evil.example\r\n\r\n".encode())
        assert link.makefile("rb").readline().split()[1] == b"421"


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metrics?x", "/../MUELLER_ANNA"])
def test_nothing_else_is_answered_and_nothing_is_said_again(port: MetricsPort, path: str) -> None:
    code, text = ask(port, path)
    assert code == 404
    assert "MUELLER" not in text


def test_other_methods_are_refused(port: MetricsPort, capfd: pytest.CaptureFixture[str]) -> None:
    for method in ("POST", "DELETE", "MUELLER_ANNA"):
        code, text = ask(port, "/metrics", method)
        assert code == 501
        assert "MUELLER" not in text
    assert capfd.readouterr() == ("", "")


def test_it_is_bound_to_loopback(port: MetricsPort) -> None:
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == "0A" and int(local.split(":")[1], 16) == port.port:
            assert local.startswith("0100007F")
            return
    pytest.fail("it does not listen")


def test_whoever_says_nothing_holds_nobody_up_for_ever(port: MetricsPort) -> None:
    with socket.create_connection(("127.0.0.1", port.port)):
        assert ask(port, "/metrics")[0] == 200


def test_a_port_that_is_none_or_taken_is_a_typed_error(port: MetricsPort) -> None:
    for number in (-1, 65536):
        with pytest.raises(InvalidSettings, match="is no port"):
            MetricsPort(number, lambda: "")
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(OutputError, match="listen"),
    ):
        MetricsPort(taken.getsockname()[1], lambda: "")
