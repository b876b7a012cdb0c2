"""A host application with a live analysis inside: frames in, a picture's state out.

python examples/embed.py BUNDLE SOURCE

The host's own loop never waits for the analysis. It shows three things and nothing
else: a valid result, that there is none, or that the analysis is not available.
"""

import argparse
import time

import sonoedge
from sonoedge.sources import open_source


def banner(session: sonoedge.LiveSession) -> str:
    """What to show beside the picture, at this moment."""
    status = session.status()
    if time.monotonic_ns() > status.valid_until_ns:  # also when the SDK itself has died
        return f"AI not available: {status.state.value} {' '.join(status.reasons)}"
    result = session.latest()
    if result is None:
        return "AI ready"
    if isinstance(result, sonoedge.NotAnalysed):
        return "not analysed: " + " ".join(reason.value for reason in result.reasons)
    if result.grade is not None:  # the network classifies alone: it knows of no regions
        words = "suspicious" if result.flagged else "not suspicious"
        return f"frame {words}, {result.age_ms:.0f} ms old"
    flagged = [region for region in result.regions if region.flagged]
    return f"{len(flagged)} suspicious regions, {result.age_ms:.0f} ms old"


def main(bundle: str, source: str) -> None:
    with sonoedge.live(bundle, max_age_ms=500) as session, open_source(source, realtime=True) as s:
        shown = ""
        for frame in s:
            session.submit(frame)  # returns at once; the pixels may be used again
            now = banner(session)  # a host would paint the frame, and this
            if now != shown:
                print(now)
                shown = now
        session.drain(2.0)
        print(banner(session))
        counters = session.status().counters
    print(
        f"{counters.submitted} frames: {counters.analysed} analysed, "
        f"{counters.superseded} superseded, not analysed {dict(counters.not_analysed)}"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A host application with a live analysis inside.")
    parser.add_argument("bundle", metavar="BUNDLE", help="a bundle's folder")
    parser.add_argument("source", metavar="SOURCE", help="a clip, a folder of pictures, a camera")
    args = parser.parse_args()
    main(args.bundle, args.source)
