"""A target's file, read strictly."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sonoedge.errors import InvalidSettings
from sonoedge.runtime import RUNTIMES
from sonoedge.settings import read

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FOLDER: Final = "sonoedge_bench.targets"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognise:
    """How a machine of this kind is recognised; what is left out is not checked.

    Attributes:
        architecture: as `uname -m` says.
        has: instructions that it must have (`sonoedge.device.cpu.INSTRUCTIONS`).
        has_one_of: of these at least one.
        has_not: and none of these.
        model: a regular expression found in the device tree's model.
        gpu: a regular expression found in the GPU's name.
        compute_capability: of the GPU.
        min_cores: cores that a process may run on, at least.
    """

    architecture: tuple[str, ...] = ()
    has: tuple[str, ...] = ()
    has_one_of: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    model: str | None = None
    gpu: str | None = None
    compute_capability: str | None = None
    min_cores: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """How the machine must be set while it is measured; None is not checked.

    Attributes:
        governor: one of these, of the first core.
        power_mode: a regular expression found in nvpmodel's status.
    """

    governor: tuple[str, ...] | None = None
    power_mode: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What a product on this machine needs; a requirement, and no measurement.

    Attributes:
        analyse_p99_ms: of whole analyses back to back (closed).
        age_p99_ms: from capture to result (paced, soak, sweep).
        misses_per_hour: frames without a result within the deadline (paced, soak, sweep).
        open_p50_ms: from `sonoedge.open` to ready (cold).
        first_frame_p50_ms: of the first frame after that (cold).
    """

    analyse_p99_ms: float
    age_p99_ms: float
    misses_per_hour: float
    open_p50_ms: float
    first_frame_p50_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A kind of machine.

    Attributes:
        title: for people.
        runtime, precision: of the variant that is meant for it.
        threads: of the engine; None takes what the machine allows.
        fps: frames that arrive per second.
        deadline_ms: from capture to result.
    """

    name: str
    title: str
    runtime: str
    precision: str
    threads: int | None = None
    fps: float
    deadline_ms: float
    recognise: Recognise
    setting: Setting = Setting()
    budget: Budget


def target_names() -> list[str]:
    """The targets that come with the package."""
    names = (f.name for f in files(FOLDER).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def load_target(name: str) -> Target:
    """A target by its name, or from a file of one's own that ends in .toml.

    Raises:
        InvalidSettings: there is none of this name, or its file breaks a rule.
    """
    if name.endswith(".toml"):
        return _load_file(Path(name))
    if name not in target_names():
        available = ", ".join(target_names())
        raise InvalidSettings(
            f"no target is called {name!r}; there are {available}, or name a .toml file"
        )
    text = (files(FOLDER) / f"{name}.toml").read_text(encoding="utf-8")
    return parse(name, tomllib.loads(text))


def _load_file(file: Path) -> Target:
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidSettings(f"{file} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise InvalidSettings(f"{file} is not TOML: {error}") from None
    return parse(file.stem, data)


def parse(name: str, data: dict[str, Any]) -> Target:
    """A target from its file's values.

    Raises:
        InvalidSettings: a key is unknown, missing, or of the wrong type.
    """
    target = read(Target, {"name": name} | data, "")
    if target.runtime not in RUNTIMES:
        raise InvalidSettings(f"runtime is {target.runtime!r}; use one of {', '.join(RUNTIMES)}")
    return target
