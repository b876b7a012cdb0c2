"""What chooses the reference network's settings and makes its card, on a few frames."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the reference network is a torch network")
pytest.importorskip("scipy", reason="temperature and bias are fitted by SciPy")

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


@pytest.fixture
def tiny(repository: Path, tmp_path: Path) -> Path:
    """A folder with the tiny network's recipe and drawn frames, all of them of split val."""
    sys.path.insert(0, str(repository / "tests/tiny"))
    sys.modules.pop("frames", None)
    try:
        from frames import write_frames  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(repository / "tests/tiny"))
        sys.modules.pop("frames", None)
    file = write_frames(tmp_path / "frames", 12)
    data = json.loads(file.read_text())
    for row in data["frames"]:
        row["split"] = "val"
    file.write_text(json.dumps(data))
    for name in ("recipe.toml", "network.py"):
        shutil.copy(repository / "tests/tiny" / name, tmp_path)
    return tmp_path


def run(repository: Path, program: str, *words: str) -> str:
    """What a program of the reference network prints."""
    command = [sys.executable, str(repository / "examples/reference" / program), *words]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_settings_are_chosen_and_printed_as_the_recipe_takes_them(
    repository: Path, tiny: Path
) -> None:
    said = run(repository, "choose.py", str(tiny / "recipe.toml"), str(tiny / "frames/frames.json"))
    losses = [float(n) for n in re.findall(r"log loss ([\d.]+)", said)]
    assert len(losses) == 2
    assert losses[1] <= losses[0]
    chosen = said[said.index("[outputs.malignancy_map]") :]
    text = (tiny / "recipe.toml").read_text()
    for key, value in re.findall(
        r"^(temperature|bias|lesion_threshold) = (\S+)$", chosen, re.MULTILINE
    ):
        table = "[postprocess]" if key == "lesion_threshold" else "[outputs.malignancy_map]"
        text = text.replace(table, f"{table}\n{key} = {value}")
    (tiny / "recipe.toml").write_text(text)
    from sonoedge_export.recipe.recipe import read_recipe

    recipe = read_recipe(tiny / "recipe.toml")
    assert recipe.outputs.malignancy_map is not None
    assert recipe.outputs.malignancy_map.bias != 0
    assert "sensitivity 1.0" in said  # dark discs are told from paler ones without an error


def test_settings_of_a_pruned_network_need_one(repository: Path, tiny: Path) -> None:
    words = [str(tiny / "recipe.toml"), str(tiny / "frames/frames.json")]
    command = [sys.executable, str(repository / "examples/reference/choose.py"), *words]
    command += ["--pruned", words[0]]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "recipe.toml names no pruned network" in done.stderr


