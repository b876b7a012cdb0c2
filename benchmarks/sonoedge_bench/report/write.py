"""Write a document to its output files, and show it on the terminal."""

from __future__ import annotations

from sonoedge_bench.document import Document
from sonoedge_bench.document.files import write_json, write_text
from sonoedge_bench.options import Outputs
from sonoedge_bench.report.as_csv import csv_text
from sonoedge_bench.report.comparison import show_comparison
from sonoedge_bench.report.console import console
from sonoedge_bench.report.markdown import markdown_text
from sonoedge_bench.report.page import html_text
from sonoedge_bench.report.terminal import print_document


def write(document: Document, outputs: Outputs) -> None:
    """Write them.

    Raises:
        OutputError: one cannot be written.
    """
    if outputs.json is not None:
        write_json(outputs.json, document)
    if outputs.csv is not None:
        write_text(outputs.csv, csv_text(document))
    if outputs.markdown is not None:
        write_text(outputs.markdown, markdown_text(document))
    if outputs.html is not None:
        write_text(outputs.html, html_text(document))


def show(document: Document) -> None:
    """Print it."""
    print_document(document, console())
    if document.comparison is not None:
        show_comparison(document.comparison, "the baseline", "this run")
