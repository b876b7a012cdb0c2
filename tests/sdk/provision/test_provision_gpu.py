"""The whole way to an engine and back, with stand-ins for the GPU and TensorRT.

Each step runs in a process of its own that finds the stand-ins as it would find the real
libraries; no GPU computes anything here.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from sonoedge.bundle.identity import manifest_text

pytest.importorskip("onnxruntime", reason="the stand-in for TensorRT computes with it")

OPEN = """
import sys, sonoedge
try:
    with sonoedge.open(sys.argv[1], sonoedge.EngineOptions(runtime=sys.argv[2])) as analyser:
        o = analyser.origin
        print(o.variant, o.runtime, o.engine_sha256, analyser.choice, sep="|")
except sonoedge.SonoedgeError as error:
    print(error.token, getattr(error, "command", ""), error, sep="|")
"""
LIVE = """
import sys, time, numpy as np, sonoedge
outcomes = []
note = lambda a: outcomes.append("ok" if isinstance(a, sonoedge.Analysed) else a.detail)
rng = np.random.default_rng(0)
engine = sonoedge.EngineOptions(runtime="tensorrt")
with sonoedge.live(sys.argv[1], note, engine=engine, max_age_ms=1e6) as session:
    until, lost = time.monotonic() + 60, False
    while time.monotonic() < until and not (lost and outcomes[-1] == "ok"):
        pixels = rng.integers(60, 200, (120, 160), dtype=np.uint8)
        session.submit(sonoedge.Frame(pixels=pixels))
        time.sleep(0.02)
        lost = lost or any("illegal memory access" in outcome for outcome in outcomes)
