"""Train LesionNet, or its decoder on a pretrained trunk: resumable, seeded, on CPU or GPU.

    python train.py --data BUSI_FOLDER BUSBRA_FOLDER --out build/reference
    python train.py --trunk resnet18 --weights FILE --data ... --masks-only BUS_UCLM_FOLDER ...
    python train.py --teachers WEIGHTS WEIGHTS --data ... --out build/taught

Each folder has a frames.json and pictures. The training split is trained on, the
validation split chooses; the test split is never read. A second call with the
same --out goes on where the first one stopped. Taught by others, a network learns the labels
and the mean of their answers, these also to blends of two frames (Beyer et al. 2022,
arXiv:2106.05237).
"""

from __future__ import annotations

import argparse
import copy
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.utils.data import DataLoader, Subset

from arguments import parser
from arithmetic import bfloat16
from augment import Changes
from frames import Prepared, prepare, prepare_clips, together
from lesionnet import LesionNet, lesionnet
from losses import OVERLAPS, from_teachers, loss
from optimise import follow, learning_rate, parameter_groups
from plot import plot
from pseudo import beside, prepare_unlabelled, pseudo_labelled
from resume import Progress, load_checkpoint, save_checkpoint
from sampling import Augmented
from sonoedge.errors import InvalidNetwork, InvalidSettings, SonoedgeError
from sonoedge_export.prune.slim import digest
from stopping import Stop, interrupted, refused
from teachers import Teachers, trained
from trunks import load_pretrained
from trunks.weights import packaged
from validate import scope, validate

COARSE = 2 / 3  # of the batches are at the first of two sizes
ESTIMATED = 128  # frames give a trunk's normalisation its statistics
SOON = 9  # batches, after which the first line tells that it goes on
NEVER = Stop()
BLENDED = 1 / 3  # of a batch, for which the teachers alone say what is right


def begin(net: nn.Module, file: Path) -> None:
    """Take trained weights; a class that they do not know starts as unlikely as can be.

    Surroundings that they do not know begin as nothing.

    Raises:
        InvalidNetwork: they are of another network.
    """
    own = net.state_dict()
    fresh = {n: t for n, t in own.items() if n.startswith(("context.", "surroundings."))}
    state = fresh | load_file(file)
    if set(state) != set(own):
        other = min(set(state) ^ set(own))
        raise InvalidNetwork(
            f"{file.name} is of another network ({other} is in one of them alone); give the "
            "--trunk and the --surroundings that it was trained with"
        )
    known = state["frame.weight"].shape[0]
    for name in ("frame.weight", "frame.bias"):
        wide = own[name].clone()
        wide[:known] = state[name].float()
        if name == "frame.bias":
            wide[known:] = -2.0
        state[name] = wide
    net.load_state_dict({name: tensor.to(own[name].dtype) for name, tensor in state.items()})


def check(args: argparse.Namespace) -> None:
    """Refuse arguments that do not go together.

    Raises:
        InvalidSettings: names them.
    """
    if args.trunk == "none" and (args.weights or args.weights_sha256 or args.untrained):
        raise InvalidSettings("--weights and --untrained are for a --trunk; say which")
    if len(args.sizes) > 2 or any(size < 32 or size % 32 for size in args.sizes):
        raise InvalidSettings("--sizes takes one or two multiples of 32")
    if min(args.batches, args.batch, args.validations) < 1:
        raise InvalidSettings("--batches, --batch and --validations must be 1 or more")
    if args.unlabelled and not args.teachers:
        raise InvalidSettings("--unlabelled needs --teachers, who label its frames")
    if args.mirrored and not args.teachers:
        raise InvalidSettings("--mirrored is for --teachers; name their weights")


def begins_with(args: argparse.Namespace) -> str:
    """SHA-256 of the file of weights that the training begins with, or "untrained".

    Raises:
        InvalidNetwork, MissingDependency: there is no such file.
    """
    file = args.start or args.weights
    if file is None and (args.trunk == "none" or args.untrained):
        return "untrained"
    try:
        return hashlib.sha256((file or packaged(args.trunk)).read_bytes()).hexdigest()
    except OSError as error:
        raise InvalidNetwork(f"{file} cannot be read: {error.strerror}") from error


def bare(args: argparse.Namespace) -> nn.Module:
    """The network that is trained, with random weights."""
    net = lesionnet(4, args.trunk, surroundings=args.surroundings)
    return net.to(args.device, memory_format=torch.channels_last)


