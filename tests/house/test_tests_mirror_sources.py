"""Tests mirror the sources file by file; how many sources lack their test may only fall."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
MIRRORS = {
    "sdk/sonoedge": "tests/sdk",
    "export/sonoedge_export": "tests/export",
    "runtimes/sonoedge_runtimes": "tests/runtimes",
    "benchmarks/sonoedge_bench": "tests/bench",
    "benchmarks/studies": "tests/studies",
}
# Lower it whenever a test file is added; never raise it.
MOST_WITHOUT_TEST = 164


def _without_test() -> list[str]:
    """Source files, packages' first pages apart, that have no test file of their own."""
    lacking = []
    for source, tests in MIRRORS.items():
        for path in sorted((ROOT / source).rglob("*.py")):
            if path.name.startswith("__"):
                continue
            mirrored = path.relative_to(ROOT / source).with_name(f"test_{path.name}")
            if not (ROOT / tests / mirrored).is_file():
                lacking.append(f"{source}/{path.relative_to(ROOT / source)}")
    return lacking


def test_no_more_sources_than_before_lack_their_test() -> None:
    lacking = _without_test()
    assert len(lacking) <= MOST_WITHOUT_TEST, (
        f"{len(lacking)} source files have no test of their own, at most {MOST_WITHOUT_TEST} "
        "may: add tests/... mirroring the new file's path; without one are\n" + "\n".join(lacking)
    )
