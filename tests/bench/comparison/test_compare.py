from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sonoedge.cli import main
from sonoedge.errors import InvalidData, InvalidSettings
from sonoedge_bench.comparison.compare import compared, verdict
from sonoedge_bench.document import SCHEMA

MACHINE = {
    "cpu": "a", "instructions": ["avx2"], "cores": 2, "quota": None, "architecture": "x86_64",
    "governor": None, "gpu": None, "power_mode": None, "model": None, "python": "3.11",
    "kernel": "6", "packages": {"numpy": "2"},
}  # fmt: skip


def run(factor: float = 1.0, *, seed: int = 0, many: int = 200, **more: Any) -> dict[str, Any]:
    """Frames differ much from each other, runs little."""
    frames = np.random.default_rng(1).uniform(5, 15, many)
    noise = np.random.default_rng(seed).normal(0, 0.05, many)
    values = (factor * frames + noise).tolist()
    plain = {"variant": "v", "threads": 2, "isolation": "none", "fps": None}
    samples = {
        "number": list(range(many)),
        "analyse_ms": values,
        "bare_ms": [v - 1 for v in values],
    }
    figures = {"analyse_ms": {"p50": None, "p90": None, "p99": None, "max": 1.0, "needed": {}}}
    return plain | more | {"samples": samples, "figures": figures}


def document(*runs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "mode": "closed",
        "bundle": {"id": "b-1"},
        "machine": MACHINE,
        "shown": {"sha256": "s"},
        "runs": list(runs),
    } | more


def test_the_ratio_is_of_medians_and_paired_where_the_frames_are_the_same() -> None:
    result = compared(document(run()), document(run(1.2, seed=1)))
    row = result["rows"][0]
    assert (row["figure"], row["paired"], row["verdict"]) == ("analyse_ms", True, "slower")
    assert row["ratio"] == pytest.approx(1.2, abs=0.01)
    assert row["low"] < 1.2 < row["high"]
    assert row["high"] - row["low"] < 0.03
    assert result["warnings"] == []
    back = compared(document(run(1.2, seed=1)), document(run()))
    assert back["rows"][0]["verdict"] == "faster"


def test_other_frames_are_not_paired_and_that_is_said() -> None:
    result = compared(document(run()), document(run(1.2, seed=1), shown={"sha256": "t"}))
    assert not result["rows"][0]["paired"]
    assert "frames: not the same" in result["warnings"][0]


def test_no_difference_is_shown_within_what_repeated_runs_differ_by() -> None:
    result = compared(document(run()), document(run(1.02, seed=1)))
    assert result["rows"][0]["low"] > 1
    assert result["rows"][0]["verdict"] == "no difference shown"
    assert verdict(0.9, 1.3, 1.1) == "no difference shown"
    assert verdict(1.04, 1.2, 1.1) == "slower"
    assert verdict(0.8, 0.96, 0.9) == "faster"


def test_slower_by_more_than_allowed_is_a_failure_and_by_less_is_none() -> None:
    before, after = document(run()), document(run(1.2, seed=1))
    assert len(compared(before, after, fail_over=0.1)["failures"]) == 1
    assert compared(before, after, fail_over=0.3)["failures"] == []
    assert compared(after, before, fail_over=0.0)["failures"] == []


def test_unlike_machines_and_bundles_are_refused_without_force() -> None:
    other = document(run(), machine=MACHINE | {"cpu": "z"}, bundle={"id": "b-2"})
    with pytest.raises(InvalidSettings, match=r"machine: cpu: a, z; bundle: b-1, b-2.*--force"):
        compared(document(run()), other)
    result = compared(document(run()), other, force=True)
    assert result["warnings"][:2] == ["machine: cpu: a, z", "bundle: b-1, b-2"]
    newer = document(run(), machine=MACHINE | {"packages": {"numpy": "3"}})
    assert compared(document(run()), newer)["warnings"] == ["version of numpy: 2, 3"]


