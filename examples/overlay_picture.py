"""The picture on the README: stills as the overlay shows them, side by side.

    python examples/overlay_picture.py BUNDLE STILL STILL --variant ID --out docs/overlay.png

Each still is analysed three times, so that the age shown is not that of the first call.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

import sonoedge
from sonoedge import EngineOptions, Frame
from sonoedge.outputs.overlay import draw

HEIGHT, GAP = 530, 12  # pixels
CALLS = 3


def beside(pictures: list[npt.NDArray[np.uint8]]) -> npt.NDArray[np.uint8]:
    """Pictures at one height, white between them."""
    row = []
    for picture in pictures:
        width = round(picture.shape[1] * HEIGHT / picture.shape[0])
        shown = cv2.resize(picture, (width, HEIGHT), interpolation=cv2.INTER_AREA)
        row += [np.full((HEIGHT, GAP, 3), 255, np.uint8), np.asarray(shown, np.uint8)]
    return np.hstack(row[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("stills", type=Path, nargs="+")
    parser.add_argument("--variant", help="an engine's id; the device's own choice if not given")
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    options = EngineOptions(variant=args.variant) if args.variant else EngineOptions()
    pictures = []
    with sonoedge.open(args.bundle, options, tracking=False) as analyser:
        for file in args.stills:
            pixels = cv2.imread(str(file), cv2.IMREAD_GRAYSCALE)
            if pixels is None:
                sys.exit(f"{file} is no picture")
            frame = Frame(pixels=np.asarray(pixels, np.uint8))
            for _ in range(CALLS):
                analysis = analyser.analyse(frame)
            pictures.append(draw(frame, analysis))
    cv2.imwrite(str(args.out), beside(pictures))


if __name__ == "__main__":
    main()
