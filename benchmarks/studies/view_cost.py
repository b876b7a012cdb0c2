"""What a viewer of the live page costs, and how late he sees: python -m studies.view_cost

Pictures of 640 x 480 at 30 a second, each with an outline and a map, go to a headless
Chromium on this machine. Rounds with and without it take turns. Prints, for grey and for
colour, the processor time of the server's process per frame that was handed over, and per
picture that was drawn (a busy machine draws fewer), and the latency: from the moment the
result is at hand until the server hears that the picture has been drawn, the way back
included, on one clock.

    python -m studies.view_cost [--frames N] [--rounds N]
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import numpy as np

from sonoedge.analysis import Analysed, Explanation, Origin, Region
from sonoedge.errors import MissingDependency
from sonoedge.frames import Frame
from sonoedge.view.feed import Newest, ViewFeed
from sonoedge.view.message import state_message
from sonoedge.view.server import ViewServer
from studies.metrics_cost import STATUS

FPS: Final = 30
OPTIONS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-sync", "--disable-background-networking", "--disable-component-update"),
    "--remote-debugging-port=0",  # without it, it ends when the page has loaded
)
ORIGIN: Final = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")


class TimedFeed(ViewFeed):
    """A feed that notes how long after its result each picture was on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.latencies_ms: list[float] = []

    def since_ms(self, newest: Newest) -> float:
        """As the feed's own."""
        since_ms = super().since_ms(newest)
        self.latencies_ms.append(since_ms - newest.age_ms)
        return since_ms


@contextmanager
def browser(url: str) -> Iterator[None]:
    """A headless Chromium that looks at the page.

    Raises:
        MissingDependency: there is no Chromium.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise MissingDependency("Chromium is not installed; on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        words = [program, *OPTIONS, f"--user-data-dir={folder}", url]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def result(frame_id: int) -> Analysed:
    """A result with an outline of 120 points and a map of 128 x 128."""
    turn = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    points = np.stack([320 + 90 * np.cos(turn), 240 + 60 * np.sin(turn)], axis=1)
    region = Region(
        contour_px=points.astype(np.int32), box_px=(230, 180, 411, 301), area_px=16_900.0,
        area_mm2=None, box_mm=None, suspicion=0.9, class_probs={}, flagged=True, track_id=1,
    )  # fmt: skip
    levels = np.full((128, 128), 200, np.uint8)
    explanation = Explanation(name="malignancy_map", levels=levels, box_px=(0, 0, 640, 480))
    return Analysed(
        frame_id=frame_id, captured_ns=0, age_ms=0.0, stages_ms={}, origin=ORIGIN,
        regions=(region,), class_probs={}, temporal_flag=True, explanation=explanation,
    )  # fmt: skip


def drive(feed: ViewFeed, pictures: list[Frame], first: int, frames: int) -> float:
    """Feed frames at their pace; returns this process's processor time per frame, ms."""
    results = [result(first + number) for number in range(frames)]
    due, began = time.monotonic(), time.process_time()
    for number, each in enumerate(results):
        feed.add_frame(each.frame_id, pictures[number % len(pictures)])
        feed.add_result(each)
        due += 1 / FPS
        time.sleep(max(0.0, due - time.monotonic()))
    return (time.process_time() - began) / frames * 1e3


def main(argv: list[str] | None = None) -> int:
    """Print both, for grey and for colour."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=300, help="in each round")
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args(argv)
    rng = np.random.default_rng(0)
    for kind, shape in (("grey", (480, 640)), ("colour", (480, 640, 3))):
        pictures = [Frame(pixels=rng.integers(0, 256, shape, dtype=np.uint8)) for _ in range(8)]
        without, watched, drawn, first = [], [], [], 0
        feed = TimedFeed()
        with ViewServer(feed, lambda: state_message(STATUS, None, 0)) as server:
            for _ in range(args.rounds):
                without.append(drive(feed, pictures, first, args.frames))
                first += args.frames
                with browser(server.url):
                    while not feed.watched:
                        time.sleep(0.05)
                    drive(feed, pictures, first, FPS)  # the page's first pictures are slow
                    warm_up = len(feed.latencies_ms)
                    watched.append(drive(feed, pictures, first + FPS, args.frames))
                    first += FPS + args.frames
                    time.sleep(0.5)
                    latencies = feed.latencies_ms[warm_up:]
                    drawn.append(watched[-1] * args.frames / max(1, len(latencies)))
                    p50, p99 = np.percentile(latencies, (50, 99))
                    print(
                        f"{kind}: {len(latencies)} of {args.frames} pictures drawn, "
                        f"latency p50 {p50:.1f} ms, p99 {p99:.1f} ms"
                    )
                while feed.watched:
                    time.sleep(0.05)
        print(
            f"{kind}: server's CPU per frame {statistics.median(watched):.2f} ms with a viewer, "
            f"{statistics.median(drawn):.2f} ms per picture drawn, "
            f"{statistics.median(without):.2f} ms without; rounds {args.rounds}"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
