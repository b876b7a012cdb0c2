"""What a process has: children, threads, descriptors, and the shared memories that it holds."""

from __future__ import annotations

from pathlib import Path

OURS = "memfd:sonoedge-"


def children(pid: int) -> list[int]:
    """Process ids."""
    result: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        result += [int(n) for n in (task / "children").read_text().split()]
    return result


def alive(pid: int) -> bool:
    """Whether it runs; what has ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def threads(pid: int) -> int:
    """How many it has."""
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def descriptors(pid: int) -> int:
    """How many it has open: files, sockets, memories."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def memories(pid: int) -> set[int]:
    """Inodes of our shared memories that a process has open, or mapped."""
    result = set()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            if OURS in str(link.readlink()):
                result.add(link.stat().st_ino)
        except OSError:
            continue  # closed in the meantime, or not ours to see
    try:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            if OURS in line:
                result.add(int(line.split()[4]))
    except OSError:
        pass  # as above
    return result


def remaining(held: set[int]) -> int:
    """How many of them some process still holds; named ones would lie in /dev/shm."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found |= memories(int(folder.name)) & held
        except OSError:
            continue
    shm = Path("/dev/shm")
    named = [p for p in shm.iterdir() if "sonoedge" in p.name] if shm.is_dir() else []
    return len(found) + len(named)
