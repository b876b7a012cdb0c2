"""Find the widths that reach the target, and remember them in the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from sonoedge.settings import plain, read
from sonoedge_export.prune.accuracy import subset
from sonoedge_export.prune.bisect import search
from sonoedge_export.prune.job import Job
from sonoedge_export.prune.slimmed_candidate import Bench, Candidate
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import least_important, order, widths

SEARCH_FILE = "search.json"
GLANCE = 120  # frames on which candidates are judged before recovery


def find(job: Job) -> list[Candidate]:
    """All candidates measured, the chosen one last.

    Raises:
        PruningRefused: see `search`.
    """
    file = job.out / SEARCH_FILE
    if file.is_file():
        job.stages.say("  the search is taken from the folder")
        return [read(Candidate, c) for c in json.loads(file.read_text())["candidates"]]
    settings = job.settings
    with (
        job.stages.stage("search by measured milliseconds"),
        bench_beside_parent(job) as bench,
    ):
        groups, scores = job.scored(job.parent)
        blocks = order(
            groups, scores, spread=settings.spread, multiple=settings.multiple, most=settings.most
        )
        glance = subset(job.check, GLANCE)

        def measure(count: int, careful: int) -> Candidate:
            kept = widths(groups, blocks[:count])
            cut = slimmed(job.parent, job.example, least_important(groups, scores, kept))
            measured = bench.measure(cut, blocks=count, widths=kept, careful=careful)
            if glance and careful == 1:
                return replace(measured, before_recovery=job.accuracy.measure(cut, glance))
            return measured

        tried = search(len(blocks), measure, settings, job.stages.say)
    file.write_text(json.dumps({"candidates": [plain(c) for c in tried]}, indent=1) + "\n")
    return tried


@contextmanager
def bench_beside_parent(job: Job) -> Iterator[Bench]:
    """The unpruned network on its engines, to time others beside it; closed with the block."""
    with ExitStack() as engines:
        parents = {}
        graph = job.trace(job.parent)
        for variant in job.settings.on:
            parents[variant] = job.open(variant, graph)
            engines.callback(parents[variant].close)
        yield Bench(
            trace=job.trace,
            parents=parents,
            open=job.open,
            timer=job.timer,
            example=job.example,
        )
