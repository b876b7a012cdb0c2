"""Every trust.json of the documents is one that a device reads."""

from __future__ import annotations

import re
from pathlib import Path

from sonoedge.settings import read
from sonoedge.strict_json import parse_json
from sonoedge.trust.policy import PolicyFile


def test_every_policy_of_the_documents_is_understood(repository: Path) -> None:
    policies = []
    for page in sorted((repository / "docs").rglob("*.md")):
        for block in re.findall(r"```json\n(.*?)```", page.read_text(), re.DOTALL):
            if '"keyrings"' in block:
                policies.append(read(PolicyFile, parse_json(block.encode(), page.name)))
    assert len(policies) >= 4
    named = {name for policy in policies for name in ("floors", "grants", "device", "device_key",
                                                      "bar") if getattr(policy, name)}  # fmt: skip
    assert len(named) == 5
