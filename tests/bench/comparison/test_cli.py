from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sonoedge.cli import main
from sonoedge_bench.document import Document
from sonoedge_bench.document.files import write_json

Make = Callable[..., Any]


def written(folder: Path, **documents: Document) -> list[str]:
    for name, document in documents.items():
        write_json(folder / f"{name}.json", document)
    return [str(folder / f"{name}.json") for name in documents]


def test_verdicts_are_printed_and_several_files_make_a_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Make, run: Make
) -> None:
    files = written(
        tmp_path, a=document(run()), b=document(run(1.2, seed=1)), c=document(run(0.5, seed=2))
    )
    assert main(["bench", "compare", *files, "--json", str(tmp_path / "out.json")]) == 0
    output = capsys.readouterr().out
    assert "baseline" in output
    assert "slower" in output
    assert "faster" in output
    assert len(json.loads((tmp_path / "out.json").read_text())["comparisons"]) == 2
    assert main(["bench", "compare", *files, "--fail-over", "10%"]) == 3


def test_one_file_alone_and_a_limit_that_is_none_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Make, run: Make
) -> None:
    files = written(tmp_path, a=document(run()), b=document(run()))
    assert main(["bench", "compare", files[0]]) == 2
    assert main(["bench", "compare", *files, "--fail-over", "much"]) == 2
    assert main(["bench", "compare", *files, "--json", files[0]]) == 2
    assert "overwrite" in capsys.readouterr().err


def test_a_damaged_file_is_refused_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: Make, run: Make
) -> None:
    (good,) = written(tmp_path, good=document(run()))
    (tmp_path / "bad.json").write_text("{")
    assert main(["bench", "compare", good, str(tmp_path / "bad.json")]) == 2
    assert "bad.json is not valid JSON" in capsys.readouterr().err
