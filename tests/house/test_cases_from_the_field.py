"""Inputs from the field that were once answered wrongly: each folder gives what is right.

The folders are no part of the repository; where they are absent this is skipped. A folder is added
by a row of `REFUSED` or `EXPORTED`, or by a test of its own below them.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime as ort
import pytest
import torch

import sonoedge
from sonoedge.cli import main
from sonoedge_export.data.labelled import read_labelled

ROOT = Path(__file__).parents[2]
CASES = Path(os.environ.get("SONOEDGE_CASES", ROOT.parent / "shared" / "cases"))
Array = npt.NDArray[Any]
Edits = tuple[tuple[str, str], ...]

pytestmark = pytest.mark.skipif(
    not CASES.is_dir(), reason="the cases are absent; set SONOEDGE_CASES to their folder"
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One export of a folder.

    Attributes:
        folder: the beginning of its name.
        recipe: the file's name.
        edits: texts of the recipe that are replaced by others.
    """

    folder: str
    recipe: str = "recipe.toml"
    edits: Edits = ()

    @property
    def name(self) -> str:
        """For the test's name."""
        return "-".join(
            [self.folder, self.recipe.removesuffix(".toml"), *(b for _, b in self.edits)]
        )


@dataclass(frozen=True, kw_only=True)
class Refused(Case):
    """What the message must say, on one line."""

    token: str = "INVALID_NETWORK"
    says: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Exported(Case):
    """What the first graph must answer: made by the user's network from a frame, uint8 [H, W].

    Attributes:
        expected: takes the folder and the frame; gives outputs by name.
    """

    expected: Callable[[Path, Array], dict[str, Array]]


def onnx_softmax(
    name: str,
    *,
    channels: int = 1,
    dtype: str = "float32",
    layout: str = "NCHW",
    scale: bool = True,
) -> Callable[[Path, Array], dict[str, Array]]:
    """The lesion map that a segmentation as an ONNX file gives: softmax, channels 1 and 2."""

    def answer(folder: Path, frame: Array) -> dict[str, Array]:
        session = ort.InferenceSession((folder / name).read_bytes())
        x = frame.astype(np.float64)[None, None].repeat(channels, 1)
        x = ((x - 127.5) / 127.5 if scale else x).astype(dtype)
        given = x if layout == "NCHW" else x.transpose(0, 2, 3, 1)
        (logits,) = session.run(None, {session.get_inputs()[0].name: given})
        logits = logits if layout == "NCHW" else logits.transpose(0, 3, 1, 2)
        p = torch.softmax(torch.from_numpy(logits.astype(np.float32)), 1)[:, 1:].sum(
            1, keepdim=True
        )
        return {"lesion_map": (p * 255).round().numpy()}

    return answer


def classifier(
    factory: str,
    activation: Callable[[torch.Tensor], torch.Tensor],
    *,
    mean: Any = 127.5,
    std: Any = 127.5,
    channels: int = 1,
) -> Callable[[Path, Array], dict[str, Array]]:
    """The probabilities that one of the folder's classifiers gives."""

    def answer(folder: Path, frame: Array) -> dict[str, Array]:
        network = getattr(_module(folder, "heads"), factory)().eval()
        x = torch.tensor(frame.astype(np.float32))[None, None].repeat(1, channels, 1, 1)
        mean_, std_ = (
            torch.tensor(v, dtype=torch.float32).reshape(1, -1, 1, 1) for v in (mean, std)
        )
        with torch.no_grad():
            return {"class_probs": activation(network((x - mean_) / std_)).numpy()}

    return answer


def softmax(x: torch.Tensor) -> torch.Tensor:
    return torch.softmax(x, 1)


def both(x: torch.Tensor) -> torch.Tensor:
    return torch.cat([1 - torch.sigmoid(x), torch.sigmoid(x)], 1)


def unchanged(x: torch.Tensor) -> torch.Tensor:
    return x


