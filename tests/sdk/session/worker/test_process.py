"""The worker process from outside: what the host loads, what is left when one of them dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sonoedge
from sonoedge import EngineOptions, NotAnalysed, Reason, State
from sonoedge.bundle import read_bundle
from sonoedge.errors import Forked
from sonoedge.session.worker.process import ProcessWorker
from sonoedge.session.worker.setup import Setup
from sonoedge.session.worker.shared_memory import FrameMemory
from sonoedge.session.worker.wire import pack_text
from sonoedge_bench.reliability.drive import frame, wait_until
from sonoedge_bench.reliability.faulty_bundle import first_frame_call

if not hasattr(os, "memfd_create"):
    pytest.skip("a worker process needs Linux", allow_module_level=True)

Faulty = Callable[..., Path]

TEST_DOUBLES = EngineOptions(test_doubles=True)


def setup_of(bundle: Path) -> Setup:
    digest = read_bundle(bundle, test_doubles=True).manifest_sha256
    return Setup(bundle=str(bundle), manifest_sha256=digest, engine=TEST_DOUBLES)


HOST = """
import json, sys, time
import sonoedge
from sonoedge_bench.reliability.drive import frame
session = sonoedge.live(sys.argv[1], max_age_ms=60_000)
session.submit(frame())
assert session.drain(30)
print(json.dumps({
    "worker": session._supervisor._engine.pid,
    "analysed": session.status().counters.analysed,
    "modules": sorted(sys.modules),
    "children_env": sys.argv[1],
}), flush=True)
time.sleep(60)
"""


def host(bundle: Path) -> tuple[subprocess.Popen[str], dict[str, object]]:
    """A host process with a live session that has analysed a frame."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOST, str(bundle)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    assert process.stdout is not None
    return process, json.loads(process.stdout.readline())


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.req("R21")
def test_the_host_loads_no_engine_and_the_worker_dies_with_it_on_kill_9(tiny: Path) -> None:
    pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")
    process, said = host(tiny)
    worker = said["worker"]
    assert isinstance(worker, int)
    assert alive(worker)
    assert said["analysed"] == 1
    modules = said["modules"]
    assert isinstance(modules, list)
    assert {"onnxruntime", "openvino", "sonoedge_runtimes"} & set(modules) == set()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()
    assert wait_until(lambda: not alive(worker))


@pytest.mark.req("R24")
def test_no_code_of_live_use_knows_pickle(repository: Path) -> None:
    for file in (repository / "sdk" / "sonoedge" / "session").glob("*.py"):
        lines = [line for line in file.read_text().splitlines() if "import" in line]
        assert not any("pickle" in line or "multiprocessing" in line for line in lines)


def test_a_fork_of_the_host_is_refused_and_harms_nothing(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=60_000, engine=TEST_DOUBLES) as session:
        session.submit(frame())
        assert session.drain(30)
        readable, writable = os.pipe()
        pid = os.fork() if sys.version_info < (3, 12) else _quiet_fork()
        if pid == 0:
            refused = 0
            for call in (
                lambda: session.submit(frame()),
                session.latest,
                session.status,
                session.pause,
                session.resume,
                session.drain,
            ):
                try:
                    call()
                except Forked:
                    refused += 1
            session.close()
            os.write(writable, bytes([refused]))
            os._exit(0)
        os.waitpid(pid, 0)
        assert os.read(readable, 1) == bytes([6])
        os.close(readable)
        os.close(writable)
        session.submit(frame(1))
        assert session.drain(30)
        assert session.status().counters.analysed == 2
        assert session.status().state is State.READY


def _quiet_fork() -> int:
    import warnings

    with warnings.catch_warnings():  # 3.12 warns of forking with threads: that is the test
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


@pytest.mark.req("R21")
def test_closing_leaves_no_process_no_thread_and_no_descriptor(faulty: Faulty) -> None:
    import gc
    import threading

    bundle = faulty()

    def once() -> int:
        with sonoedge.live(
            bundle,
            lambda analysis: None,
            max_age_ms=60_000,
            engine=TEST_DOUBLES,
        ) as session:
            session.submit(frame())
            assert session.drain(30)
            engine = session._supervisor._engine
            assert isinstance(engine, ProcessWorker)
            return engine.pid

    def left() -> tuple[int, int]:
        return len(os.listdir("/proc/self/fd")), threading.active_count()  # noqa: PTH208

    gc.disable()  # what a session leaves to it, a host without it never gets back
    try:
        once()
        before = left()
        workers = [once() for _ in range(5)]
    finally:
        gc.enable()
    assert not any(alive(pid) for pid in workers)
    # A thread of an earlier test may still be ending here: at rest there is no more than before.
    assert wait_until(lambda: all(now <= then for now, then in zip(left(), before, strict=True)))


