"""Every `sonoedge` command of the documents and of the service is one that its verb understands."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from sonoedge.cli import main


class Understood(BaseException):
    """The verb has understood its words; it does nothing more."""


def commands(repository: Path) -> list[tuple[str, list[str]]]:
    """File and words of each indented command; what stands in brackets is left out."""
    documents = [repository / "README.md", *sorted((repository / "docs").rglob("*.md"))]
    service = repository / "examples/systemd/sonoedge.service"
    started = re.findall(r"^ExecStart\w*=\S*/sonoedge (.*)$", service.read_text(), re.MULTILINE)
    assert len(started) == 2
    typed = [(service.name, shlex.split(line)) for line in started]
    for document in documents:
        # In C `sonoedge` is a type.
        text = re.sub(r"(?ms)^```c\n.*?^```$", "", document.read_text())
        for line in re.findall(r"^    (?:\S*/)?sonoedge (\S.*)$", text, re.MULTILINE):
            # The README explains each command behind two spaces or more; a shell redirects.
            words = re.split(r"  | > ", re.sub(r"\[[^]]*\]", "", line))[0]
            typed.append((document.name, shlex.split(words)))
    return typed


def test_every_command_is_understood_by_its_verb(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("torch", reason="the export's verbs may need it")
    real = argparse.ArgumentParser.parse_args

    def parse(self: argparse.ArgumentParser, *args: object) -> argparse.Namespace:
        parsed: argparse.Namespace = real(self, *args)  # type: ignore[call-overload]
        if self.prog != "sonoedge":
            raise Understood
        return parsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse)
    typed = commands(repository)
    assert len(typed) >= 40
    refused = []
    for document, words in typed:
        try:
            main(words)
        except Understood:
            continue
        except SystemExit as end:
            if not end.code:  # an option that prints and ends, such as --schema
                continue
        refused.append((document, words, capsys.readouterr().err))
    assert refused == []
