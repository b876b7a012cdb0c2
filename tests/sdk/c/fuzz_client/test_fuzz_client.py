"""libFuzzer at what the C client reads: `make fuzz-client` goes on for longer."""

from __future__ import annotations

import os
import re
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from c_build import build_client
from sonoedge.service.protocol import REGION
from stand_in_service import LABEL, result, state, welcome

SECONDS = int(os.environ.get("SONOEDGE_FUZZ_CLIENT_SECONDS", "0"))
RUNS = 20_000  # where no time is set
OPTIONS = ("-g", "-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all")

REGION_BYTES = REGION.struct.pack(1, 2, 30, 40, 7, 64.0, 1.0, 2.0, 3.0, 0.7, 3, 15)
FULL = result(
    struct.pack("<2d", 0.25, 0.75)
    + REGION_BYTES
    + struct.pack("<2d", 0.5, 0.5)
    + struct.pack("<6h", 1, 2, 30, 2, 30, 40),
    flags=63,
    regions=1,
    labels=2,
    region_labels=2,
)
REFUSED = result(struct.pack("<2H", 8, 19) + b"late", flags=0, reasons=2, detail_bytes=4)
STATE = state(
    b"PAUSED" + b"tiny" + b"onnxruntime" + b"fp32" + b"ort-fp32",
    reasons_bytes=6,
    bundle_bytes=4,
    runtime_bytes=11,
    precision_bytes=4,
    variant_bytes=8,
)
PARSERS = (b"\0" + welcome(2 * LABEL, labels=2), b"\1" + FULL, b"\1" + REFUSED, b"\2" + STATE)


def row(*messages: bytes) -> bytes:
    """A conversation as conversation.c reads it; b"" is a frame of the host."""
    return b"".join(struct.pack("<H", len(each)) + each for each in messages)


def answer(seq: int, number: int) -> bytes:
    return result(seq=seq, frame_id=seq, number=number)


CONVERSATIONS = (
    row(welcome(), state(), b"", answer(1, 2), b"", b"", answer(3, 3)),
    row(welcome(), b"", b"", b"", state(number=1), b"", b"", b"", answer(2, 2)),
    row(welcome(version=2)),
    row(welcome(), b"", b"\x68\0\0\0\x0e\0\0\0\3\0\0\0end"),
)


@pytest.fixture(scope="module", autouse=True)
def lib_fuzzer(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skip where clang has none."""
    if shutil.which("clang") is None:
        pytest.skip("needs clang")
    empty = tmp_path_factory.mktemp("fuzzer") / "empty.c"
    empty.write_text("int LLVMFuzzerTestOneInput(const char *d, long n) { return !d && n; }\n")
    command = ["clang", "-fsanitize=fuzzer", empty, "-o", empty.with_suffix("")]
    if subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("needs clang with libFuzzer")


@pytest.mark.req("R71")
@pytest.mark.parametrize(
    ("driver", "seeds"), [("parsers", PARSERS), ("conversation", CONVERSATIONS)]
)
def test_nothing_that_a_service_says_breaks_the_client(
    driver: str, seeds: Sequence[bytes], tmp_path: Path
) -> None:
    source = Path(__file__).parent / f"{driver}.c"
    program = build_client(tmp_path / driver, source, *OPTIONS, compiler="clang")
    corpus, finds = tmp_path / "corpus", tmp_path / "finds"
    corpus.mkdir()
    finds.mkdir()
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed)
    length = f"-max_total_time={SECONDS}" if SECONDS else f"-runs={RUNS}"
    done = subprocess.run(
        [program, corpus, length, "-seed=7", "-max_len=8192", f"-artifact_prefix={finds}/"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    ran = re.search(r"Done (\d+) runs in (\d+) second", done.stderr)
    assert ran is not None
    assert SECONDS or int(ran[1]) >= RUNS
    print(f"{driver}: {ran[0]}")
