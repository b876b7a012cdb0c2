from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, ServiceError
from sonoedge.service.endpoint import listen, passed_by_systemd


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as probe:
        return probe.connect_ex(str(path)) == 0


def test_it_listens_under_its_mode_and_leaves_no_file_behind(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    before = os.umask(0o077)
    try:
        with listen(path, mode=0o666) as endpoint:
            assert stat.S_IMODE(path.stat().st_mode) == 0o666
            assert connects(path)
            assert not endpoint.listener.getblocking()
    finally:
        assert os.umask(before) == 0o077
    assert not path.exists()


def test_a_killed_services_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    code = (
        "import sys, os, signal\nfrom sonoedge.service.endpoint import listen\n"
        "endpoint = listen(sys.argv[1]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(path)])
    assert ended.returncode == -signal.SIGKILL
    assert path.is_socket()
    with listen(path):
        assert connects(path)


def test_a_running_services_socket_is_not_taken_from_it(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    with listen(path):
        with pytest.raises(ServiceError, match="another service listens there"):
            listen(path)
        assert connects(path)


@pytest.mark.parametrize("kind", ["file", "folder", "link"])
def test_nothing_but_a_socket_is_ever_replaced(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "so.sock"
    if kind == "file":
        path.write_text("precious")
    elif kind == "folder":
        path.mkdir()
    else:
        (tmp_path / "there").write_text("precious")
        path.symlink_to(tmp_path / "there")
    with pytest.raises(ServiceError, match="is no socket"):
        listen(path)
    assert path.exists()


def test_a_datagram_socket_is_not_ours_to_take(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as other:
        other.bind(str(path))
        with pytest.raises(ServiceError, match="not ours to take"):
            listen(path)
    assert path.is_socket()


def test_an_absent_folder_a_long_path_and_an_unknown_group_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="No such file"):
        listen(tmp_path / "absent" / "so.sock")
    with pytest.raises(InvalidSettings, match="107 bytes"):
        listen(tmp_path / ("x" * 108))
    with pytest.raises(InvalidSettings, match="no group nobody-has-this"):
        listen(tmp_path / "so.sock", group="nobody-has-this")
    assert list(tmp_path.iterdir()) == []


def test_a_services_end_leaves_its_successors_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "so.sock"
    first = listen(path)
    path.unlink()
    with listen(path):
        first.close()
        assert connects(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
def test_whoever_may_not_write_to_the_file_cannot_connect(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:3]:
        parent.chmod(0o755)
    path = tmp_path / "so.sock"
    code = (
        "import os, socket, sys\nos.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
        "print(os.strerror(s.connect_ex(sys.argv[1])))"
    )
    for mode, want in ((0o660, "Permission denied"), (0o666, "Success")):
        with listen(path, mode=mode):
            out = subprocess.run(
                [sys.executable, "-I", "-c", code, str(path)], capture_output=True, text=True
            )
            assert out.stdout.strip() == want


def passed(code: str, environment: dict[str, str], kind: int = socket.SOCK_SEQPACKET) -> str:
    """What a process prints that gets a listening socket as its descriptor 3."""
    with socket.socket(socket.AF_UNIX, kind) as given:
        given.bind("")  # an abstract one, for this test alone
        if kind != socket.SOCK_DGRAM:
            given.listen()
        boot = (
            "import os, sys\n"
            f"os.dup2({given.fileno()}, 3, inheritable=True)\n"
            "os.environ['LISTEN_PID'] = os.environ.get('LISTEN_PID') or str(os.getpid())\n"
            "from sonoedge.service.endpoint import passed_by_systemd\n"
        )
        out = subprocess.run(
            [sys.executable, "-c", boot + code],
            pass_fds=[given.fileno()],
            env=os.environ | environment,
            capture_output=True,
            text=True,
        )
    return out.stdout.strip() or out.stderr.strip().splitlines()[-1]


SHOW = (
    "e = passed_by_systemd()\n"
    "print(e and (e.listener.fileno(), os.get_inheritable(3), e.path, 'LISTEN_FDS' in os.environ))"
)


def test_a_socket_of_systemd_is_taken_and_not_handed_on() -> None:
    assert passed(SHOW, {"LISTEN_FDS": "1"}) == "(3, False, None, False)"


def test_a_socket_for_another_process_is_none_for_us() -> None:
    assert passed(SHOW, {"LISTEN_FDS": "1", "LISTEN_PID": "1"}) == "None"
    assert passed_by_systemd() is None


def test_what_is_no_listening_packet_socket_is_refused() -> None:
    assert "takes one" in passed(SHOW, {"LISTEN_FDS": "2"})
    assert "ListenSequentialPacket" in passed(SHOW, {"LISTEN_FDS": "1"}, socket.SOCK_STREAM)
    assert "ServiceError" in passed(SHOW, {"LISTEN_FDS": "1"}, socket.SOCK_DGRAM)
