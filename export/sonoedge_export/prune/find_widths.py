"""Find the widths that reach the target, and remember them in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sonoedge.errors import InvalidSettings
from sonoedge.settings import plain
from sonoedge_export.prune.accuracy import subset
from sonoedge_export.prune.bisect import search
from sonoedge_export.prune.folder_file import read_file, write_file
from sonoedge_export.prune.job import Job
from sonoedge_export.prune.slimmed_candidate import Bench, Candidate
from sonoedge_export.prune.surgery import slimmed
from sonoedge_export.prune.widths import least_important, order, widths

SEARCH_FILE = "search.json"
GLANCE = 120  # frames on which candidates are judged before recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What `search.json` holds: all candidates measured, the chosen one last."""

    candidates: tuple[Candidate, ...]

    def __post_init__(self) -> None:
        if not self.candidates:
            raise InvalidSettings("candidates must not be empty")


def find(job: Job) -> tuple[Candidate, ...]:
    """All candidates measured, the chosen one last.

    Raises:
        InvalidSettings: the search that the folder remembers is damaged.
        PruningRefused: see `search`.
    """
    file = job.out / SEARCH_FILE
    if file.is_file():
        job.stages.say("  the search is taken from the folder")
        return _remembered(file).candidates
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
                job.restate(cut)
                return replace(measured, before_recovery=job.accuracy.measure(cut, glance))
            return measured

        candidates = tuple(search(len(blocks), measure, settings, job.stages.say))
    write_file(plain(Search(candidates=candidates)), file)
    return candidates


def _remembered(file: Path) -> Search:
    try:
        return read_file(Search, file)
    except InvalidSettings as error:
        raise InvalidSettings(f"{error}; delete {file}, and the search is made again") from None


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
