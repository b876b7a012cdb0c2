from __future__ import annotations

import base64
import json
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.errors import InvalidSettings, OutputError, TrustError
from sonoedge.trust.envelope import pre_authentication_encoding, seal
from sonoedge.trust.signing import (
    CommandSigner,
    FileSigner,
    generate_key_pair,
    public_path,
    read_private_key,
    read_public_key,
)

KIND = "application/vnd.example.v1+json"
Signers = Callable[[str], FileSigner]


def test_a_new_pair_is_written_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "release.pem"
    made = generate_key_pair(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_private_key(path).public_key == made == read_public_key(public_path(path))
    with pytest.raises(OutputError, match="never overwritten"):
        generate_key_pair(path)


@pytest.mark.parametrize("text", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nAA\n-----END"])
def test_what_is_no_key_is_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "key.pem").write_bytes(text)
    with pytest.raises(InvalidSettings, match=r"key\.pem"):
        read_private_key(tmp_path / "key.pem")
    with pytest.raises(InvalidSettings, match=r"key\.pem"):
        read_public_key(tmp_path / "key.pem")


def test_a_key_of_another_kind_is_refused_by_name(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as pem
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

    key = generate_private_key(SECP256R1())
    (tmp_path / "ec.pem").write_bytes(
        key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, pem.NoEncryption())
    )
    with pytest.raises(InvalidSettings, match="not an Ed25519 key"):
        read_private_key(tmp_path / "ec.pem")


def test_openssl_alone_verifies_an_envelope(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    generate_key_pair(tmp_path / "release.pem")
    signer = read_private_key(tmp_path / "release.pem")
    payload = b'{"name": "breast"}\n'
    fields = json.loads(seal(KIND, payload, [signer.sign(KIND, payload)]))
    (tmp_path / "pae").write_bytes(
        pre_authentication_encoding(fields["payloadType"], base64.b64decode(fields["payload"]))
    )
    (tmp_path / "sig").write_bytes(base64.b64decode(fields["signatures"][0]["sig"]))
    words = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "release.pub.pem", "-rawin"]
    words += ["-in", "pae", "-sigfile", "sig"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Signature Verified Successfully" in done.stdout


def _command(tmp_path: Path, body: str) -> list[str]:
    (tmp_path / "hsm.py").write_text(
        "import sys\nfrom pathlib import Path\nmessage = sys.stdin.buffer.read()\n" + body
    )
    return [sys.executable, str(tmp_path / "hsm.py")]


def test_a_command_signs_what_it_is_given(tmp_path: Path) -> None:
    generate_key_pair(tmp_path / "key.pem")
    body = (
        "from cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        "key = load_pem_private_key((Path(__file__).parent / 'key.pem').read_bytes(), None)\n"
        "sys.stdout.buffer.write(key.sign(message))\n"
    )
    signer = CommandSigner(
        _command(tmp_path, body), read_public_key(public_path(tmp_path / "key.pem"))
    )
    signature = signer.sign(KIND, b"payload")
    assert signer.public_key.holds(signature.value, pre_authentication_encoding(KIND, b"payload"))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("sys.exit(3)", "exit code 3"),
        ("sys.stdout.write('short')", "5 bytes"),
        ("sys.stdout.buffer.write(bytes(64))", "another key"),
    ],
)
def test_a_command_that_does_not_sign_is_an_error(
    tmp_path: Path, signer: Signers, body: str, why: str
) -> None:
    with pytest.raises(TrustError, match=why):
        CommandSigner(_command(tmp_path, body), signer("a").public_key).sign(KIND, b"payload")


def test_a_command_that_is_not_there_is_an_error(signer: Signers) -> None:
    with pytest.raises(TrustError, match="cannot be run"):
        CommandSigner(["/absent/hsm"], signer("a").public_key).sign(KIND, b"payload")
