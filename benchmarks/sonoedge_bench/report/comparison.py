"""Comparisons on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sonoedge_bench.comparison.compare import REPEATABILITY, run_name
from sonoedge_bench.document import Document
from sonoedge_bench.document.comparison import Comparison, Mode
from sonoedge_bench.report.cells import engine, number, quantile
from sonoedge_bench.report.console import console
from sonoedge_bench.report.terminal import print_table
from sonoedge_bench.report.text_table import TextTable

# the figure by which a mode's runs are compared at a glance; else age_ms
FIRST: Final[dict[Mode, str]] = {"closed": "analyse_ms", "cold": "open_ms"}


def comparison_table(result: Comparison, before: str, after: str) -> TextTable:
    """One line per run and figure."""
    rows = tuple(
        (
            row.run,
            row.figure.removesuffix("_ms").replace("_", " "),
            number(row.before_p50, 3),
            number(row.after_p50, 3),
            f"{row.ratio:.3f}",
            f"{row.low:.3f} to {row.high:.3f}",
            "paired" if row.paired else "not paired",
            row.verdict,
        )
        for row in result.rows
    )
    return TextTable(
        title=f"{after} against {before}",
        text_columns=("figure", "frames", "verdict"),
        head=("run", "figure", "before p50 ms", "after p50 ms", "ratio", "95 % interval")
        + ("frames", "verdict"),
        rows=rows,
        note="Ratio of medians: above 1 is slower. The interval is of these two runs; medians of "
        f"repeated runs differ by up to {REPEATABILITY:.0%}, and less than that is no difference.",
    )


def show_comparison(result: Comparison, before: str, after: str) -> None:
    """Print it, with what makes the two unlike."""
    to = console()
    print_table(comparison_table(result, before, after), to)
    for warning in result.warnings:
        to.print(f"differs: {warning}", style="yellow", markup=False)
    for failure in result.failures:
        to.print(failure, style="bold red", markup=False)


def show_files(
    names: Sequence[str],
    documents: Sequence[Document],
    results: Sequence[Comparison],
) -> None:
    """Several files: a line per run and file, against the first one."""
    figure = FIRST.get(documents[0].mode, "age_ms")
    rows = []
    for at, (name, document) in enumerate(zip(names, documents, strict=True)):
        compared_rows = () if at == 0 else results[at - 1].rows
        for run in document.runs:
            row = next(
                (r for r in compared_rows if r.figure == figure and r.run == run_name(run)), None
            )
            rows.append(
                (
                    name,
                    engine(run),
                    *(quantile(run, figure, q) for q in ("p50", "p90", "p99", "max")),
                    "1" if at == 0 else "-" if row is None else f"{row.ratio:.3f}",
                    "baseline" if at == 0 else "-" if row is None else row.verdict,
                )
            )
    title = f"{figure.removesuffix('_ms')}, ms"
    head = ("file", "engine", "p50", "p90", "p99", "max", "ratio", "verdict")
    print_table(
        TextTable(title=title, head=head, rows=tuple(rows), text_columns=("engine",)), console()
    )