def file_of(name: str, was: str) -> Edits:
    return ((f'onnx = "{was}"', f'onnx = "{name}"'),)


IMAGENET = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375], "channels": 3}
NO_MAP = (("[outputs.class_probs]", '[outputs]\nlesion_map = "none"\n[outputs.class_probs]'),)
CHANNELS = (("[input]", "channels = 3\n[input]"),)
UPSAMPLE, UINT8, BATCH = "op9_upsample_linear.onnx", "u8_in.onnx", "dyn_batch.onnx"

REFUSED = (
    Refused(folder="02", says=("nan.safetensors", "NaN")),
    Refused(
        folder="02",
        edits=(("nan.safetensors", "negative_variance.safetensors"),),
        says=("negative_variance.safetensors", "variance below 0"),
    ),
    Refused(folder="06", token="INVALID_DATA", says=("has 16 bits per value",)),
    Refused(folder="13", says=("it takes 3 channels; set network.channels = 3",)),
    Refused(
        folder="16", edits=file_of("size32.onnx", UINT8), says=("'input'", "input.height = 32")
    ),
    Refused(folder="16", edits=file_of("batch8.onnx", UINT8), says=("'input'", "batch 1")),
    Refused(
        folder="16",
        edits=(("[input]", "mean = 0.0\n[input]"),),
        says=("'input'", "leave out network.mean"),
    ),
    Refused(folder="17", edits=file_of("cin3.onnx", BATCH), says=("network.channels = 3",)),
    Refused(folder="17", edits=file_of("argmax_out.onnx", BATCH), says=("int64 [1, 64, 64]",)),
    Refused(folder="17", edits=file_of("three_dims.onnx", BATCH), says=("float32 [1, 64, 64]",)),
    Refused(folder="20", recipe="lightning.toml", says=('network.weights_key = "state_dict"',)),
    Refused(folder="20", recipe="loop.toml", says=('network.weights_key = "model_state_dict"',)),
)
EXPORTED = (
    Exported(folder="01", expected=onnx_softmax(UPSAMPLE)),
    Exported(
        folder="01",
        edits=file_of("op10_resize_linear.onnx", UPSAMPLE),
        expected=onnx_softmax("op10_resize_linear.onnx"),
    ),
    Exported(folder="05", expected=onnx_softmax("net.onnx")),
    Exported(
        folder="03", recipe="multilabel.toml", expected=classifier("multilabel", torch.sigmoid)
    ),
    Exported(folder="03", recipe="inside.toml", expected=classifier("softmax_inside", unchanged)),
    Exported(folder="14", expected=classifier("colour", softmax, **IMAGENET)),
    Exported(folder="15", recipe="single_logit.toml", expected=classifier("single_logit", both)),
    Exported(
        folder="15",
        recipe="mobilenetv3.toml",
        # Nobody trained it: at the threshold that it has, it would flag nothing, and be refused.
        edits=(("positive = [", "lesion_threshold = 0.01\nflag_threshold = 0.01\npositive = ["),),
        expected=classifier("mobilenetv3_head", softmax),
    ),
    Exported(
        folder="15", recipe="squeezenet.toml", expected=classifier("squeezenet_head", softmax)
    ),
    Exported(
        folder="15",
        recipe="squeezenet.toml",
        edits=NO_MAP,
        expected=classifier("squeezenet_head", softmax),
    ),
    Exported(folder="16", expected=onnx_softmax(UINT8, dtype="uint8", scale=False)),
    Exported(folder="17", expected=onnx_softmax(BATCH)),
    Exported(
        folder="17",
        edits=file_of("dyn_all.onnx", BATCH),
        expected=onnx_softmax("dyn_all.onnx"),
    ),
    Exported(
        folder="17",
        edits=file_of("nhwc_both.onnx", BATCH),
        expected=onnx_softmax("nhwc_both.onnx", layout="NHWC"),
    ),
    Exported(
        folder="17",
        edits=file_of("fp16_io.onnx", BATCH),
        expected=onnx_softmax("fp16_io.onnx", dtype="float16"),
    ),
    Exported(
        folder="17",
        edits=(*file_of("cin3.onnx", BATCH), *CHANNELS),
        expected=onnx_softmax("cin3.onnx", channels=3),
    ),
    Exported(folder="23", expected=onnx_softmax("op21_groupnorm.onnx")),
)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Path]:
    """A folder to work in; modules beside recipes are forgotten afterwards."""
    modules = ("heads", "net")
    for name in modules:
        sys.modules.pop(name, None)
    yield tmp_path
    for name in modules:
        sys.modules.pop(name, None)


