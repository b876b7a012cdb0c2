from __future__ import annotations

import gc
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pynetdicom", reason="needs the extra send")

from archives import STORESCP, free_port, orthanc, running, storescp
from dicom_samples import discs, write_dicom
from sonoedge import cli

# pynetdicom leaves a socket to the garbage collector where a connection fails.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def leaks_end_here() -> Iterator[None]:
    yield
    gc.collect()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    write_dicom(tmp_path / "out" / "a.dcm", discs(1), PatientName="Secret^Name")
    return tmp_path / "out"


def send(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.main(["send", *map(str, words)])
    done = capsys.readouterr()
    return code, done.out, done.err


@pytest.mark.req("R57")
def test_each_instance_has_its_line_and_all_stored_is_code_0(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with orthanc(tmp_path) as archive:
        to = send(capsys, folder, "--to", f"ORTHANC@127.0.0.1:{archive.dicom}")
        stow = send(capsys, folder, "--stow", archive.url)
    assert to[0] == stow[0] == 0
    assert to[1] == stow[1]
    assert to[1].startswith("a.dcm  stored  ")
    assert "Secret" not in "".join(map(str, (*to, *stow)))


@pytest.mark.req("R57")
def test_what_is_not_stored_is_code_7(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with storescp(tmp_path, "--refuse") as port:
        code, out, err = send(capsys, folder, "--to", f"A@127.0.0.1:{port}")
    assert code == 7
    assert "a.dcm  refused: the association was rejected" in out
    assert "NOT_DELIVERED: 1 of 1 instances are not known to be stored" in err
    assert send(capsys, folder, "--to", f"A@127.0.0.1:{free_port()}")[0] == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--to AE@HOST:PORT, or --stow URL"),
        (("--to", "A@h:1", "--stow", "http://h/"), "--to AE@HOST:PORT, or --stow URL"),
        (("--to", "nobody"), "--to is 'nobody'"),
        (("--to", "A@h:1", "--timeout", "0"), "--timeout"),
        (("--to", "A@h:1", "--timeout", "nan"), "--timeout"),
        (("--to", "A@h:1", "--calling", "A" * 17), "--calling"),
        (("--to", "A@h:1", "--ca", "x.pem"), "--ca goes with --tls"),
        (("--to", "A@h:1", "--authorization", "x"), "--authorization goes with --stow"),
        (("--to", "A@h:1", "--tls", "--ca", "absent.pem"), "holds no certificates"),
        (("--stow", "http://h/", "--tls"), "https"),
        (("--stow", "https://h/", "--authorization", "absent"), "must hold one line"),
    ],
)
def test_arguments_that_make_no_sense_send_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    code, out, err = send(capsys, folder, *words)
    assert (code, out) == (2, "")
    assert said in err


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate of localhost, in PEM form."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    key, pem = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", key, "-out", pem),
        ],
        check=True,
        capture_output=True,
    )
    return key, pem


@pytest.mark.req("R57")
def test_a_dicom_connection_is_secured_and_the_peer_is_checked(
    folder: Path,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    if not STORESCP.exists():
        pytest.skip("needs storescp (Debian: dcmtk)")
    key, pem = certificate
    port = free_port()
    words = [
        str(STORESCP),
        "-od",
        str(tmp_path),
        "+xa",
        "+tls",
        str(key),
        str(pem),
        "-ic",
        str(port),
    ]
    with running(words, tmp_path, port):
        peer = f"A@localhost:{port}"
        trusted = send(capsys, folder, "--to", peer, "--tls", "--ca", pem)
        unknown = send(capsys, folder, "--to", peer, "--tls")
        clear = send(capsys, folder, "--to", peer, "--timeout", "2")
    assert (trusted[0], unknown[0], clear[0]) == (0, 7, 7), (trusted, unknown, clear)


@pytest.mark.req("R57")
def test_a_web_service_is_checked_and_its_secret_is_never_printed(
    folder: Path,
    tmp_path: Path,
    certificate: tuple[Path, Path],
    capsys: pytest.CaptureFixture[str],
) -> None:
    key, pem = certificate
    seen: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.headers["Authorization"])
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    (tmp_path / "secret").write_text("Bearer Xyz123\n")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"https://localhost:{server.server_port}/dicom-web"
        secret = ("--authorization", tmp_path / "secret")
        refused = send(capsys, folder, "--stow", url, "--ca", pem, *secret)
        unknown = send(capsys, folder, "--stow", url, *secret)
        server.shutdown()
        thread.join()
    assert seen == ["Bearer Xyz123"]
    assert "refused: HTTP 401" in refused[1]
    assert "no answer: TLS: CERTIFICATE_VERIFY_FAILED" in unknown[1]
    assert "Xyz123" not in "".join(map(str, (*refused, *unknown)))
