"""What OpenIGTLink costs, both ways: python -m studies.live_sources

A server and a client in this process over loopback, pictures of 640 x 480 grey at 30 a second.
"Source" is from the moment before the last byte is sent to the Frame; "caller" is what
`IgtlServer.submit` takes while one client reads and one does not. "Idle" is what this process
takes of a core while a server sends nothing, and while two clients are told nothing.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable
from itertools import islice

import numpy as np

from sonoedge.analysis import Analysed, Origin, Region
from sonoedge.igtl.outgoing import image_content, message
from sonoedge.sinks.igtl import IgtlServer
from sonoedge.sources import open_source
from sonoedge.sources.igtl import IgtlAddress, IgtlWaits, igtl
from sonoedge.sources.watch import Watch, WatchRules

FRAMES = 300
IDLE_S = 5.0


def _source() -> list[float]:
    sent: dict[int, int] = {}
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (480, 640), dtype=np.uint8)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            link, _ = listening.accept()
            with link, contextlib.suppress(OSError):
                for number in range(1, FRAMES + 50):
                    pixels = noise.copy()
                    pixels[0, :2] = divmod(number, 256)
                    data = message("IMAGE", "study", image_content(pixels), 1, number << 32)
                    sent[number] = time.monotonic_ns()
                    link.sendall(data)
                    time.sleep(1 / 30)

        threading.Thread(target=serve, daemon=True).start()
        waits = []
        with open_source(f"igtl://127.0.0.1:{listening.getsockname()[1]}") as source:
            for frame in islice(source, FRAMES):
                number = int(frame.pixels[0, 0]) * 256 + int(frame.pixels[0, 1])
                waits.append((time.monotonic_ns() - sent[number]) / 1e6)
    return waits


def _sink() -> list[float]:
    contour = np.stack([np.arange(200), np.arange(200)], axis=1).astype(np.int32)
    region = Region(
        contour_px=contour, box_px=(0, 0, 200, 200), area_px=1.0, area_mm2=1.0,
        box_mm=(20.0, 20.0), suspicion=0.5, class_probs={}, flagged=True,
    )  # fmt: skip
    origin = Origin(bundle_id="", engine_sha256="", runtime="", precision="", variant="")
    took = []
    with IgtlServer(0) as server:
        stalled = socket.create_connection(("127.0.0.1", server.port))
        reading = socket.create_connection(("127.0.0.1", server.port))

        def drain() -> None:
            with contextlib.suppress(OSError):
                while reading.recv(1 << 16):
                    pass

        threading.Thread(target=drain, daemon=True).start()
        for number in range(FRAMES):
            analysed = Analysed(
                frame_id=number, captured_ns=0, age_ms=1.0, stages_ms={}, origin=origin,
                regions=(region,) * 16, class_probs={},
            )  # fmt: skip
            begun = time.perf_counter_ns()
            server.submit(analysed)
            took.append((time.perf_counter_ns() - begun) / 1e6)
            time.sleep(1 / 30)
        stalled.close()
        reading.close()
    return took


def _idle_source() -> float:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = IgtlAddress(host="127.0.0.1", port=listening.getsockname()[1])
        waits = IgtlWaits(first_s=60, next_s=60)
        rules = WatchRules(lost_after_ms=60_000, open_ms=60_000)
        watch = Watch(lambda: igtl(address, waits=waits), rules=rules)
        spent = _spent_percent(lambda: watch.take(IDLE_S))
        watch.close()
    return spent


def _idle_sink() -> float:
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(IgtlServer(0))
        for _ in range(2):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        return _spent_percent(lambda: time.sleep(IDLE_S))


def _spent_percent(idle: Callable[[], object]) -> float:
    time.sleep(0.5)  # whatever begins has begun
    begin_s = time.process_time()
    idle()
    return (time.process_time() - begin_s) / IDLE_S * 100


def main() -> None:
    """Print all of them."""
    for name, values in (("source", _source()), ("caller", _sink())):
        p50, p99 = np.percentile(values, (50, 99))
        print(
            f"{name}  p50 {p50:.3f} ms  p99 {p99:.3f} ms  max {max(values):.3f} ms  n {len(values)}"
        )
    print(f"idle    source {_idle_source():.2f} %  sink {_idle_sink():.2f} %  of a core")


if __name__ == "__main__":
    main()