def test_unlike_modes_are_refused_always() -> None:
    with pytest.raises(InvalidSettings, match="mode closed, the other of mode cold"):
        compared(document(run()), document(run(), mode="cold"), force=True)


def test_runs_are_found_by_variant_threads_isolation_and_pace_or_are_the_only_ones() -> None:
    two = document(run(), run(variant="w"))
    result = compared(two, document(run(1.3, variant="w")))
    assert {row["run"] for row in result["rows"]} == {"w 2 threads"}
    alone = compared(document(run()), document(run(variant="w")))
    assert alone["rows"][0]["run"] == "v 2 threads -> w 2 threads"
    with pytest.raises(InvalidData, match="no run is in both"):
        compared(two, document(run(variant="x")))


def test_a_run_that_ended_early_is_compared_and_told_of() -> None:
    result = compared(document(run()), document(run(many=50), ended="interrupted"))
    assert result["rows"][0]["n"] == [50, 50]
    assert result["warnings"] == ["the second is not complete: interrupted"]
    with pytest.raises(InvalidData, match="too few samples"):
        compared(document(run()), document(run(many=3)))


def written(folder: Path, **documents: dict[str, Any]) -> list[str]:
    for name, data in documents.items():
        (folder / f"{name}.json").write_text(json.dumps(data))
    return [str(folder / f"{name}.json") for name in documents]


def test_the_command_prints_verdicts_and_several_files_make_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(
        tmp_path, a=document(run()), b=document(run(1.2, seed=1)), c=document(run(0.5, seed=2))
    )
    assert main(["bench", "compare", *files, "--json", str(tmp_path / "out.json")]) == 0
    said = capsys.readouterr().out
    assert "baseline" in said
    assert "slower" in said
    assert "faster" in said
    assert len(json.loads((tmp_path / "out.json").read_text())["comparisons"]) == 2
    assert main(["bench", "compare", *files, "--fail-over", "10%"]) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "its schema is None"),
        ('{"schema": "sonoedge-bench-1"}', "measure again"),
        (
            json.dumps({"schema": SCHEMA, "mode": "closed"}),
            "is damaged: bundle, machine, shown",
        ),
        (json.dumps(document({"variant": "v"})), "run 0's threads, run 0's isolation"),
    ],
)
def test_a_file_that_is_no_measurement_is_refused_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str, said: str
) -> None:
    (good,) = written(tmp_path, good=document(run()))
    (tmp_path / "bad.json").write_text(content)
    assert main(["bench", "compare", good, str(tmp_path / "bad.json")]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "bad.json" in error


def test_one_file_alone_and_a_limit_that_is_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = written(tmp_path, a=document(run()), b=document(run()))
    assert main(["bench", "compare", files[0]]) == 2
    assert main(["bench", "compare", *files, "--fail-over", "much"]) == 2
    assert main(["bench", "compare", *files, "--json", files[0]]) == 2
    assert "overwrite" in capsys.readouterr().err


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a document."""
    if isinstance(value, dict):
        below = [path for key, each in value.items() for path in paths(each, (*at, key))]
    elif isinstance(value, list):
        below = [path for n, each in enumerate(value[:2]) for path in paths(each, (*at, n))]
    else:
        below = []
    return [at, *below] if at else below


@pytest.mark.parametrize("value", [None, 0, -1.5, "", "x", [], {}, [None], True])
def test_whatever_stands_in_a_file_the_answer_is_a_comparison_or_an_error_of_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], value: Any
) -> None:
    whole = document(run(many=6))
    good, bad = written(tmp_path, good=whole, bad=whole)
    for path in paths(whole):
        changed = json.loads(json.dumps(whole))
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        Path(bad).write_text(json.dumps(changed))
        for order in ((good, bad), (bad, good), (good, bad, bad)):
            assert main(["bench", "compare", *order, "--force"]) in (0, 2), path
    capsys.readouterr()