def test_what_was_chosen_is_written_over_what_stood_there(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    from choose import settings, written  # type: ignore[import-not-found]
    from sonoedge.errors import InvalidRecipe
    from sonoedge_export.recipe.recipe import read_recipe

    file = repository / "examples/reference/recipe.toml"
    text, chosen = file.read_text(), settings(read_recipe(file))
    assert written(text, chosen) == text
    chosen["postprocess"]["flag_threshold"] = 0.125
    assert set(written(text, chosen).splitlines()) - set(text.splitlines()) == {
        "flag_threshold = 0.125"
    }
    with pytest.raises(InvalidRecipe, match="flag_threshold 0 times"):
        written(text.replace("flag_threshold", "# flag_threshold"), chosen)


def test_a_threshold_flags_at_least_the_share_that_was_asked_for(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    from operating import flag_threshold  # type: ignore[import-not-found]

    scores = [n / 26 + 0.003 for n in range(26)]
    for share in (0.9, 0.93, 0.95, 1.0):
        threshold = flag_threshold(scores, share)
        assert sum(s >= threshold for s in scores) >= share * 26
        assert sum(s >= threshold + 0.045 for s in scores) < share * 26  # a step of a score
    assert flag_threshold([0.0, 0.0, 0.9], 0.9) == 0  # two lesions are missed


@pytest.mark.parametrize(
    ("worths", "chosen"),
    [
        ((0.70, 0.7747, 0.7722, 0.76), 0.45),
        ((0.70, 0.78, 0.77, 0.76), 0.4),
        ((0.78, 0.5, 0.5, 0.5), 0.3),
    ],
)
def test_of_map_thresholds_that_are_alike_the_one_nearest_to_half_is_taken(
    repository: Path, monkeypatch: pytest.MonkeyPatch, worths: tuple[float, ...], chosen: float
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    from choose import nearest_half  # type: ignore[import-not-found]

    assert nearest_half((0.3, 0.4, 0.45, 0.5), worths) == chosen


def test_the_gallery_shows_the_worst_frames_first(repository: Path, tiny: Path) -> None:
    file = tiny / "gallery.png"
    said = run(
        repository,
        "gallery.py",
        str(tiny / "recipe.toml"),
        str(tiny / "frames/frames.json"),
        str(file),
    ).splitlines()
    assert len(said) == 10
    assert file.read_bytes().startswith(b"\x89PNG")
    scores = [float(re.findall(r"Dice ([\d.]+)", line)[0]) for line in said]
    assert scores[0] == min(scores)


def test_calibration_is_told_of_each_network_and_drawn_of_the_first(
    repository: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    import reliability  # type: ignore[import-not-found]
    from recorded import held  # type: ignore[import-not-found]
    from sonoedge_export.graph.load_network import load_network
    from sonoedge_export.recipe.recipe import read_recipe

    recipe = read_recipe(tiny / "recipe.toml")
    network = load_network(recipe)
    blind = load_network(recipe)
    with torch.no_grad():
        blind.lesion.bias.fill_(-1e4)  # type: ignore[union-attr, operator]
    picture = tiny / "reliability.png"
    sets = {"drawn": held([tiny / "frames/frames.json"], "val")}
    networks = {"seeing": network, "blind": blind}
    lines = reliability.reliability(recipe, networks, sets, picture)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[1:]]
    assert [row[:3] for row in rows] == [["drawn", "seeing", "11"], ["drawn", "blind", "0"]]
    assert re.fullmatch(r"0\.\d{3} \[0\.\d{3}, 0\.\d{3}\]", rows[0][4])
    assert rows[1][3:] == ["-"] * 5
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_pruned_network_is_of_the_network_beside_it_and_shows_the_same_lesions(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch_pruning", reason="a pruned network is rebuilt by Torch-Pruning")
    monkeypatch.syspath_prepend(repository / "examples/reference")
    from recorded import Recorder, analyser  # type: ignore[import-not-found]
    from slimmer import pruned  # type: ignore[import-not-found]
    from sonoedge.analysis import Analysed
    from sonoedge.frames import Frame
    from sonoedge_export.data.labelled import read_labelled
    from sonoedge_export.graph.load_network import load_network
    from sonoedge_export.recipe.recipe import read_recipe

    folder = repository / "examples/reference"
    recipe = read_recipe(folder / "recipe.toml")
    whole = load_network(recipe)
    networks = {"unpruned": whole, "pruned": pruned(whole, folder / "full.toml")}
    frames = read_labelled(repository / "examples/data/breast_usg/frames.json").entries[:8]
    shown = {}
    for name, network in networks.items():
        judge = analyser(recipe, Recorder(recipe, network))
        results = [judge.analyse(Frame(pixels=entry.pixels())) for entry in frames]
        shown[name] = [isinstance(r, Analysed) and bool(r.regions) for r in results]
    assert sum(shown["unpruned"]) >= 5
    agree = [one == other for one, other in zip(*shown.values(), strict=True)]
    assert sum(agree) >= 6


def test_randomised_weights_change_the_explanation(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(repository / "examples/reference")
    import sanity  # type: ignore[import-not-found]
    from sonoedge_export.data.labelled import Labelled, read_labelled
    from sonoedge_export.graph.load_network import load_network
    from sonoedge_export.recipe.recipe import read_recipe

    recipe = read_recipe(repository / "examples/reference/recipe.toml")
    frames = read_labelled(repository / "examples/data/breast_usg/frames.json")
    some = Labelled(name="some", entries=frames.entries[:6])
    network = load_network(recipe)
    same = sanity.correlations(recipe, network, sanity.randomised(network, (), 0), some)
    assert len(same) >= 4
    assert min(same) > 0.999
    for parts in ((*sanity.HEAD, "grade"), ("",)):
        other = sanity.correlations(recipe, network, sanity.randomised(network, parts, 0), some)
        assert len(other) == len(same)
        assert abs(np.mean(other)) < 0.6
