"""Write the frames of the clips that are no breast as labelled frames, for recovery.

    python write_clips.py DATA build/others

DATA is the folder that the files of out_of_scope.json lie in; its train and val splits
are written, labelled out of scope, without a mask; its test split is not read.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import cv2

from frames import PER_CLIP, read_clips


def main(data: Path, out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for split in ("train", "val"):
        for number, (_, frame) in enumerate(read_clips(data, split, PER_CLIP)):
            pixels = frame.pixels
            if frame.roi_px is not None:
                x0, y0, x1, y1 = frame.roi_px
                pixels = pixels[y0:y1, x0:x1]
            name = f"{split}{number:04d}.png"
            cv2.imwrite(str(out / name), pixels)
            rows.append({"image": name, "mask": None, "label": "out_of_scope", "split": split})
    (out / "frames.json").write_text(json.dumps({"name": "others", "frames": rows}) + "\n")
    print(f"{len(rows)} frames in {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