def network(args: argparse.Namespace, train: Prepared) -> nn.Module:
    """The network as its training begins.

    Raises:
        InvalidNetwork, MissingDependency: see `load_pretrained`.
    """
    net = bare(args)
    if args.start is not None:
        begin(net, args.start)
    elif args.trunk != "none" and not args.untrained:
        assert isinstance(net, LesionNet)
        frames = Augmented(train, args.sizes[0], 0, args.seed, changes(args))
        pixels = np.stack([frames[n][0][0].numpy() for n in range(min(ESTIMATED, len(frames)))])
        load_pretrained(net.trunk, args.trunk, pixels, args.weights, args.weights_sha256)
    return net


def changes(args: argparse.Namespace) -> Changes:
    """How often frames are changed."""
    return Changes(
        tone=args.tone,
        exchange=args.exchange,
        paste=args.paste,
        masks_only=args.masks_share,
        synthetic=args.synthetic,
    )


def told(made: Changes) -> dict[str, float]:
    """The changes as a checkpoint keeps them: older ones know of no synthetic frames."""
    values = asdict(made)
    if not made.synthetic:
        del values["synthetic"]
    return values


def batches(
    data: Prepared, args: argparse.Namespace, first: int
) -> Iterator[tuple[int, int, list[Tensor]]]:
    """Number, size, and pixels, masks and labels of each batch, the same however often begun.

    Args:
        first: the batch to begin with.
    """
    per_epoch = max(1, int((~data.masks_only & (data.sets >= 0)).sum()) // args.batch)
    change = 0 if len(args.sizes) == 1 else round(args.batches * COARSE)
    number = first
    while number < args.batches:
        epoch, done = divmod(number, per_epoch)
        size = args.sizes[0] if number < change else args.sizes[-1]
        last = min((epoch + 1) * per_epoch, change if number < change else args.batches)
        items = range(done * args.batch, (done + last - number) * args.batch)
        frames = Subset(Augmented(data, size, epoch, args.seed, changes(args)), items)
        loader = DataLoader(
            frames,
            args.batch,
            num_workers=args.workers,
            prefetch_factor=4 if args.workers else None,
        )
        for batch in loader:
            yield number, size, batch
            number += 1


def step(
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: list[Tensor],
    args: argparse.Namespace,
    progress: float,
    teachers: Teachers | None = None,
) -> float:
    """One step of the optimiser; the loss before it."""
    pixels, mask, label = (t.to(args.device) for t in batch)
    for group in optimizer.param_groups:
        group["lr"] = learning_rate(progress, group["peak"])
    x = pixels.float() / 127.5 - 1
    own = len(x)
    if teachers is not None:
        own -= int(own * BLENDED)
        share = torch.rand(len(x) - own, 1, 1, 1, device=x.device) * 0.5 + 0.5
        x = torch.cat([x[:own], share * x[own:] + (1 - share) * x[: len(x) - own]])
    x = x.contiguous(memory_format=torch.channels_last)
    with bfloat16(args.device):
        logits = net(x)
        taught = None if teachers is None else teachers(x)
    labelled = {name: answer[:own] for name, answer in logits.items()}
    truth = mask[:own].float() / 255
    value = loss(labelled, truth, label[:own], overlap=OVERLAPS[args.loss], detect=args.detect)
    if taught is not None:
        value = value + args.distil * from_teachers(logits, taught)
    optimizer.zero_grad(set_to_none=True)
    value.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), args.clip)
    optimizer.step()
    return value.item()


