"""The reference network's training, on a few drawn frames."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="training needs torch")
pytest.importorskip("matplotlib", reason="training plots its curves")
from safetensors.numpy import load_file

from sonoedge.errors import InvalidNetwork, InvalidSettings


def drawn(folder: Path, count: int, seed: int, **same: object) -> None:
    """A data set: dark discs on speckle, half of them malignant, in train and val.

    Args:
        same: what every row says besides.
    """
    folder.mkdir()
    rng, rows = np.random.default_rng(seed), []
    for n in range(count):
        pixels = rng.integers(80, 200, (96, 128), dtype=np.uint8)
        mask = np.zeros((96, 128), np.uint8)
        centre = int(rng.integers(40, 90)), int(rng.integers(35, 60))
        cv2.circle(mask, centre, 20, 255, -1)
        pixels[mask > 0] //= 2 + n % 2 * 3
        cv2.imwrite(str(folder / f"{n}.png"), pixels)
        cv2.imwrite(str(folder / f"{n}m.png"), mask)
        row = {"image": f"{n}.png", "mask": f"{n}m.png", "split": "val" if n % 3 == 0 else "train"}
        rows.append(row | {"label": "malignant" if n % 2 else "benign"} | same)
    (folder / "frames.json").write_text(json.dumps({"frames": rows}))


@pytest.fixture
def command(repository: Path, tmp_path: Path) -> list[str]:
    """The training's command line, without --out."""
    drawn(tmp_path / "one", 6, 1)
    drawn(tmp_path / "two", 6, 2)
    words = [sys.executable, str(repository / "examples/reference/train.py")]
    words += ["--data", str(tmp_path / "one"), str(tmp_path / "two"), "--device", "cpu"]
    words += ["--threads", "1", "--batch", "4", "--sizes", "64", "96", "--batches", "5"]
    return [*words, "--validations", "2", "--save-minutes", "0"]


ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_training_that_was_killed_goes_on_to_the_same_weights(
    command: list[str], tmp_path: Path
) -> None:
    drawn(tmp_path / "three", 6, 3, patient="she")
    command += ["--masks-only", str(tmp_path / "three"), "--trunk", "resnet18", "--untrained"]
    command += ["--surroundings", "--detect", "0.5", "--exchange", "0.5", "--tone", "0.5"]
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    subprocess.run([*command, "--out", str(whole)], check=True, env=ENVIRONMENT)
    words = [*command, "--out", str(halves)]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("batch 3/5"):  # in the second epoch, after the first validation
                break
        os.killpg(process.pid, signal.SIGKILL)  # with its worker, which would wait for ever
    assert not (halves / "batch000005.safetensors").exists()
    done = subprocess.run(words, check=True, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.stdout.startswith("resumed after batch 3\n")
    log = json.loads((halves / "log.json").read_text())
    assert [(row["batch"], row["size"]) for row in log] == [(2, 64), (5, 96)]
    assert {"dice_0", "auroc_1", "found_2"} <= set(log[-1])
    other = json.loads((whole / "log.json").read_text())
    timeless = [
        [{k: v for k, v in r.items() if k != "seconds"} for r in rows] for rows in (log, other)
    ]
    assert timeless[0] == timeless[1]
    assert (halves / "curves.png").stat().st_size > 1000
    a, b = (load_file(f / "batch000005.safetensors") for f in (whole, halves))
    assert [name for name in a if not np.array_equal(a[name], b[name])] == []
    before = (halves / "checkpoint.safetensors").read_bytes()
    refused = subprocess.run(
        [*words, "--seed", "2"], check=False, env=ENVIRONMENT, capture_output=True, text=True
    )
    assert refused.returncode == 2
    assert refused.stderr.startswith("INVALID_SETTINGS: checkpoint.safetensors is of another")
    assert (halves / "checkpoint.safetensors").read_bytes() == before


def test_ctrl_c_ends_a_training_after_its_step_and_it_goes_on_from_there(
    command: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = [*command, "--batches", "400", "--validations", "1", "--out", str(out)]
    words += ["--save-minutes", "60", "--sizes", "64"]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=ENVIRONMENT,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("batch 10/400")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, with the process that augments
        process.wait(60)
        said = process.stderr.read().splitlines()
    assert process.returncode == 130
    assert said == [
        "stopping after this step; again: at once",
        "interrupted; the same command goes on after the last checkpoint",
    ]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, env=ENVIRONMENT, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        resumed = process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)
    assert 10 <= int(resumed.removeprefix("resumed after batch ")) < 400


def test_a_network_is_taught_by_networks_of_other_trunks(
    command: list[str], tmp_path: Path, reference: Path
) -> None:
    import train  # type: ignore[import-not-found]
    from arguments import parser  # type: ignore[import-not-found]

    def trained(name: str, *words: str) -> dict[str, np.ndarray]:
        out = tmp_path / name
        out.mkdir(exist_ok=True)
        train.fit(parser("").parse_args([*command[2:], "--out", str(out), *words]))
        (weights,) = out.glob(f"batch00000{words[1]}.safetensors")
        return load_file(weights)

    trained("first", "--batches", "1", "--trunk", "lite0", "--untrained")
    teacher = str(tmp_path / "first" / "batch000001.safetensors")
    alone = trained("alone", "--batches", "2")
    taught = trained("taught", "--batches", "2", "--teachers", teacher)
    mirrored = trained("mirrored", "--batches", "2", "--teachers", teacher, teacher, "--mirrored")
    for one, other in ((alone, taught), (taught, mirrored)):
        assert any((one[k] != other[k]).any() for k in one)
    with pytest.raises(InvalidSettings, match=r"distil 1.0 there, 0.5 now"):
        trained("taught", "--batches", "2", "--teachers", teacher, "--distil", "0.5")


def test_whole_networks_that_are_shipped_can_teach_and_answer(reference: Path) -> None:
    import torch

    from teachers import trained  # type: ignore[import-not-found]

    pruned = {file.with_suffix(".safetensors") for file in reference.glob("lesionnet-*.json")}
    whole = sorted(set(reference.glob("lesionnet*.safetensors")) - pruned)
    assert reference / "lesionnet.safetensors" in whole
    for file in whole:
        assert file.stat().st_size < 8e6
        answer = trained([file])(torch.zeros(1, 1, 64, 64))
        assert all(torch.isfinite(value).all() for value in answer.values())
        assert torch.sigmoid(answer["lesion"]).max() < 0.5  # an even grey shows no lesion


def test_weights_of_no_known_network_teach_nobody(reference: Path, tmp_path: Path) -> None:
    from safetensors.numpy import save_file

    from teachers import trained  # type: ignore[import-not-found]

    file = tmp_path / "other.safetensors"
    save_file({"weight": np.zeros(3, np.float32)}, file)
    with pytest.raises(InvalidNetwork, match="no network known here"):
        trained([file])
    file.write_bytes(b"no weights")
    with pytest.raises(InvalidNetwork, match="cannot be read"):
        trained([file])


def test_more_frames_in_a_batch_than_there_are_is_refused(
    command: list[str], tmp_path: Path
) -> None:
    words = [*command, "--out", str(tmp_path / "out"), "--batch", "9"]
    done = subprocess.run(words, check=False, env=ENVIRONMENT, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "INVALID_SETTINGS: --batch 9 is more than the 8 training frames\n"


@pytest.mark.parametrize(
    "words",
    [
        ["--mirrored"],
        ["--weights", "file"],
        ["--untrained"],
        ["--sizes", "100"],
        ["--sizes", "96", "128", "192"],
        ["--batches", "0"],
        ["--trunk", "resnet18", "--validations", "0"],
    ],
)
def test_arguments_that_do_not_go_together_are_refused(reference: Path, words: list[str]) -> None:
    import train  # type: ignore[import-not-found]
    from arguments import parser  # type: ignore[import-not-found]

    args = parser("").parse_args(["--data", "a", "--out", "b", *words])
    with pytest.raises(InvalidSettings, match="--"):
        train.check(args)
    train.check(parser("").parse_args(["--data", "a", "--out", "b"]))


def test_a_training_is_known_by_what_it_begins_with(reference: Path, tmp_path: Path) -> None:
    import train  # type: ignore[import-not-found]
    from arguments import parser  # type: ignore[import-not-found]

    def begins(*words: str) -> str:
        return str(train.begins_with(parser("").parse_args(["--data", "a", "--out", "b", *words])))

    file = tmp_path / "weights"
    file.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert begins() == begins("--trunk", "lite0", "--untrained") == "untrained"
    assert begins("--trunk", "resnet18", "--weights", str(file)) == digest
    assert begins("--start", str(file)) == digest
    with pytest.raises(InvalidNetwork, match="cannot be read"):
        begins("--start", str(tmp_path / "absent"))
    with pytest.raises(InvalidNetwork, match="give a file"):
        begins("--trunk", "resnet18")


def test_a_network_with_surroundings_begins_as_the_one_that_it_is_started_from(
    reference: Path, tmp_path: Path
) -> None:
    import torch
    from safetensors.torch import save_file

    import train  # type: ignore[import-not-found]
    from arguments import parser  # type: ignore[import-not-found]
    from lesionnet import lesionnet  # type: ignore[import-not-found]
    from pack import pack  # type: ignore[import-not-found]

    torch.manual_seed(0)
    before = lesionnet(4, "lite0").eval()
    file, packed = tmp_path / "before.safetensors", tmp_path / "packed.safetensors"
    save_file(before.state_dict(), file)
    pack(file, packed)
    args = parser("").parse_args(
        ["--data", "a", "--out", "b", "--trunk", "lite0", "--surroundings"]
    )
    net = train.bare(args).eval()
    x = torch.rand(1, 1, 64, 64)
    for start, near in ((file, 1e-5), (packed, 0.05)):
        train.begin(net, start)
        with torch.no_grad():
            one, other = before(x), net(x)
        for name in one:
            assert torch.allclose(one[name], other[name], atol=near), name
    save_file({n: t.contiguous() for n, t in net.state_dict().items()}, file)
    for wrong in (["--trunk", "lite0"], ["--surroundings"]):
        args = parser("").parse_args(["--data", "a", "--out", "b", *wrong])
        with pytest.raises(InvalidNetwork, match="of another network"):
            train.begin(train.bare(args), file)


@pytest.mark.parametrize(
    "words", [["--tone", "1.5"], ["--paste", "-0.1"], ["--masks-share", "much"]]
)
def test_a_share_that_is_none_is_refused(
    reference: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    from arguments import parser  # type: ignore[import-not-found]

    with pytest.raises(SystemExit):
        parser("").parse_args(["--data", "a", "--out", "b", *words])
    assert f"argument {words[0]}" in capsys.readouterr().err


def test_augmentation_moves_picture_and_mask_together(repository: Path) -> None:
    sys.path.insert(0, str(repository / "examples/reference"))
    try:
        from augment import augment, warp  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(repository / "examples/reference"))
    pixels = np.zeros((256, 256), np.uint8)
    cv2.circle(pixels, (110, 140), 40, 255, -1)
    for seed in range(20):
        moved, mask = warp(pixels, pixels.copy(), np.random.default_rng(seed))
        assert (moved == mask).all()
        one = augment(pixels, pixels.copy(), np.random.default_rng(seed))
        two = augment(pixels, pixels.copy(), np.random.default_rng(seed))
        assert all((a == b).all() for a, b in zip(one, two, strict=True))
        assert one[0].dtype == one[1].dtype == np.uint8
