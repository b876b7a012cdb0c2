from __future__ import annotations

import dataclasses
import json

import pytest

from sonoedge.errors import InvalidSettings
from sonoedge.session import ShadowState, ShadowStatus
from sonoedge.verbs.run import parser, run
from sonoedge.verbs.shadow_arguments import shadow_line, shadow_report, shadow_settings

STATUS = ShadowStatus(
    state=ShadowState.RUNNING,
    bundle_id="candidate",
    against="bundle",
    due=12,
    compared=10,
    agreed=7,
    disagreements={"SUSPICION": 3, "FLAG": 1},
    not_compared={"SESSION_BUSY": 2},
    in_flight=0,
    failures={},
    last_failure="",
    callback_errors=0,
)
WORDS = ["BUNDLE", "SOURCE", "--live"]


def test_settings_are_those_of_the_command_line() -> None:
    assert shadow_settings(parser().parse_args(WORDS)) is None
    given = shadow_settings(parser().parse_args([*WORDS, "--shadow", "NEW"]))
    assert given is not None
    assert (given.bundle, given.every) == ("NEW", 10)
    words = [*WORDS, "--shadow", "NEW", "--shadow-every", "3"]
    given = shadow_settings(parser().parse_args(words))
    assert given is not None
    assert given.every == 3
    with pytest.raises(InvalidSettings, match="every"):
        shadow_settings(parser().parse_args([*words[:-1], "0"]))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["BUNDLE", "SOURCE", "--shadow", "NEW"], "give --live"),
        ([*WORDS, "--shadow-every", "3"], "needs --shadow"),
    ],
)
def test_options_that_mean_nothing_here_are_refused(words: list[str], message: str) -> None:
    with pytest.raises(InvalidSettings, match=message):
        run(words)


def test_the_line_and_the_summary_tell_disagreements_and_failures() -> None:
    line, colour = shadow_line(STATUS)
    assert line == (
        "shadow    RUNNING, 10 frames compared, 7 agreed; disagreements: FLAG 1, SUSPICION 3"
    )
    assert colour == ""
    failed = dataclasses.replace(STATUS, state=ShadowState.GIVEN_UP, failures={"ENGINE_CRASHED": 6})
    line, colour = shadow_line(failed)
    assert line.endswith("; failed: ENGINE_CRASHED 6")
    assert colour == "bad"
    assert shadow_report(None) == {}
    report = shadow_report(STATUS)["shadow"]
    assert json.loads(json.dumps(report))["disagreements"] == {"FLAG": 1, "SUSPICION": 3}
