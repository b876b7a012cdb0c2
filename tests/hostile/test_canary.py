"""Nothing of a patient, of the host or of its environment is in what is written or printed.

Strings are planted in DICOM attributes, pixels, folders, metadata, streams, exceptions and the
environment; then the verbs are run, and what may go wrong is made to. To add a command, add a
line to `COMMANDS`.
"""

from __future__ import annotations

import base64
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from hostile.canaries import ENVIRONMENT, OWN, SECRET, TAGS, hits, plant, snapshot, written
from sonoedge.cli import VERBS

pytest.importorskip("pydicom", reason="needs the extra dicom")
pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

SCAN = "{own}-patient/{own}-scan.dcm"
BUNDLE = "{own}-bundle"


@dataclass(frozen=True, kw_only=True)
class Command:
    """Words of a command line of sonoedge, one after the other, and how the last one ends.

    Attributes:
        words: each a command; `{own}` begins the names of what was planted.
        code: the last one's exit code.
        needs: packages without which it is skipped.
        overlay: pictures are drawn, so that their pixels are written.
        reports: DICOM files are written, which hold what the table of `sonoedge report` says.
    """

    words: tuple[str, ...]
    code: int = 0
    needs: tuple[str, ...] = ()
    overlay: bool = False
    reports: bool = False


def one(
    words: str, code: int = 0, *, needs: tuple[str, ...] = (), overlay: bool = False
) -> Command:
    return Command(words=(words,), code=code, needs=needs, overlay=overlay)


