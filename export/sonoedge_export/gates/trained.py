"""Is the trained network, run as the recipe says, the one that was trained?

Every variant is compared with it, so what the recipe gets wrong for all of them shows here or
nowhere.
"""

from __future__ import annotations

from dataclasses import fields

from sonoedge.errors import GateFailed, InvalidData
from sonoedge_export.evaluation.results import Results
from sonoedge_export.progress import Stages
from sonoedge_export.recipe.expected import Expected

CAUSES = (
    "compare network.mean, network.std, network.channels, the activation of each output and "
    "[input] with training"
)


def check_trained(results: Results, expected: Expected | None, stages: Stages) -> None:
    """Report the trained network's figures, and refuse a network that is not what it should be.

    Args:
        results: the trained network's, on the frames that variants are judged on.

    Raises:
        GateFailed: a figure is below what the recipe expects, or the network flags none of
            the frames that it should.
        InvalidData: not one frame is analysed, so nothing is known of the network.
    """
    if not any(outcome.analysed for outcome in results.outcomes):
        raise InvalidData(
            f"not one of the {len(results.outcomes)} frames is analysed: the guard stops them, or "
            "they are out of scope; see [guard] in the recipe. Nothing was written"
        )
    metrics = results.metrics
    names = [f.name for f in fields(Expected) if f.name != "tolerance"]
    measurable = {name: metrics[name] for name in names if metrics[name] is not None}
    if measurable:
        figures = ", ".join(f"{name} {value:.3f}" for name, value in measurable.items())
        stages.say(f"  trained network: {figures}")
    positives = [o for o in results.outcomes if o.label in results.postprocess.positive]
    if positives and not any(o.flagged for o in positives):
        raise GateFailed(
            f"the trained network flags none of the {len(positives)} frames that it should at "
            f"postprocess.flag_threshold {results.postprocess.flag_threshold:g}; nothing was "
            f"written. Lower the threshold, or {CAUSES}"
        )
    if expected is None:
        stages.say("  the recipe has no [expected]: these are not compared with training's")
        return
    reasons = []
    for name in names:
        figure = getattr(expected, name)
        if figure is None:
            continue
        measured = metrics[name]
        if measured is None or measured < figure - expected.tolerance:
            value = "cannot be measured" if measured is None else f"is {measured:.3f}"
            reasons.append(f"{name} {value}, expected {figure:.3f} (-{expected.tolerance:g})")
    if reasons:
        raise GateFailed(
            f"the trained network is worse than [expected]: {'; '.join(reasons)}; nothing was "
            f"written. Was it run as it was trained? {CAUSES}"
        )
