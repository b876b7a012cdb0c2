"""One call per frame: the whole of an integration.

python examples/firmware.py BUNDLE SOURCE
"""

import sys

import sonoedge
from sonoedge.sources import open_source


def main(bundle: str, source: str) -> None:
    with sonoedge.open(bundle) as analyser, open_source(source) as frames:
        for frame in frames:
            result = analyser.analyse(frame)  # never raises
            if isinstance(result, sonoedge.NotAnalysed):
                print("not analysed:", *(reason.value for reason in result.reasons))
                continue
            if result.grade is not None:  # the network classifies alone: it knows of no regions
                mark = "FLAGGED" if result.flagged else "seen"
                print(mark, "the frame, without a place", f"suspicion {result.grade.suspicion:.2f}")
            for region in result.regions:
                mark = "FLAGGED" if region.flagged else "seen"
                print(mark, region.box_px, f"suspicion {region.suspicion:.2f}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