def fit(
    args: argparse.Namespace,
    student: nn.Module | None = None,
    teacher: nn.Module | None = None,
    progressed: Callable[[int, int], None] = lambda done, of: None,
    stop: Stop = NEVER,
) -> nn.Module:
    """Train, checkpoint and judge until the schedule ends.

    Args:
        student: the network to train, in place of what the arguments say; it is not changed.
        teacher: one more, beside --teachers.
        progressed: told after each batch how many of how many are done.
        stop: once it was asked, the batch is finished and a checkpoint saved.

    Returns:
        The exponential mean of the network's weights.

    Raises:
        KeyboardInterrupt: `stop` was asked.
    """
    check(args)
    side, cache = max(args.sizes), args.cache or args.out / "cache"
    train = prepare(args.data, "train", side, cache, tuple(args.masks_only))
    val = prepare([*args.data, *args.masks_only], "val", side, cache)
    others = None
    if args.others is not None:
        train = together(train, prepare_clips(args.others, "train", side, cache))
        others = prepare_clips(args.others, "val", side, cache)
    teachers, taught = None, []
    if args.teachers or teacher is not None:
        teachers = trained(args.teachers, mirrored=args.mirrored)
        taught = [hashlib.sha256(file.read_bytes()).hexdigest() for file in args.teachers]
        if teacher is not None:
            teachers.networks.append(copy.deepcopy(teacher).eval())
            taught.append(digest(teacher))
        teachers.to(args.device, memory_format=torch.channels_last)
        if args.unlabelled:
            frames = prepare_unlabelled(args.unlabelled, side)
            sure = pseudo_labelled(frames, teachers, args.device)
            print(f"teachers are sure of {len(sure)} of {len(frames)} unlabelled frames")
            train = together(train, beside(train, sure))
    if len(train) < args.batch:
        raise InvalidSettings(f"--batch {args.batch} is more than the {len(train)} training frames")
    names = ("trunk", "batches", "sizes", "batch", "lr", "trunk_lr", "clip", "loss", "seed")
    settings: dict[str, Any] = {name: getattr(args, name) for name in names}
    settings |= {"surroundings": args.surroundings, "detect": args.detect, **told(changes(args))}
    begun = begins_with(args) if student is None else digest(student)
    settings |= {"frames": train.sha256(), "begins_with": begun}
    if teachers is not None:
        settings |= {"teachers": taught, "mirrored": args.mirrored, "distil": args.distil}
    torch.manual_seed(args.seed)
    checkpoint, progress = args.out / "checkpoint.safetensors", Progress()
    resumed = checkpoint.exists()
    if student is not None:
        net = copy.deepcopy(student).to(args.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    else:
        net = bare(args) if resumed else network(args, train)
    smooth = copy.deepcopy(net)  # an exponential mean of the weights is what is kept
    optimizer = torch.optim.AdamW(parameter_groups(net, args.lr, args.trunk_lr))
    networks = {"net": net, "smooth": smooth}
    if resumed:
        progress = load_checkpoint(checkpoint, networks, optimizer, settings)
        print(f"resumed after batch {progress.batch}", flush=True)
    judged = {round(args.batches * (n + 1) / args.validations) for n in range(args.validations)}
    began = saved = time.monotonic()
    first = progress.batch
    for number, size, batch in batches(train, args, first):
        torch.manual_seed(args.seed * 1_000_003 + number)
        net.train()
        value = step(net, optimizer, batch, args, number / args.batches, teachers)
        follow([smooth], [net], min(0.998, (1 + number) / (10 + number)))
        now = time.monotonic()
        progress.losses.append(value)
        progress.batch = number + 1
        progress.seconds += now - began
        began = now
        progressed(number + 1, args.batches)
        ends, asked = number + 1 in judged, stop.asked
        if ends:
            row = {"batch": number + 1, "size": size, "loss": float(np.mean(progress.losses))}
            row["seconds"] = round(progress.seconds, 1)
            row |= validate(smooth, val, args.device)
            if others is not None:
                row |= scope(smooth, val, others, args.device)
            progress.log.append(row)
            progress.losses = []
            weights = {k: v.contiguous() for k, v in smooth.state_dict().items()}
            save_file(weights, args.out / f"batch{number + 1:06d}.safetensors")
            print(" ".join(f"{k} {v:.4g}" for k, v in row.items()), flush=True)
            (args.out / "log.json").write_text(json.dumps(progress.log, indent=1))
            plot(
                progress.log,
                [f.name for f in [*args.data, *args.masks_only]],
                args.out / "curves.png",
            )
            began = time.monotonic()
        if ends or asked or now - saved >= args.save_minutes * 60:
            save_checkpoint(checkpoint, networks, optimizer, progress, settings)
            saved = time.monotonic()
        if saved >= now or number - first == SOON:
            print(
                f"batch {number + 1}/{args.batches} loss {value:.3f} "
                f"{(number + 1) / progress.seconds:.2f} batches/s",
                flush=True,
            )
        if asked:  # as it was when the checkpoint was decided on
            raise KeyboardInterrupt
    return smooth


def main() -> None:
    args = parser(__doc__.split("\n")[0]).parse_args()
    torch.set_flush_denormal(True)  # denormal numbers make a CPU many times slower
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    cv2.setNumThreads(1)
    args.out.mkdir(parents=True, exist_ok=True)
    stop = Stop()
    try:
        with stop.heard():
            fit(args, stop=stop)
    except KeyboardInterrupt:
        interrupted()
    except SonoedgeError as error:
        refused(error)


if __name__ == "__main__":
    main()
