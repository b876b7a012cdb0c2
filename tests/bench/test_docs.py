"""The commands of docs/how-to/benchmarks.md are run, on a small bundle and with few frames."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from sonoedge.cli import main
from sonoedge_bench.targets.target import target_names

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime")

FEW = {
    "closed": ["--frames", "12"],
    "cold": ["--repeats", "1", "--frames", "2"],
    "paced": ["--duration", "1"],
    "beside": ["--duration", "1"],
    "soak": ["--duration", "1"],
    "sweep": ["--duration", "1", "--fps", "40"],
}


def commands(repository: Path) -> list[list[str]]:
    """The arguments of "sonoedge bench" in each indented line."""
    text = (repository / "docs/how-to/benchmarks.md").read_text()
    lines = re.findall(r"^    (\S.*)$", text, flags=re.MULTILINE)
    assert all(line.startswith("sonoedge bench ") for line in lines), lines
    return [shlex.split(line)[2:] for line in lines]


def test_every_command_runs_in_the_order_of_the_page(
    repository: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = commands(repository)
    assert len(lines) >= 10
    stand_ins = {
        "BUNDLE": str(tiny),
        "MODEL.onnx": str(tiny / "graphs" / "fp32.onnx"),
        "openvino-int8": "onnxruntime-fp32",
    }
    for line in lines:
        arguments = [stand_ins.get(argument, argument) for argument in line]
        if line[0] in ("BUNDLE", "MODEL.onnx"):
            mode = line[line.index("--mode") + 1] if "--mode" in line else "closed"
            arguments += FEW[mode]
            if not {"--variant", "--runtime"} & set(line):
                arguments += ["--runtime", "onnxruntime"]
        # A box that is busy with tests may be slower, or miss a budget; it is never a mistake.
        gated = "--fail-over" in line or "--target" in line or "soak" in line
        assert main(["bench", *arguments]) in ((0, 3) if gated else (0,)), line
    for file in ("run.json", "run.csv", "run.md", "run.html", "before.json", "after.json"):
        assert (tmp_path / file).stat().st_size > 100


def test_the_targets_that_the_page_names_exist(repository: Path) -> None:
    text = (repository / "docs/how-to/benchmarks.md").read_text()
    assert set(re.findall(r"--target ([\w-]+)(?![\w.-])", text)) <= set(target_names())