ill = ["illegal memory access" in outcome for outcome in outcomes]
print(lost, outcomes[0], outcomes[-1], any(map(bool.__and__, ill, ill[1:])))
"""
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(fake_environment: dict[str, str]) -> Run:
    """Run Python with the stand-ins; words in capitals go into the environment."""

    def python(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words],
            env=fake_environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return python


@pytest.fixture
def provision(run: Run) -> Run:
    def provision(bundle: Path, *words: str, **environment: str) -> object:
        rest = words or ("--runtime", "tensorrt")
        return run(
            "-m", "sonoedge", "provision", str(bundle), "--rounds", "1", *rest, **environment
        )

    return provision  # type: ignore[return-value]


@pytest.fixture
def opened(run: Run) -> Callable[..., list[str]]:
    def opened(bundle: Path, runtime: str, **environment: str) -> list[str]:
        done = run("-c", OPEN, str(bundle), runtime, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip().split("|")

    return opened  # type: ignore[return-value]


def store(bundle: Path) -> Path:
    return bundle.with_name("bundle.provision")


def engine_of(bundle: Path) -> Path:
    (engine,) = (store(bundle) / "engines").glob("*.engine")
    return engine


@pytest.mark.req("R29")
def test_an_engine_is_built_checked_timed_and_opened(
    bundle: Path, provision: Run, opened: Callable[..., list[str]], tmp_path: Path
) -> None:
    seen = tmp_path / "cuda.txt"
    done = provision(bundle, FAKE_CUDA_REPORT=str(seen))
    assert done.returncode == 0, done.stderr
    assert "tensorrt-fp16 on tensorrt: build" in done.stderr  # visible progress and time
    assert "auto takes" in done.stdout
    live, calls = seen.read_text().splitlines()
    assert live == "0"  # everything that was taken from the GPU was given back
    assert "cudaGraphLaunch" in calls
    sidecar = json.loads(engine_of(bundle).with_suffix(".json").read_text())
    assert sidecar["fingerprint"] == {
        "gpu": "Fake Orin",
        "compute_capability": "8.7",
        "driver": sidecar["fingerprint"]["driver"],
        "driver_cuda": "12.6",
        "cuda_runtime": "12.6",
        "tensorrt": "tensorrt 10.3.0",
    }
    manifest = json.loads((bundle / "manifest.json").read_text())
    assert sidecar["graph_digest"] == manifest["files"]["graphs/fp32.onnx"]
    assert sidecar["check"]["dice"] == 1.0
    assert sidecar["timing"]["calls"] == 5
    assert sidecar["build"]["engine_bytes"] == engine_of(bundle).stat().st_size
    assert sidecar["kernels"] is None  # native TensorRT compiles when it builds
    log = engine_of(bundle).with_suffix(".log")
    assert sidecar["log"] == log.name
    assert sidecar["log_digest"]["sha256"] == hashlib.sha256(log.read_bytes()).hexdigest()
    assert log.read_text().startswith("[VERBOSE] ")
    variant, runtime, sha256, choice = opened(bundle, "tensorrt")
    assert (variant, runtime) == ("tensorrt-fp16", "tensorrt")
    assert sha256 == sidecar["digest"]["sha256"]
    assert "on this machine" in choice


def test_tensorrt_rtx_takes_the_same_graph(
    provisioned: Path, provision: Run, opened: Callable[..., list[str]]
) -> None:
    done = provision(provisioned, "--runtime", "tensorrt-rtx", FAKE_GPU_MINOR="6")
    assert done.returncode == 0, done.stderr
    assert len(list((store(provisioned) / "engines").glob("*.engine"))) == 2
    assert opened(provisioned, "tensorrt-rtx", FAKE_GPU_MINOR="6")[:2] == [
        "tensorrt-fp16",
        "tensorrt-rtx",
    ]
    assert opened(provisioned, "tensorrt")[:2] == ["tensorrt-fp16", "tensorrt"]


def test_all_takes_both_kinds_of_tensorrt_where_the_gpu_and_both_are_there(
    bundle: Path, provision: Run, fake_environment: dict[str, str], tmp_path: Path
) -> None:
    known = tmp_path / "site" / "tensorrt_rtx-1.7.1.116.dist-info"
    known.mkdir(parents=True)
    (known / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: tensorrt-rtx\nVersion: 1.7.1.116\n"
    )
    path = {"PYTHONPATH": f"{known.parent}:{fake_environment['PYTHONPATH']}"}
    for minor, wanted in (("6", {"tensorrt", "tensorrt-rtx"}), ("7", {"tensorrt"})):
        done = provision(bundle, "--runtime", "all", FAKE_GPU_MINOR=minor, **path)
        assert done.returncode == 0, done.stderr
        results = json.loads((store(bundle) / "provision.json").read_text())["results"]
        passed = {r["runtime"] for r in results if r["variant"] == "tensorrt-fp16"}
        assert passed == wanted, minor
        assert all(r["status"] == "passed" for r in results)
        shutil.rmtree(store(bundle))


def test_kernels_that_tensorrt_rtx_compiled_lie_beside_its_engine_and_are_taken_back(
    bundle: Path, provision: Run, opened: Callable[..., list[str]], run: Run
) -> None:
    ampere = {"FAKE_GPU_MINOR": "6"}
    assert provision(bundle, "--runtime", "tensorrt-rtx", **ampere).returncode == 0
    sidecar = json.loads(engine_of(bundle).with_suffix(".json").read_text())
    kernels = engine_of(bundle).with_suffix(".kernels")
    assert sidecar["kernels"] == kernels.name
    assert sidecar["kernels_digest"]["bytes"] == kernels.stat().st_size > 0
    count = "import tensorrt_rtx; print(len(tensorrt_rtx._compiled))"
    done = run("-c", f"{OPEN}\n{count}", str(bundle), "tensorrt-rtx", **ampere)
    assert done.stdout.split()[-1] == "0", done.stderr
    anew = ampere | {"FAKE_TENSORRT_KERNELS": "other"}  # TensorRT does not take them: said, no more
    done = run("-c", f"{OPEN}\n{count}", str(bundle), "tensorrt-rtx", **anew)
    assert done.stdout.split()[-1] == "1"
    assert "compiled again in each process" in done.stderr
    kernels.write_bytes(b"x" * kernels.stat().st_size)
    token, _, message = opened(bundle, "tensorrt-rtx", **ampere)
    assert token == "ENGINE_MISMATCH"
    assert "SHA-256 of its kernels" in message


def meant_in_int8(bundle: Path, *nodes: str) -> None:
    """As export writes it for an int8 graph."""
    file = bundle / "manifest.json"
    data = json.loads(file.read_text())
    data["lineage"]["quantized"] = {"tensorrt-fp16": {"int8_nodes": nodes}}
    file.write_text(manifest_text(data))


def layers(**precision: str) -> str:
    """As TensorRT lists the layers that it has compiled."""
    return "Engine Layer Information:\n" + "\n".join(
        f"Layer(CaskConvolution): {name} + relu, Tactic: 0x1, "
        f"x[{kind}(1,8,4,4)] -> y[Half(1,8,4,4)]"
        for name, kind in precision.items()
    )


def test_what_was_meant_in_int8_and_is_not_refuses_the_engine(bundle: Path, provision: Run) -> None:
    meant_in_int8(bundle, "a", "b", "c")
    said = layers(a="Int8", b="Half", c="Float")
    report = bundle.with_name("report.json")
    words = ("--runtime", "tensorrt", "--report", str(report))
    done = provision(bundle, *words, FAKE_TENSORRT_LAYERS=said)
    assert done.returncode == 5
    assert "2 of 3 layers meant in int8 were compiled in float: b, c" in done.stderr
    assert "--accept-float" in done.stderr
    (task,) = json.loads(report.read_text())["tasks"]  # what was refused is evidence as well
    assert task["int8"] == {"meant": 3, "in_float": ["b", "c"], "unlisted": []}
    assert [layer["precision"] for layer in task["build"]["layers"]] == ["int8", "half", "float"]
    assert "were compiled in float" in task["why"]
    assert not (store(bundle) / "provision.json").exists()
    done = provision(bundle, "--runtime", "tensorrt", "--accept-float", FAKE_TENSORRT_LAYERS=said)
    assert done.returncode == 0, done.stderr
    sidecar = json.loads(engine_of(bundle).with_suffix(".json").read_text())
    assert "compiled in float: b, c" in sidecar["notes"][0]
    assert sidecar["build"]["by_precision"] == {"int8": 1, "half": 1, "float": 1}


def test_what_is_in_int8_as_meant_needs_no_word(bundle: Path, provision: Run) -> None:
    meant_in_int8(bundle, "a", "b")
    done = provision(bundle, FAKE_TENSORRT_LAYERS=layers(a="Int8", b="Int8"))
    assert done.returncode == 0, done.stderr
    assert json.loads(engine_of(bundle).with_suffix(".json").read_text())["notes"] == []


def test_a_builder_that_lists_no_layers_is_noted_and_not_taken_for_float(
    bundle: Path, provision: Run
) -> None:
    meant_in_int8(bundle, *"abcdefg")
    assert provision(bundle).returncode == 0
    (note,) = json.loads(engine_of(bundle).with_suffix(".json").read_text())["notes"]
    assert "does not tell the precision of 7 of 7" in note
    assert note.endswith("a, b, c, d, e, and 2 more")


def test_two_at_once_do_not_disturb_each_other(provisioned: Path, provision: Run) -> None:
    before = sorted(p.name for p in (store(provisioned) / "engines").iterdir())
    with (provisioned / "manifest.json").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = provision(provisioned, FAKE_TENSORRT_VERSION="10.7.0")
    assert done.returncode == 2
    assert "another sonoedge provision is at work" in done.stderr
    assert sorted(p.name for p in (store(provisioned) / "engines").iterdir()) == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_build_leaves_what_was_there_and_nothing_else(
    provisioned: Path,
    fake_environment: dict[str, str],
    opened: Callable[..., list[str]],
    number: int,
) -> None:
    before = {p: p.read_bytes() for p in store(provisioned).rglob("*") if p.is_file()}
    words = [sys.executable, "-m", "sonoedge", "provision", str(provisioned)]
    slow = {"FAKE_TENSORRT_SECONDS": "600", "FAKE_TENSORRT_VERSION": "10.7.0"}
    with subprocess.Popen(
        [*words, "--runtime", "tensorrt"],
        env=fake_environment | slow,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "building engine: step" in line)
        assert line
        process.send_signal(number)
        process.communicate(timeout=60)
        assert process.returncode == 128 + number
    assert {p: p.read_bytes() for p in store(provisioned).rglob("*") if p.is_file()} == before
    assert opened(provisioned, "tensorrt")[0] == "tensorrt-fp16"


def test_what_a_killed_run_left_is_removed_by_the_next(provisioned: Path, provision: Run) -> None:
    engines = store(provisioned) / "engines"
    for name in ("tensorrt-fp16.tensorrt.0123.engine", ".tensorrt-fp16.tensorrt.0123.log.77"):
        (engines / name).write_bytes(b"half")
    (engines / "notes.txt").write_text("the user's own")
    assert provision(provisioned).returncode == 0
    names = {p.name for p in engines.iterdir()}
    assert not any("0123" in name for name in names)
    assert "notes.txt" in names
    assert len(names) == 4


def test_the_accelerator_for_deep_learning_is_refused_by_name(bundle: Path, provision: Run) -> None:
    for more in ((), ("--dry-run",)):
        done = provision(bundle, "--runtime", "tensorrt", "--device", "dla", *more)
        assert done.returncode == 4
        assert "RUNTIME_UNAVAILABLE: engines for the deep learning accelerator (DLA)" in done.stderr
    assert not store(bundle).exists()


@pytest.mark.req("R29")
@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"FAKE_GPU_NAME": "Fake Thor"}, ("gpu Fake Orin", "gpu Fake Thor")),
        ({"FAKE_GPU_MINOR": "9"}, ("compute_capability 8.7", "compute_capability 8.9")),
        ({"FAKE_TENSORRT_VERSION": "10.13.0"}, ("tensorrt 10.3.0", "tensorrt 10.13.0")),
        ({"FAKE_GPU_CUDA": "13020"}, ("driver_cuda 12.6", "driver_cuda 13.2")),
    ],
)
def test_another_gpu_or_version_is_a_mismatch_and_nothing_is_built_anew(
    provisioned: Path,
    opened: Callable[..., list[str]],
    environment: dict[str, str],
    says: tuple[str, str],
) -> None:
    before = engine_of(provisioned).stat().st_mtime_ns
    token, command, message = opened(provisioned, "tensorrt", **environment)
    assert token == "ENGINE_MISMATCH"
    assert command == f"sonoedge provision {provisioned} --runtime tensorrt"
    expected, _, found = message.partition("found")
    assert says[0] in expected
    assert says[1] in found
    assert message.endswith(command)
    assert engine_of(provisioned).stat().st_mtime_ns == before


def test_auto_passes_over_an_engine_of_another_gpu_and_says_so(
    provisioned: Path, opened: Callable[..., list[str]]
) -> None:
    variant, _, _, choice = opened(provisioned, "auto", FAKE_GPU_NAME="Fake Thor")
    assert variant == "onnxruntime-fp32"
    assert "not available: tensorrt-fp16" in choice
    assert "expected gpu Fake Orin, found gpu Fake Thor" in choice


def test_a_flipped_bit_and_a_missing_file_are_mismatches(
    provisioned: Path, opened: Callable[..., list[str]]
) -> None:
    engine = engine_of(provisioned)
    data = bytearray(engine.read_bytes())
    data[len(data) // 2] ^= 1
    engine.write_bytes(data)
    token, _, message = opened(provisioned, "tensorrt")
    assert token == "ENGINE_MISMATCH"
    assert "SHA-256" in message
    engine.unlink()
    assert opened(provisioned, "tensorrt")[0] == "ENGINE_MISMATCH"
    engine.with_suffix(".json").write_text("{}")
    token, _, message = opened(provisioned, "tensorrt")
    assert token == "ENGINE_MISMATCH"
    assert "sidecar" in message


@pytest.mark.parametrize("name", ["../../bundle/manifest.json", "", "/etc/hostname"])
def test_an_index_that_points_out_of_the_store_is_refused(
    provisioned: Path, opened: Callable[..., list[str]], name: str
) -> None:
    index = store(provisioned) / "provision.json"
    data = json.loads(index.read_text())
    data["results"][0]["engine"] = name
    index.write_text(json.dumps(data))
    assert opened(provisioned, "tensorrt")[0] == "ENGINE_MISMATCH"


@pytest.mark.req("R29")
def test_an_engine_that_answers_otherwise_is_not_kept(bundle: Path, provision: Run) -> None:
    done = provision(bundle, FAKE_TENSORRT_WRONG="1")
    assert done.returncode == 3
    assert "lesion_map is off by" in done.stderr
    assert not (store(bundle) / "provision.json").exists()


def test_a_build_that_fails_keeps_the_engine_of_before(
    provisioned: Path, provision: Run, opened: Callable[..., list[str]]
) -> None:
    done = provision(provisioned, FAKE_TENSORRT_REFUSES="1")
    assert done.returncode == 5
    assert "Could not find any implementation" in done.stderr
    assert opened(provisioned, "tensorrt")[0] == "tensorrt-fp16"


def test_a_gpu_that_records_no_graph_is_noted_in_the_sidecar(bundle: Path, provision: Run) -> None:
    done = provision(bundle, FAKE_CUDA_FAIL="cudaGraphInstantiate:0:801:0")
    assert done.returncode == 0, done.stderr
    (note,) = json.loads(engine_of(bundle).with_suffix(".json").read_text())["notes"]
    assert "does not record" in note


def test_a_context_that_is_lost_while_checking_ends_in_our_error(
    bundle: Path, provision: Run
) -> None:
    done = provision(bundle, FAKE_CUDA_FAIL="cudaStreamSynchronize:3:700:1")
    assert done.returncode == 5
    assert "ENGINE_LOST" in done.stderr
    assert "illegal memory access" in done.stderr


def test_an_engine_of_before_is_replaced_and_its_file_removed(
    provisioned: Path, provision: Run
) -> None:
    first = engine_of(provisioned).name
    assert provision(provisioned, FAKE_TENSORRT_VERSION="10.7.0").returncode == 0
    assert engine_of(provisioned).name != first


def test_a_dry_run_names_the_gpu_and_builds_nothing(bundle: Path, provision: Run) -> None:
    done = provision(bundle, "--runtime", "tensorrt", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "Fake Orin, compute capability 8.7, tensorrt 10.3.0, CUDA 12.6" in done.stdout
    assert "build 0.0 MB of graph for tensorrt" in done.stdout
    assert not store(bundle).exists()


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_a_machine_without_a_gpu_ends_in_our_error_that_says_so(
    bundle: Path, provision: Run, words: tuple[str, ...]
) -> None:
    done = provision(bundle, "--runtime", "tensorrt", *words, FAKE_GPU_COUNT="0")
    assert done.returncode == 4
    assert "sees no GPU" in done.stdout + done.stderr
    assert not store(bundle).exists()


def test_tensorrt_rtx_is_built_even_without_a_gpu_and_stops_where_it_must_run(
    bundle: Path, provision: Run
) -> None:
    done = provision(bundle, "--runtime", "tensorrt-rtx", FAKE_GPU_COUNT="0")
    assert done.returncode == 4
    assert "was built for tensorrt-rtx" in done.stderr
    assert "cannot be checked here" in done.stderr
    assert not (store(bundle) / "provision.json").exists()


@pytest.mark.parametrize(
    ("environment", "runtime", "says"),
    [
        ({"FAKE_TENSORRT_VERSION": "8.6.1"}, "tensorrt", "too old"),
        ({}, "tensorrt-rtx", "no kernels for compute capability 8.7"),
    ],
)
def test_versions_that_are_known_not_to_do_are_stopped_before_building(
    bundle: Path, provision: Run, environment: dict[str, str], runtime: str, says: str
) -> None:
    done = provision(bundle, "--runtime", runtime, **environment)
    assert done.returncode == 4
    assert says in done.stderr
    assert "built" not in done.stderr


def test_a_graph_that_has_no_engine_yet_says_which_command_builds_one(
    bundle: Path, opened: Callable[..., list[str]]
) -> None:
    token, _, message = opened(bundle, "tensorrt")
    assert token == "RUNTIME_UNAVAILABLE"
    assert f"run: sonoedge provision {bundle} --runtime tensorrt" in message


def test_a_bundle_that_moved_takes_its_engines_along(
    provisioned: Path, opened: Callable[..., list[str]], tmp_path: Path
) -> None:
    new = tmp_path / "elsewhere"
    new.mkdir()
    shutil.move(provisioned, new / "bundle")
    shutil.move(store(provisioned), new / "bundle.provision")
    assert opened(new / "bundle", "tensorrt")[0] == "tensorrt-fp16"


def test_a_live_session_outlives_a_lost_context(provisioned: Path, run: Run) -> None:
    # Each worker loses its context after so many calls; that costs it one frame, not two,
    # and the next worker begins anew.
    fault = "cudaStreamSynchronize:20:700:1"
    done = run("-c", LIVE, str(provisioned), FAKE_CUDA_FAIL=fault)
    assert done.stdout.split() == ["True", "ok", "ok", "False"], done.stderr


# `main`, `open` and `live` on a device whose policy file names a key: argv[1].
DEVICE = """
import importlib, sys
from pathlib import Path
from sonoedge.trust.policy import TrustPolicy
key = Path(sys.argv.pop(1))
for name in ("bundle.bundle", "engines.open", "session.opening", "verbs.inspect"):
    module = importlib.import_module(f"sonoedge.{name}")
    assert module.read_policy
    module.read_policy = lambda: TrustPolicy(device_key=key)
