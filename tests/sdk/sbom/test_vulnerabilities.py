from __future__ import annotations

from sonoedge.sbom.component import Component
from sonoedge.sbom.soup import Soup, Vulnerability
from sonoedge.sbom.vulnerabilities import vulnerabilities

KNOWN = Vulnerability(
    id="CVE-1",
    source="NVD",
    part="pkg:pypi/a",
    versions=("1.0",),
    state="not_affected",
    justification="code_not_reachable",
    detail="Never called.",
    judged="2026-11-29",
)
SOUP = Soup(vulnerabilities=(KNOWN,))


def part(version: str, ref: str = "a", within: tuple[Component, ...] = ()) -> Component:
    purl = f"pkg:pypi/a@{version}"
    return Component(kind="library", ref=ref, name="a", version=version, purl=purl, parts=within)


def test_a_judgement_is_told_with_its_reason_and_its_day() -> None:
    (entry,) = vulnerabilities(SOUP, [part("1.0")])
    assert entry["id"] == "CVE-1"
    assert entry["affects"] == [{"ref": "a"}]
    assert entry["analysis"] == {
        "state": "not_affected",
        "justification": "code_not_reachable",
        "detail": "Never called. Judged 2026-11-29.",
    }


def test_a_judgement_of_another_version_does_not_count() -> None:
    (entry,) = vulnerabilities(SOUP, [part("1.1")])
    assert entry["analysis"]["state"] == "in_triage"
    assert "1.1" in entry["analysis"]["detail"]
    assert "justification" not in entry["analysis"]


def test_a_part_within_another_is_found_and_what_is_not_here_is_not_told() -> None:
    outer = Component(kind="library", ref="o", name="o", parts=(part("1.0", "inner"),))
    (entry,) = vulnerabilities(SOUP, [outer])
    assert entry["affects"] == [{"ref": "inner"}]
    assert vulnerabilities(SOUP, [Component(kind="library", ref="o", name="o")]) == []


def test_two_versions_of_one_part_give_two_entries_with_refs_of_their_own() -> None:
    entries = vulnerabilities(SOUP, [part("1.0", "x"), part("2.0", "y")])
    assert [entry["affects"] for entry in entries] == [[{"ref": "x"}], [{"ref": "y"}]]
    assert len({entry["bom-ref"] for entry in entries}) == 2
