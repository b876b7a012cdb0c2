"""Make the tables of docs/explanation/performance.md, on a machine that does nothing else.

    PYTHONPATH=build/peers python benchmarks/page/make_tables.py RECIPE BUNDLE [--data-root DATA]

Each table is what one command wrote, and names the machine. A busy machine is refused: before
anything is measured, and behind each command, if others worked meanwhile. The page is written
when all tables are made; --print shows them instead.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from blocks import as_section, replaced
from quiet import listen, refuse_busy

from sonoedge.errors import RuntimeUnavailable, SonoedgeError
from sonoedge_bench.machine.other_work import Account, account

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs/explanation/performance.md"
# By the name in the page's marks. Each command takes --markdown FILE as well.
TABLES: Final[Mapping[str, str]] = {
    "side by side": "python benchmarks/peers/side_by_side.py RECIPE BUNDLE --frames 200",
    "closed": "sonoedge bench BUNDLE --size 640x480 --frames 200",
    "cold": "sonoedge bench BUNDLE --mode cold --repeats 10 --size 640x480",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Make them; returns the exit code."""
    args = _arguments(argv)
    values = {"RECIPE": args.recipe.resolve(), "BUNDLE": args.bundle.resolve()}
    try:
        made = make(
            args.only or list(TABLES),
            lambda command: _markdown_of(words(command, values, args.data_root)),
        )
        page = args.page.read_text()
        for name, text in made.items():
            page = replaced(page, name, text)
        if args.print:
            print("\n\n".join(made.values()))
        else:
            args.page.write_text(page)
    except SonoedgeError as error:
        print(f"make_tables: {error.token}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


def make(
    names: Sequence[str],
    markdown_of: Callable[[str], str],
    read: Callable[[], Account] = account,
    wait: Callable[[Callable[[], Account]], None] = listen,
) -> dict[str, str]:
    """Each table behind its command, by name; others' work is counted around every command.

    Args:
        markdown_of: runs a command of `TABLES`; returns what it wrote.

    Raises:
        RuntimeUnavailable: the machine is busy.
    """
    made = {}
    wait(read)
    for name in names:
        before = read()
        text = markdown_of(TABLES[name])
        refuse_busy(before, read(), f"while {name!r} was measured")
        made[name] = f"    {TABLES[name]}\n\n{text}"
    return made


def words(command: str, values: Mapping[str, Path], data_root: Path | None) -> list[str]:
    """A command of `TABLES` as it is run by this Python; `values` by their capital names."""
    program, *rest = [str(values.get(word, word)) for word in command.split()]
    if data_root is not None and "RECIPE" in command:
        rest += ["--data-root", str(data_root.resolve())]
    return [sys.executable, *(["-m", program] if program != "python" else []), *rest]


def _markdown_of(command: Sequence[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.md"
        done = subprocess.run(
            [*command, "--markdown", str(file)], cwd=ROOT, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode:
            raise RuntimeUnavailable(f"{' '.join(command)} ended with {done.returncode}")
        return as_section(file.read_text())


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--data-root", type=Path, help="what {data} in the recipe stands for")
    parser.add_argument("--only", nargs="+", choices=sorted(TABLES), help="these tables alone")
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--print", action="store_true", help="print them, write nothing")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
