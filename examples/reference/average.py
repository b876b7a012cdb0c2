"""The mean of the weights of trainings that go on from one another (Izmailov et al. 2018).

    python average.py OUT build/one/batch000600.safetensors build/two/batch000330.safetensors

arXiv:1803.05407. It holds where they are near: judge it as any other weights, with judge.py.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

from sonoedge.errors import InvalidNetwork
from stopping import refused


def average(files: list[Path]) -> dict[str, torch.Tensor]:
    """Weights and running statistics, each the mean of all files'; counters are the last one's.

    Raises:
        InvalidNetwork: the files are of different networks; names the first that differs.
    """
    states = [load_file(file) for file in files]
    shapes = [{name: tensor.shape for name, tensor in state.items()} for state in states]
    for file, other in zip(files, shapes, strict=True):
        if other != shapes[0]:
            raise InvalidNetwork(f"{file.name} is of another network than {files[0].name}")
    mean = dict(states[-1])
    for name, tensor in mean.items():
        if tensor.is_floating_point():
            mean[name] = torch.stack([s[name].double() for s in states]).mean(0).float()
    return mean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("weights", type=Path, nargs="+", metavar="FILE")
    args = parser.parse_args()
    try:
        save_file(average(args.weights), args.out)
    except InvalidNetwork as error:
        refused(error)


if __name__ == "__main__":
    main()