"""
MAIN = DEVICE + "from sonoedge.cli import main; sys.exit(main())"
WORKER = """
import sonoedge
with sonoedge.live(sys.argv[1], engine=sonoedge.EngineOptions(runtime="tensorrt")) as session:
    print(session.status().origin.runtime)
"""


def test_a_device_with_a_key_knows_its_own_engine_again_and_refuses_another(
    bundle: Path, run: Run, tmp_path: Path
) -> None:
    key = tmp_path / "device.key"
    words = ["provision", str(bundle), "--rounds", "1", "--runtime", "tensorrt"]
    done = run("-c", MAIN, str(key), *words)
    assert done.returncode == 0, done.stderr
    assert "no device key" not in done.stderr
    assert key.stat().st_mode & 0o777 == 0o600
    mac = engine_of(bundle).with_suffix(".mac")
    assert len(mac.read_text()) == 65
    assert "no device key" not in run("-c", MAIN, str(key), "inspect", str(bundle)).stdout
    done = run("-c", DEVICE + OPEN, str(key), str(bundle), "tensorrt")
    assert done.stdout.startswith("tensorrt-fp16|tensorrt|"), done.stderr
    assert "no device key" not in done.stdout
    done = run("-c", DEVICE + WORKER, str(key), str(bundle))
    assert done.stdout.strip() == "tensorrt", done.stderr  # the worker checks it as well
    # Engine and sidecar changed together, digests right.
    engine = engine_of(bundle)
    engine.write_bytes(engine.read_bytes() + b" ")
    sidecar = json.loads(engine.with_suffix(".json").read_text())
    sidecar["digest"] = {
        "bytes": engine.stat().st_size, "sha256": hashlib.sha256(engine.read_bytes()).hexdigest()
    }  # fmt: skip
    engine.with_suffix(".json").write_text(json.dumps(sidecar))
    done = run("-c", DEVICE + OPEN, str(key), str(bundle), "tensorrt")
    refused = f"ENGINE_MISMATCH|sonoedge provision {bundle} --runtime tensorrt|"
    assert done.stdout.startswith(refused)
    assert "the device's key" in done.stdout
    done = run("-c", DEVICE + WORKER, str(key), str(bundle))
    assert "by the device's key" in done.stderr
    assert done.returncode != 0


@pytest.mark.req("R46")
def test_a_device_without_a_key_says_that_nothing_vouches_for_its_engines(
    bundle: Path, provision: Run, opened: Callable[..., list[str]], run: Run
) -> None:
    done = provision(bundle)
    assert "no device key vouches for it" in done.stderr
    assert not list((store(bundle) / "engines").glob("*.mac"))
    assert "no device key vouches for it" in opened(bundle, "tensorrt")[3]
    shown = run("-m", "sonoedge", "inspect", str(bundle)).stdout
    assert "no device key vouches for it" in shown
