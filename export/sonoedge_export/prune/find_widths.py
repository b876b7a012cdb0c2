"""Find the widths that reach the target, and remember them in the folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from sonoedge.settings import plain, read
from sonoedge_export.candidates.latency import interleaved_p50
from sonoedge_export.data.labelled import read_labelled
from sonoedge_export.graph.build import build_graph
from sonoedge_export.prune.accuracy import accuracy, few
from sonoedge_export.prune.bisect import search
from sonoedge_export.prune.job import Job
from sonoedge_export.prune.slimmed_candidate import Bench, Candidate, Open, Timer
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import least_important, order, widths

FOUND = "search.json"
GLANCE = 120  # frames on which candidates are judged before recovery


def find(job: Job, *, open: Open, timer: Timer | None) -> list[Candidate]:
    """All candidates measured, the chosen one last.

    Raises:
        PruningRefused: see `search`.
    """
    file = job.out / FOUND
    if file.is_file():
        job.stages.say("  the search is taken from the folder")
        return [read(Candidate, c) for c in json.loads(file.read_text())["candidates"]]
    settings = job.settings
    with (
        job.stages.stage("search by measured milliseconds"),
        beside_parent(job, open, timer) as bench,
    ):
        groups, scores = job.scored(job.parent)
        blocks = order(
            groups, scores, spread=settings.spread, multiple=settings.multiple, most=settings.most
        )
        glance = few(job.check, GLANCE)

        def measure(count: int, careful: int) -> Candidate:
            kept = widths(groups, blocks[:count])
            cut = slimmed(job.parent, job.example, least_important(groups, scores, kept))
            found = bench.measure(cut, blocks=count, widths=kept, careful=careful)
            if glance and careful == 1:
                return replace(found, before_recovery=accuracy(job.recipe, cut, glance))
            return found

        tried = search(len(blocks), measure, settings, job.stages.say)
    file.write_text(json.dumps({"candidates": [plain(c) for c in tried]}, indent=1) + "\n")
    return tried


@contextmanager
def beside_parent(job: Job, open: Open, timer: Timer | None) -> Iterator[Bench]:
    """The unpruned network on its engines, to time others beside it; closed with the block."""
    with ExitStack() as engines:
        parents = {}
        whole = build_graph(job.recipe, job.parent)
        for variant in job.settings.on:
            parents[variant] = open(variant, whole)
            engines.callback(parents[variant].close)
        yield Bench(
            recipe=job.recipe,
            parents=parents,
            open=open,
            timer=timer or _clock(job),
            example=job.example,
        )


def _clock(job: Job) -> Timer:
    """Engines take turns on frames of the recipe."""
    data = read_labelled(job.recipe.path(job.recipe.data.frames[0]), job.recipe.data.split)
    return partial(interleaved_p50, data=data, recipe=job.recipe)