def copied(case: Case, place: Path) -> Path:
    """A copy of the case's folder, its recipe edited."""
    (source,) = CASES.glob(f"{case.folder}-*")
    folder = place / "case"
    shutil.copytree(source, folder, copy_function=shutil.copyfile)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755)
    file = folder / case.recipe
    text = file.read_text()
    for old, new in case.edits:
        assert text.count(old) == 1, (old, text)
        text = text.replace(old, new)
    file.write_text(text)
    return folder


@pytest.mark.parametrize("case", REFUSED, ids=lambda c: c.name)
def test_what_cannot_be_right_is_refused_in_one_line(
    case: Refused, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = copied(case, place)
    assert main(["export", str(folder / case.recipe), "--out", str(place / "b")]) == 2
    (line,) = [x for x in capsys.readouterr().err.splitlines() if x.startswith("sonoedge export:")]
    assert f" {case.token}: " in line
    for text in case.says:
        assert text in line
    assert not (place / "b").exists()


@pytest.mark.parametrize("case", EXPORTED, ids=lambda c: c.name)
def test_an_exported_graph_answers_as_the_users_network(case: Exported, place: Path) -> None:
    folder = copied(case, place)
    assert main(["export", str(folder / case.recipe), "--out", str(place / "b")]) == 0
    session = ort.InferenceSession((place / "b" / "graphs" / "fp32.onnx").read_bytes())
    names = [o.name for o in session.get_outputs()]
    for picture in sorted((folder / "frames").glob("??.png"))[:4]:
        frame = cv2.resize(cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE), (64, 64))
        answer = dict(zip(names, session.run(None, {"frame": frame[None, None]}), strict=True))
        for name, want in case.expected(folder, frame).items():
            assert answer[name].shape == want.shape
            limit = 1 if name == "lesion_map" else 1e-4
            assert np.abs(answer[name].astype(float) - want.astype(float)).max() <= limit
        assert answer["finite"].tolist() == [1]


def test_05_masks_of_0_and_1_hold_their_lesions() -> None:
    (source,) = CASES.glob("05-*")
    assert sum(entry.truth().any() for entry in read_labelled(source / "frames/frames.json")) == 12


def test_07_a_frame_that_the_guard_stops_is_never_golden(place: Path) -> None:
    folder = copied(Case(folder="07"), place)
    assert main(["export", str(folder / "recipe.toml"), "--out", str(place / "b")]) == 0
    with sonoedge.open(place / "b") as analyser:
        assert analyser.labels == ("normal", "benign", "malignant")


def test_22_verify_refuses_unknown_labels(capsys: pytest.CaptureFixture[str]) -> None:
    (source,) = CASES.glob("22-*")
    tiny = str(ROOT / "tests" / "data" / "tiny")
    assert main(["verify", tiny, "--data", str(source / "frames" / "frames.json")]) == 2
    assert "is labelled 'Malignant'; postprocess.labels has" in capsys.readouterr().err


def _module(folder: Path, name: str) -> Any:
    sys.modules.pop(name, None)
    sys.path.insert(0, str(folder))
    try:
        return __import__(name)
    finally:
        sys.path.remove(str(folder))
