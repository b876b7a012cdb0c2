"""What a signature costs when a bundle is opened.

    python -m studies.signed_opening BUNDLE [--rounds N] [--json FILE]

The bundle is copied and signed with a key made for it. Each round opens the copy once in a
process that demands the signature and once in one that demands none, in turns, so that whatever
else the machine does hits both. A process is fresh, as a device's is: the time is that of
`sonoedge.open` on ONNX Runtime, the import of the signature library within it; imports that both
need are made before.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from shutil import copytree
from typing import Final

import sonoedge
from sonoedge.bundle.signing import sign_bundle
from sonoedge.runtime import runtime_class
from sonoedge.trust.keyring import Keyring
from sonoedge.trust.keyring_changes import key_row, seal_keyring
from sonoedge.trust.policy import TrustPolicy
from sonoedge.trust.rollover import first_keyring
from sonoedge.trust.signing import generate_key_pair, read_private_key

WARM_UP: Final = 1  # rounds, not counted: files come into the page cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Milliseconds per opening.

    Attributes:
        signed_ms, unsigned_ms: one per round.
    """

    signed_ms: tuple[float, ...]
    unsigned_ms: tuple[float, ...]

    @property
    def cost_ms(self) -> float:
        """What the signature adds, by the medians of all rounds."""
        return statistics.median(self.signed_ms) - statistics.median(self.unsigned_ms)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print, and keep the raw times where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m studies.signed_opening")
    parser.add_argument("bundle", type=Path, metavar="BUNDLE")
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the raw times")
    parser.add_argument("--open", type=Path, metavar="KEYRING", help=argparse.SUPPRESS)
    args = parser.parse_args(argv)
    if args.open is not None:
        print(open_once(args.bundle, args.open))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        opening = measure(args.bundle, Path(folder), args.rounds)
    for name, samples in asdict(opening).items():
        low, high = min(samples), max(samples)
        print(f"{name:12} median {statistics.median(samples):7.1f}, {low:.1f} to {high:.1f}")
    print(f"cost_ms      {opening.cost_ms:+14.1f} of {args.rounds} rounds")
    if args.json is not None:
        args.json.write_text(json.dumps(asdict(opening), indent=1) + "\n", encoding="utf-8")
    return 0


def measure(bundle: Path, place: Path, rounds: int) -> Opening:
    """Openings in turns, each in a process of its own.

    Args:
        place: an empty folder.
    """
    signed = Path(copytree(bundle, place / "bundle"))
    generate_key_pair(place / "k.pem")
    signer = read_private_key(place / "k.pem")
    sign_bundle(signed, [signer])
    row = (key_row(signer.public_key),)
    keyring = Keyring(version=1, root_threshold=1, root=row, release_threshold=1, release=row)
    (place / "keyring").write_bytes(seal_keyring(keyring, [signer]))
    samples: dict[str, list[float]] = {"keyring": [], "none": []}
    for turn in range(WARM_UP + rounds):
        for name, kept in samples.items():
            ms = _child(signed, place / name)
            if turn >= WARM_UP:
                kept.append(ms)
    return Opening(signed_ms=tuple(samples["keyring"]), unsigned_ms=tuple(samples["none"]))


def open_once(bundle: Path, keyring: Path) -> float:
    """Milliseconds of one opening; a keyring that is not there demands no signature."""
    runtime_class("onnxruntime")  # imports that both need
    opener = sonoedge.open
    envelope = keyring.read_bytes() if keyring.exists() else None
    start_ns = time.perf_counter_ns()
    # The keyring is checked within the time, as a device checks its own.
    trusted = None if envelope is None else first_keyring(envelope, keyring.name)
    options = sonoedge.EngineOptions(runtime="onnxruntime")
    opener(bundle, options, trust=TrustPolicy(keyring=trusted)).close()
    return (time.perf_counter_ns() - start_ns) / 1e6


def _child(bundle: Path, keyring: Path) -> float:
    words = [sys.executable, "-m", "studies.signed_opening", str(bundle), "--open", str(keyring)]
    return float(subprocess.run(words, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    sys.exit(main())
