"""Records of an update on the device, from the process that makes it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from sonoedge.audit.appending import Appender
from sonoedge.audit.kinds import NONE, Value, check_record
from sonoedge.audit.record import Entry
from sonoedge.errors import OutputError

Step: TypeAlias = Literal["install", "activate", "fall_back", "mark_good"]


def record_update(
    folder: str | Path,
    step: Step,
    manifest_sha256: str,
    *,
    passed: bool,
    reason: str = NONE,
    clock_ns: Callable[[], int] = time.monotonic_ns,
) -> None:
    """Record a step of an update, sealed and on the disk when this returns.

    A live session may write to the same log.

    Args:
        folder: the audit log's.
        manifest_sha256: digest of the bundle's manifest, 64 hexadecimal digits.
        passed: whether the step was done.
        reason: why not, or why at all, as a token.

    Raises:
        InvalidSettings: the folder is no audit log, or a value is none that a log takes.
        OutputError: the log cannot be written.
        AuditBroken: it has lost the key for its next seal.
    """
    values: Mapping[str, Value] = {"manifest": manifest_sha256, "passed": passed, "reason": reason}
    check_record(step, values)
    now_ns = clock_ns()
    with Appender(Path(folder)) as log:
        try:
            log.append([Entry(mono_ns=now_ns, kind=step, values=values)])
            log.seal(now_ns)
        except OSError as error:
            raise OutputError(f"the audit log cannot be written: {error.strerror}") from None
