"""Which measures a head leans on."""

from __future__ import annotations

from head_samples import rows
from sonoedge_export.heads.fit import fit
from sonoedge_export.heads.importance import importance


def test_importance_names_the_measures_that_tell_the_classes_apart() -> None:
    chooser = rows(300, seed=1)
    head = fit("logistic", {"C": (0.1,)}, rows(400), chooser)
    by_measure, by_group = importance(head, chooser)
    assert len(by_measure) == 20
    assert {each.name for each in by_measure[:4]} == {"even.0", "odd.5", "even.10", "odd.15"}
    assert {each.name for each in by_group} == {"even", "odd"}
    assert by_measure[0].mean > 0.01
