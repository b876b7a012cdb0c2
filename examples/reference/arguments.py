"""The command line of train.py."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from losses import OVERLAPS
from sampling import MASKS_ONLY
from trunks import TRUNKS


def share(text: str) -> float:
    """A share, 0 to 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no share; give 0 to 1")
    return value


def parser(description: str) -> argparse.ArgumentParser:
    """What a training can be told; `description` is its help's first line."""
    result = argparse.ArgumentParser(description=description)
    add = result.add_argument
    add("--data", type=Path, nargs="+", required=True, metavar="FOLDER")
    add(
        "--masks-only",
        type=Path,
        nargs="*",
        default=[],
        metavar="FOLDER",
        help="sets whose masks and normal frames teach, and whose grades do not",
    )
    add("--others", type=Path, help="folder with the clips of out_of_scope.json")
    add("--trunk", choices=("none", *TRUNKS), default="none", help="the encoder")
    add("--surroundings", action="store_true", help="see lesionnet.py")
    add("--weights", type=Path, help="the trunk's pretrained weights")
    add("--weights-sha256", help="their digest, where they are not among the known ones")
    add("--untrained", action="store_true", help="begin with a random trunk")
    add("--start", type=Path, help="weights of the whole network to start from (safetensors)")
    add(
        "--teachers",
        type=Path,
        nargs="*",
        default=[],
        metavar="FILE",
        help="weights of networks whose mean answer teaches as well (safetensors)",
    )
    add("--mirrored", action="store_true", help="ask teachers for the mirrored frame too")
    add("--distil", type=float, default=1.0, help="weight of the teachers' answers")
    add("--out", type=Path, required=True)
    add("--cache", type=Path, help="folder for the prepared frames; in --out if not given")
    add("--batches", type=int, default=4000)
    add(
        "--sizes",
        type=int,
        nargs="+",
        default=[192, 256],
        help="pixels; of two, the first is for two thirds of the batches",
    )
    add("--batch", type=int, default=16, help="frames in a batch")
    add("--lr", type=float, default=1.5e-3)
    add("--trunk-lr", type=float, default=4e-4)
    add("--clip", type=float, default=5.0, help="longest gradient")
    add("--loss", choices=tuple(OVERLAPS), default="dice", help="of the lesion's overlap")
    add("--detect", type=float, default=0.0, help="weight of the loss that counts lesions")
    add("--tone", type=share, default=1.0, help="share of frames of another gain and contrast")
    add("--exchange", type=share, default=0.0, help="share of frames of another's slow shading")
    add("--paste", type=share, default=0.0, help="share of normal frames given a lesion")
    add(
        "--synthetic",
        type=share,
        default=0.0,
        help="share of frames that are drawn phantoms with a lesion (phantom.py)",
    )
    add(
        "--unlabelled",
        type=Path,
        nargs="*",
        default=[],
        metavar="FOLDER",
        help="sets whose labels are not read: the --teachers label what they are sure of "
        "(pseudo.py); drawn as often as --masks-share says",
    )
    add(
        "--masks-share",
        type=share,
        default=MASKS_ONLY,
        help="share of breast frames that are of sets of masks only",
    )
    add("--seed", type=int, default=1)
    add("--validations", type=int, default=10, help="how often the validation split is judged")
    add("--save-minutes", type=float, default=3.0, help="time between checkpoints")
    add("--threads", type=int, help="processor threads; as many as there are cores if not given")
    add("--workers", type=int, default=1, help="processes that augment")
    add("--device", type=torch.device, default="cuda" if torch.cuda.is_available() else "cpu")
    return result