KEYS = ("keygen {own}.pem", f"sign {BUNDLE} --key {{own}}.pem")
LOG = ("audit init log --key-out log.key", f"run {BUNDLE} {SCAN} --live --audit log")
REPORT = f"report {BUNDLE} {SCAN} --out out --seg --overlay --fhir"
REPORTS = ("highdicom", "pynetdicom")
SCREEN = f"screen {{own}}-patient --bundle {BUNDLE} --out out --workers 1"
COMMANDS = {
    "run": one(f"run {BUNDLE} {SCAN}"),
    "run to JSON": one(f"run {BUNDLE} {SCAN} --json"),
    "run to JSON Lines": one(f"run {BUNDLE} {SCAN} --jsonl out.jsonl"),
    "run over stills": one(f"run {BUNDLE} {{own}}-stills --jsonl out.jsonl"),
    "run to pictures": one(f"run {BUNDLE} {SCAN} --overlay pictures", overlay=True),
    "run live": one(f"run {BUNDLE} {SCAN} --live --jsonl out.jsonl"),
    "run live with figures": one(f"run {BUNDLE} {SCAN} --live --metrics {{own}}.prom"),
    "systemd-unit": one("systemd-unit --program /opt/sonoedge/bin/sonoedge"),
    "run live with a log": Command(words=LOG),
    "audit verify": Command(words=(*LOG, "audit verify log --key log.key --json")),
    "audit head": Command(words=(*LOG, "audit head log")),
    "describe a bundle that measures nothing": one(f"describe {BUNDLE} {SCAN} --json", 2),
    "describe to a picture": one(f"describe {BUNDLE} {SCAN} --overlay out.png", 2),
    "inspect": one(f"inspect {BUNDLE}"),
    "inspect to JSON": one(f"inspect {BUNDLE} --json"),
    "doctor": one("doctor"),
    "doctor to JSON": one("doctor --json"),
    "completion": one("completion bash"),
    "sign": Command(words=KEYS),
    "keyring": Command(
        words=(
            *KEYS,
            "keyring new --root {own}.pub.pem --release {own}.pub.pem --key {own}.pem --out 1.json",
            "keyring show 1.json",
        )
    ),
    "teach-scope": Command(
        words=(
            "teach-scope {own}-taught {own}-stripes --in-scope {own}-speckle --name bone",
            "teach-scope {own}-taught --list --json",
            "run {own}-taught {own}-stripes --jsonl out.jsonl",
        ),
        code=7,
    ),
    "explain": one(f"explain {BUNDLE} {{own}}-speckle --json"),
    "lint": one(f"lint {BUNDLE}/graphs/fp32.onnx", needs=("onnx",)),
    "provision": one(f"provision {BUNDLE} --rounds 5 --report report.json"),
    "bench": one(f"bench {BUNDLE} --frames 20 --source {SCAN} --json out.json", needs=("rich",)),
    "run live with a candidate": Command(
        words=(LOG[0], f"{LOG[1]} --shadow {{own}}-other --shadow-every 2")
    ),
    "grant": Command(
        words=(
            KEYS[0],
            f"grant new {BUNDLE} --device d1 --counter 1 --key {{own}}.pem --out 1.grant.json",
            "grant show 1.grant.json",
        )
    ),
    "install": Command(
        words=(f"install {BUNDLE} --store store", "store status --store store --json")
    ),
    "evidence": one(f"evidence {BUNDLE} --out out"),
    "sbom of a bundle": one(f"sbom {BUNDLE} --out out.json"),
    "sbom of the device": one("sbom --device --out out.json"),
    "export": one("export {own}-recipe/{own}.toml --out out", needs=("torch", "onnx")),
    "recalibrate": one(
        f"recalibrate {BUNDLE} --data {{own}}-recipe/{{own}}-frames/frames.json --out c.json", 2
    ),
    "verify": one(
        f"verify {BUNDLE} --data {{own}}-recipe/{{own}}-frames/frames.json --json out.json",
        needs=("torch",),
    ),
    "report": Command(words=(REPORT,), needs=REPORTS, reports=True),
    "report on a run": Command(
        words=(f"run {BUNDLE} {SCAN} --jsonl out.jsonl", f"{REPORT} --jsonl out.jsonl"),
        needs=REPORTS,
        reports=True,
    ),
    "screen": Command(words=(SCREEN,), code=3),
    "screen, and report again": Command(words=(SCREEN, "screen --report out")),
    "drift": Command(words=(SCREEN, "drift out --against out/report.json")),
    "screen with a bundle that is none": one("screen {own}-patient --bundle {own}-x --out out", 5),
    "send to nobody": Command(
        words=(REPORT, "send out --to A@127.0.0.1:1"), code=7, needs=REPORTS, reports=True
    ),
    "send to no service": Command(
        words=(REPORT, "send out --stow http://127.0.0.1:1/"), code=7, needs=REPORTS, reports=True
    ),
    # What goes wrong.
    "a report that cannot be blanked": one(f"{REPORT} --blank-outside-region", 2, needs=REPORTS),
    "a report on a file that was cut": one(
        f"report {BUNDLE} {{own}}-patient/{{own}}-cut.dcm --out out", 6, needs=REPORTS
    ),
    "a report on a run of another file": Command(
        words=(f"run {BUNDLE} {{own}}-stills --jsonl out.jsonl", f"{REPORT} --jsonl out.jsonl"),
        code=2,
        needs=REPORTS,
    ),
    "sending what is no DICOM": one("send {own}-patient --to A@127.0.0.1:1", 6, needs=REPORTS),
    "a folder that is none": one(f"run {BUNDLE} {{own}}-absent", 6),
    "a bundle that is none": one(f"run {{own}}-patient {SCAN}", 5),
    "a damaged graph": one(f"run {{own}}-damaged {SCAN} --jsonl out.jsonl", 5),
    "a damaged graph, inspected": one("inspect {own}-damaged", 5),
    "a damaged graph, live": Command(
        words=(LOG[0], f"run {{own}}-damaged {SCAN} --live --audit log"), code=5
    ),
    "a manifest that is none": one(f"run {{own}}-unread {SCAN}", 5),
    "a DICOM file that was cut": one(f"run {BUNDLE} {{own}}-patient/{{own}}-cut.dcm", 6),
    "a DICOM file's beginning": one(f"run {BUNDLE} {{own}}-patient/{{own}}-header.dcm", 6),
    "a DICOM file that kills": one(f"run {BUNDLE} {{own}}-patient/{{own}}-kills.dcm", 6),
    "a picture that is none": one(f"run {BUNDLE} {{own}}-patient/{{own}}-text.png", 6),
    "a full disk": one(f"run {BUNDLE} {SCAN} --jsonl /dev/full", 2),
    "a key that is none": one(f"sign {BUNDLE} --key {SCAN}", 2),
    "a log that is none": one("audit verify {own}-patient", 2),
    "a page of a source that is none": one(f"view {BUNDLE} {{own}}-absent", 6),
    "a service without a bundle": one("serve {own}-absent --socket {own}-socket", 5),
    "an argument that is none": one("run {own}-bundle {own}-scan --fps many", 2),
}
# Verbs without a command above, and why.
LEFT_OUT = {
    "replay": "not yet: it reads recordings, which hold the pictures of a session by design",
    "prune": "trains for minutes, on what export reads",
    "reliability": "runs for minutes, on pictures of its own",
}