def test_the_worker_ignores_ctrl_c_and_writes_no_core_file(faulty: Faulty) -> None:
    with sonoedge.live(faulty(), max_age_ms=60_000, engine=TEST_DOUBLES) as session:
        engine = session._supervisor._engine
        assert isinstance(engine, ProcessWorker)
        os.kill(engine.pid, signal.SIGINT)
        session.submit(frame())
        assert session.drain(30)
        assert session.status().counters.analysed == 1
        limits = Path(f"/proc/{engine.pid}/limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        assert core.split()[4:6] == ["0", "0"]


@pytest.mark.req("R21")
def test_a_worker_whose_host_died_before_it_began_ends_itself(faulty: Faulty) -> None:
    from sonoedge.child_process import BOOT

    done = subprocess.run(
        [sys.executable, "-c", BOOT, "1", "sonoedge.session.worker.main:main", "0", "0"],
        timeout=60,
        capture_output=True,
    )
    assert done.returncode == 1
    assert done.stderr == b""


def test_a_worker_that_answers_nonsense_counts_as_dead(faulty: Faulty) -> None:
    from sonoedge.session.engine import EngineDied

    memory = FrameMemory()
    engine = ProcessWorker(setup_of(faulty()), memory)
    assert wait_until(lambda: engine.collect())
    with pytest.raises(EngineDied, match="makes no sense"):
        engine._answers([({"is": "analysed"}, b"xyz")])
    deep = b"[" * 100_000 + b"]" * 100_000
    with pytest.raises(EngineDied, match="makes no sense"):
        engine._feed(pack_text(deep, b""))
    engine.kill()
    assert wait_until(engine.has_ended)
    memory.close()


def test_a_missed_deadline_says_how_long_the_worker_waited_for_a_processor(
    faulty: Faulty, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts = iter(range(0, 10**6, 300))
    monkeypatch.setattr(
        "sonoedge.session.worker.process.cpu_wait_ms", lambda pid: {"9": float(next(accounts))}
    )
    bundle = faulty({"kind": "hang", "call": first_frame_call(tiny)})
    with sonoedge.live(bundle, max_age_ms=60_000, deadline_ms=300, engine=TEST_DOUBLES) as session:
        session.submit(frame())
        assert session.drain(30)
        late = session.latest()
    assert isinstance(late, NotAnalysed)
    assert late.reasons == (Reason.DEADLINE_MISSED,)
    assert "waited 300 ms for a processor" in late.detail


def test_an_engine_that_sleeps_through_its_deadline_has_not_waited(
    faulty: Faulty, tiny: Path
) -> None:
    with sonoedge.live(
        faulty({"kind": "hang", "call": first_frame_call(tiny)}),
        max_age_ms=60_000,
        deadline_ms=100,
        engine=TEST_DOUBLES,
    ) as session:
        session.submit(frame())
        assert session.drain(30)
        late = session.latest()
    assert isinstance(late, NotAnalysed)
    assert late.detail.startswith("no answer within its deadline")


CLOSED_STANDARD = """
import os, sys
answer = os.dup(1)
os.set_inheritable(answer, False)
for fd in map(int, sys.argv[2].split(",")):
    os.close(fd)
import sonoedge
from sonoedge_bench.reliability.drive import frame
try:
    with sonoedge.live(sys.argv[1], max_age_ms=60_000) as session:
        session.submit(frame())
        session.drain(30)
        os.write(answer, str(session.status().counters.analysed).encode())
except BaseException as error:
    os.write(answer, repr(error).encode())
os._exit(0)
"""


@pytest.mark.parametrize("closed", ["0", "1", "0,1", "0,1,2"])
def test_a_host_whose_standard_streams_are_closed_has_its_session(tiny: Path, closed: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLOSED_STANDARD, str(tiny), closed],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        timeout=120,
    )
    assert done.stdout == "1"
