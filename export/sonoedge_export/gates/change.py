"""Judge a newer bundle against an older one, on the same frames."""

from __future__ import annotations

from sonoedge.bundle import Gates
from sonoedge_export.evaluation.results import Results
from sonoedge_export.gates.judge import drops
from sonoedge_export.gates.paired import Paired
from sonoedge_export.gates.verdict import Verdict
from sonoedge_export.gates.weigh import weigh


def judge_change(gates: Gates, new: Results, old: Results) -> Verdict:
    """What the newer one lost, with paired intervals, by its own limits.

    They are two networks: flags are held to the limit that two networks have,
    `pruned_flag_agreement`. Sensitivity is compared at the specificity of the older one's
    operating point; each network's flags are those of its own threshold.

    Args:
        new, old: each reference variant's results on the same frames in the same order.
    """
    pair = Paired(
        new.outcomes,
        old.outcomes,
        positive=new.postprocess.positive,
        threshold=old.postprocess.flag_threshold,
    )
    agreement = weigh("flag_agreement", pair.flag_agreement(), gates.pruned_flag_agreement, "frame")
    return Verdict(
        results=(*drops(gates, pair), agreement), refuse_undecided=gates.undecided == "refuse"
    )