def start(place: Path, words: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a program in a folder whose name is a secret, as are its home and its environment."""
    home = place.parent / f"{SECRET}-home"
    home.mkdir(exist_ok=True)
    paths = os.pathsep.join(p for p in sys.path if p)
    return subprocess.run(
        [sys.executable, *words],
        cwd=place,
        # Python itself would write the recipe's folder into the compiled file of its network.
        env=os.environ
        | ENVIRONMENT
        | {"HOME": str(home), "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        timeout=300,
    )


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("canaries")
    plant(place)
    return place


@pytest.fixture
def place(planted: Path, tmp_path: Path) -> Path:
    """A working folder of the command's own, with all that was planted."""
    return Path(shutil.copytree(planted, tmp_path / f"{SECRET}-folder"))


def _without_table(path: Path, data: bytes) -> bytes:
    """A DICOM file without the attributes that a report copies from its source."""
    import pydicom

    from sonoedge.report.source import PATIENT

    read = pydicom.dcmread(io.BytesIO(data))
    for name in PATIENT:
        if name in read:
            delattr(read, name)
    file = io.BytesIO()
    read.save_as(file)
    return file.getvalue()


def check(
    place: Path,
    before: dict[Path, bytes],
    printed: bytes,
    *,
    overlay: bool = False,
    reports: bool = False,
) -> None:
    assert hits(printed, SECRET) == 0, printed.decode(errors="replace")
    home = snapshot(place.parent / f"{SECRET}-home")
    for path, data in (*written(before, snapshot(place)), *home.items()):
        name = str(path.relative_to(place.parent))
        drawn = overlay and path.suffix == ".png"
        if reports and path.suffix == ".dcm":
            data = _without_table(path, data)
        assert drawn or hits(data, SECRET) == 0, name
        assert hits(data, OWN) == 0, name


# All of them take minutes: make canaries.
SAMPLE = (
    "a page of a source that is none",
    "run to JSON Lines",
    "screen, and report again",
    "run live with a log",
    "run live with figures",
    "inspect",
    "a damaged graph, live",
    "a DICOM file that was cut",
    "a picture that is none",
)


@pytest.mark.parametrize("name", COMMANDS if "SONOEDGE_CANARIES" in os.environ else SAMPLE)
def test_no_secret_is_written_or_printed(place: Path, name: str) -> None:
    command = COMMANDS[name]
    for package in command.needs:
        pytest.importorskip(package)
    before = snapshot(place)
    printed = b""
    for words in command.words:
        done = start(place, ["-m", "sonoedge", *words.format(own=OWN).split()])
        printed += done.stdout + done.stderr
    assert done.returncode == command.code, printed.decode(errors="replace")
    assert b"Traceback" not in printed
    check(place, before, printed, overlay=command.overlay, reports=command.reports)


@pytest.mark.req("R55")
def test_a_report_copies_what_its_table_says_and_no_other_secret(place: Path) -> None:
    for package in REPORTS:
        pytest.importorskip(package)
    import pydicom

    before = snapshot(place)
    done = start(place, ["-m", "sonoedge", *REPORT.format(own=OWN).split()])
    assert done.returncode == 0, done.stderr
    check(place, before, done.stdout + done.stderr, reports=True)
    files = sorted((place / "out").glob("*.dcm"))
    assert [path.name for path in files] == ["overlay.dcm", "seg.dcm", "sr.dcm"]
    copied = {"PatientName", "PatientID", "ReferringPhysicianName", "StudyID", "AccessionNumber"}
    for path in files:
        held = {e.keyword for e in pydicom.dcmread(path) if SECRET in str(e.value)[:80]}
        assert held == copied, path.name


def test_every_verb_has_a_command_or_a_reason() -> None:
    run = {words.split()[0] for command in COMMANDS.values() for words in command.words}
    assert run | LEFT_OUT.keys() == VERBS.keys()
    assert not run & LEFT_OUT.keys()


def test_no_secret_of_a_host_leaves_its_sessions_whatever_fails(place: Path) -> None:
    assert start(place, ["-m", "sonoedge", "audit", "init", "audit"]).returncode == 0
    before = snapshot(place)
    done = start(place, [str(Path(__file__).parent / "host_program.py")])
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed.decode(errors="replace")
    for told in (b"INTERNAL_ERROR", b"on_analysis raised: ValueError at", b"LOG_STORAGE"):
        assert told in printed + b"".join(snapshot(place).values()), told
    check(place, before, printed)


def test_what_was_planted_would_be_found(planted: Path, tmp_path: Path) -> None:
    scan = (planted / SCAN.format(own=OWN)).read_bytes()
    assert hits(scan, SECRET) >= len(TAGS) + 8 + 1
    assert len(TAGS) == 19
    for form in ("utf-8", "utf-16-le", "utf-16-be"):
        assert hits(f"a {SECRET.lower()} b".encode(form), SECRET) == 1
    for before in ("", "x", "xx"):
        assert hits(base64.b64encode(f"{before}{SECRET} and more".encode()), SECRET) == 1
    (tmp_path / "new.jsonl").write_text(f'{{"file": "{OWN}.png", "detail": "{OWN}"}}\n')
    ((path, data),) = written({}, snapshot(tmp_path))
    assert (path.name, hits(data, OWN)) == ("new.jsonl", 1)
