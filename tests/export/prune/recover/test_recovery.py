from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from torch import nn

from sonoedge_export.prune.recover.augment import augment
from sonoedge_export.prune.recover.recovery import Recovery

ARGUMENTS = {"student", "teacher", "recipe", "settings", "data", "epochs", "folder", "progress"}


def test_the_users_own_loop_gets_the_arguments_that_the_docs_name(tmp_path: Path) -> None:
    given: dict[str, Any] = {}
    teacher, student = nn.Linear(1, 1), nn.Linear(1, 1).train()
    recovery = Recovery(
        recipe=cast(Any, SimpleNamespace(name="small")),
        settings=cast(Any, None),
        teacher=teacher,
        data=cast(Any, None),
        augment=augment,
        loop=lambda **arguments: given.update(arguments),
        figures=lambda network: {"dice drawn": 0.5 + network.training},
    )
    network, log = recovery.run(
        student,
        epochs=3,
        folder=tmp_path,
        progress=lambda done, of: None,
        say=lambda line: None,
    )
    assert set(given) == ARGUMENTS
    assert given["teacher"] is teacher
    assert (given["recipe"].name, given["epochs"]) == ("small", 3)
    assert network is student
    assert log == [{"dice drawn": 0.5}]  # measured as it answers, not as it trains
