"""Nothing that is trusted ends, or begins, by the clock: carts start in 1970."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from attacks.device import PRODUCT, make_device, row
from sonoedge.errors import TrustError

USE = """
import sys, time
from pathlib import Path
from attacks.device import Device
from sonoedge.errors import SonoedgeError
device = Device(Path(sys.argv[1]))
try:
    came = str(len(device.use().vouched.keys))
except SonoedgeError as error:
    came = error.token
print(time.gmtime().tm_year, came)
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs gcc and Linux, to set a clock for one process")
    library = tmp_path_factory.mktemp("clock") / "clock.so"
    source = Path(__file__).with_name("clock.c")
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"]
    subprocess.run(command, check=True)
    return library


@pytest.mark.parametrize(("year", "seconds"), [(1970, 0), (2100, 4_102_444_800)])
def test_a_bundle_a_keyring_and_a_grant_hold_whatever_the_year(
    tmp_path: Path, clock: Path, year: int, seconds: int
) -> None:
    device = make_device(tmp_path / "d")
    device.keyring(2, root=[row("root-a")], floors={PRODUCT: 2})
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "LD_PRELOAD": str(clock),
        "CLOCK_S": str(seconds),
    }

    def used() -> str:
        words = [sys.executable, "-c", USE, str(device.place)]
        return subprocess.run(
            words, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    assert used() == f"{year} ROLLBACK_REFUSED"
    device.grant(1)
    assert used() == f"{year} 1"
    device.keyring(3, root=[row("root-a")], revoked=[row("release-a")["keyid"]],
                   release=[row("release-a"), row("release-b")])  # fmt: skip
    assert used() == f"{year} KEY_REVOKED"


def test_no_module_of_trust_or_bundles_reads_a_clock(repository: Path) -> None:
    sources = [
        path
        for part in ("trust", "bundle")
        for path in (repository / "sdk/sonoedge" / part).glob("*.py")
    ]
    assert len(sources) > 25
    clocks = ("import time", "from time", "datetime", "time_ns", "st_mtime")
    assert [p.name for p in sources if any(word in p.read_text() for word in clocks)] == []


def test_an_end_by_the_clock_is_no_key_of_a_keyring(tmp_path: Path) -> None:
    device = make_device(tmp_path / "d")
    device.keyring(expires="2030-01-01T00:00:00Z")
    with pytest.raises(TrustError, match="expires is unknown"):
        device.use()
