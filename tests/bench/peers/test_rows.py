from __future__ import annotations

import pytest

pytestmark = pytest.mark.usefixtures("peer_modules")

LONG = "sonoedge, pruned-onnxruntime-int8"
LONGER = "MONAI transforms + torch eager, fp32"
PIP = (
    "not installed: pip install --no-deps --target build/peers -r benchmarks/peers/requirements.txt"
)


def figures(p50: float, flags: bool | None) -> dict[str, float | None]:
    """Of a peer whose every call takes as long; `flags`: whether as ours, None ungraded."""
    from accuracy import Tally
    from rows import figures

    tally = Tally(regions=5, dice=[0.5, 1.0], flags=4, same=3 if flags else 4)
    tally.graded = flags is not None
    tally.common_px, tally.either_px = 9, 10
    return dict(figures([(p50, p50 - 1, 2 * p50, 0.5)] * 3, tally))


def test_figures_are_of_the_samples_and_of_the_tally() -> None:
    row = figures(1234.5, True)
    assert (row["p50"], row["bare"], row["cpu"], row["around"]) == (1234.5, 1233.5, 2469.0, 0.5)
    assert (row["regions"], row["iou"], row["dice"], row["flags"]) == (5, 0.9, 0.75, 75.0)
    assert figures(1.0, None)["flags"] is None


def test_every_line_fits_a_terminal_and_names_its_peer() -> None:
    from roster import Absent
    from rows import WIDTH, terminal

    rows = {LONGER: figures(1234.5, None), LONG: figures(123.4, True)}
    lines = list(terminal(rows, [Absent(name="ExecuTorch (XNNPACK), int8", why=PIP)]))
    assert max(len(line) for line in lines) <= WIDTH
    assert lines[1].startswith(f"{LONG} 123.4")  # the fastest first
    assert lines[1].endswith("0.900 0.750   75.0")
    assert " ".join(line.strip() for line in lines[-2:]) == f"ExecuTorch (XNNPACK), int8: {PIP}"
    assert lines[2].endswith("-")
    assert lines[2].split("  ")[0] + " " + lines[3].strip() == LONGER


def test_markdown_has_every_column_of_every_peer() -> None:
    from roster import Absent
    from rows import COLUMNS, markdown

    rows = {"a": figures(2.0, True), "b": figures(1.0, None)}
    head, rule, first, second, absent = markdown(rows, [Absent(name="c", why="no compiler")])
    cells = [line.strip("| ").split(" | ") for line in (first, second, absent)]
    assert [row[0] for row in cells] == ["b", "a", "c: no compiler"]
    assert {len(row) for row in cells} == {len(COLUMNS) + 1}
    assert head.count("|") == rule.count("|") == len(COLUMNS) + 2
    assert cells[1][-4:] == ["5", "0.900", "0.750", "75.0"]
