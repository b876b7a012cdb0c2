"""A cluster of real processes on this machine: a scheduler, and workers under nannies."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_MAIN = "import sys; from distributed.cli.{0} import main; sys.argv[0] = '{0}'; main()"
_START_S = 60.0


@dataclass(frozen=True)
class LocalCluster:
    """Its scheduler's address, and the processes."""

    address: str
    scheduler: subprocess.Popen[bytes]
    nannies: tuple[subprocess.Popen[bytes], ...]

    def worker_pid(self, number: int) -> int | None:
        """The worker that a nanny watches over; None while it has none."""
        for child in psutil.Process(self.nannies[number].pid).children():
            if any("spawn_main" in word for word in child.cmdline()):
                return child.pid
        return None

    def item_pids(self) -> list[int]:
        """The processes that analyse items."""
        return [
            process.pid
            for nanny in self.nannies
            if nanny.poll() is None
            for process in psutil.Process(nanny.pid).children(recursive=True)
            if any("archive.child:main" in word for word in process.cmdline())
        ]


@contextmanager
def local_cluster(
    place: Path,
    *,
    workers: int = 2,
    tls: Path | None = None,
    environment: dict[str, str] | None = None,
) -> Iterator[LocalCluster]:
    """Start it, and end every process of it, with their children."""
    path = os.pathsep.join(p for p in sys.path if p)
    settings = os.environ | {
        "PYTHONPATH": path,
        "OMP_NUM_THREADS": "1",
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "20",
    }
    secure = []
    if tls is not None:
        secure = [f"--tls-ca-file={tls / 'ca.pem'}", f"--tls-cert={tls / 'cert.pem'}"]
        secure.append(f"--tls-key={tls / 'key.pem'}")
    scheme = "tcp" if tls is None else "tls"
    file = place / "scheduler.json"
    file.unlink(missing_ok=True)

    def start(name: str, *words: str, **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", _MAIN.format(name), *words, *secure],
            env=settings | more,
            cwd=place,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    processes = [
        start(
            *("dask_scheduler", "--host", f"{scheme}://127.0.0.1", "--port", "0"),
            *("--scheduler-file", str(file), "--no-dashboard"),
        )
    ]
    try:
        end_s = time.monotonic() + _START_S
        while not file.exists() or not file.read_bytes().endswith(b"}"):
            assert time.monotonic() < end_s, "the scheduler does not start"
            time.sleep(0.1)
        address = json.loads(file.read_text())["address"]
        for _ in range(workers):
            processes.append(
                start(
                    *("dask_worker", address, "--nthreads", "1", "--memory-limit", "3GB"),
                    *("--no-dashboard", "--host", "127.0.0.1", "--death-timeout", "20"),
                    **(environment or {}),
                )
            )
        yield LocalCluster(address, processes[0], tuple(processes[1:]))
    finally:
        family = []
        for process in processes:
            if process.poll() is None:
                family += psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
        for member in family:
            try:
                member.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=10)


def write_certificates(folder: Path) -> Path:
    """ca.pem, cert.pem and key.pem of an authority of its own."""
    folder.mkdir(parents=True)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{folder.name}-{role}")])
        for role in ("authority", "member")
    ]
    now = datetime.datetime.now(datetime.timezone.utc)
    signed = []
    for number in range(2):
        builder = (
            x509.CertificateBuilder()
            .subject_name(names[number])
            .issuer_name(names[0])
            .public_key(keys[number].public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=number == 0, path_length=None), critical=True)
        )
        signed.append(builder.sign(keys[0], hashes.SHA256()))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(signed[0].public_bytes(pem))
    (folder / "cert.pem").write_bytes(signed[1].public_bytes(pem))
    (folder / "key.pem").write_bytes(
        keys[1].private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder
