"""Shared by all tests: where the data is."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import hypothesis
import pytest

from c_build import GCC
from effort import EMULATED
from once import share_folder

REPOSITORY = Path(__file__).resolve().parent.parent
FAKE_GPU = Path(__file__).resolve().parent / "fake_gpu"

# Files and folders whose tests export, build engines, start many processes or build the site;
# `make test-fast` leaves them out. Measured by processor time: the rest together is the loop.
SLOW = (
    "bench/document/test_files.py",
    "bench/modes/test_live.py",
    "bench/modes/test_soak.py",
    "bench/peers",
    "bench/reliability",
    "bench/test_cli.py",
    "bench/test_docs.py",
    "docs/test_c_programs.py",
    "docs/test_install.py",
    "docs/test_native_library_page.py",
    "docs/test_sbom_guide.py",
    "docs/test_site.py",
    "examples",
    "export/candidates",
    "export/gates/test_judge.py",
    "export/graph",
    "export/heads/test_build.py",
    "export/lint/test_parser.py",
    "export/prune",
    "export/quantize",
    "export/test_inputs.py",
    "export/test_pipeline.py",
    "export/test_verify.py",
    "export/test_verify_gates.py",
    "export/verbs",
    "faults",
    "fuzz/test_fuzz.py",
    "hostile/test_canary.py",
    "house/test_telemetry.py",
    "runtimes/trt_build",
    "sdk/archive/test_cluster.py",
    "sdk/archive/test_run.py",
    "sdk/audit/test_log.py",
    "sdk/audit/test_session_records.py",
    "sdk/c/core",
    "sdk/c/fuzz_client",
    "sdk/c/test_hostile_service.py",
    "sdk/c/test_package.py",
    "sdk/engines/test_stored.py",
    "sdk/provision/test_provision_gpu.py",
    "sdk/recording/test_recorder.py",
    "sdk/recording/test_replay.py",
    "sdk/session/shadow/test_candidate.py",
    "sdk/session/test_conservation.py",
    "sdk/session/test_live.py",
    "sdk/session/test_opening.py",
    "sdk/session/test_switch_call.py",
    "sdk/session/worker/test_process.py",
    "sdk/store/health/test_self_test.py",
    "sdk/view/test_layout.py",
    "studies",
)

# Shells start what runs in the background with Ctrl-C ignored, and its children inherit that:
# what the tests interrupt would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


# Many processes are started: none compiles the package's sources anew, whatever the shell says.
# Under emulation another Python's compiled files would come to lie beside ours.
if not EMULATED:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False

# The cores are shared out among processes: OpenMP's threads in one would spin for the other's core.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# Another processor's instructions take ten times as long (`make emulate`).
hypothesis.settings.register_profile("emulated", deadline=None, max_examples=10)
if EMULATED:
    hypothesis.settings.load_profile("emulated")


def pytest_configure() -> None:
    """Before any worker of pytest-xdist is started: all of them share the folder."""
    share_folder()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, and let them come first."""
    listed = {Path(__file__).parent / name for name in SLOW}
    slow = [item for item in items if not listed.isdisjoint((item.path, *item.path.parents))]
    for item in slow:
        item.add_marker(pytest.mark.slow)
    kept = {id(item) for item in slow}
    items[:] = slow + [item for item in items if id(item) not in kept]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The repository's root."""
    return REPOSITORY


@pytest.fixture(scope="session")
def development_data() -> Path:
    """The folder of development data, which is not part of the repository."""
    folder = Path(os.environ.get("SONOEDGE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("development data is absent; set SONOEDGE_DATA to its folder")
    return folder


@pytest.fixture(scope="session")
def fake_libraries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with stand-ins for libcuda and libcudart, under the names programs load."""
    compiler = shutil.which(GCC)
    if compiler is None:
        pytest.skip("needs gcc, which compiles the stand-ins for CUDA's libraries")
    folder = tmp_path_factory.mktemp("fake_gpu")
    for library, source in {"libcudart.so.12": "cudart.c", "libcuda.so.1": "libcuda.c"}.items():
        subprocess.run(
            # No soname: once loaded, they must not answer to the real libraries' names.
            [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra"]
            + ["-o", str(folder / library), str(FAKE_GPU / source)],
            check=True,
        )
    (folder / "libcudart.so.13").symlink_to("libcudart.so.12")  # in place of a real one
    return folder


@pytest.fixture(scope="session")
def fake_environment(fake_libraries: Path) -> dict[str, str]:
    """The environment of a process that finds the stand-ins as it would find the real ones."""
    path = os.pathsep.join([str(FAKE_GPU), *(p for p in sys.path if p)])
    return os.environ | {"LD_LIBRARY_PATH": str(fake_libraries), "PYTHONPATH": path}
