"""Items on a cluster of dask.distributed: the same process for each item as on one machine.

Whoever reaches a scheduler can let its workers run anything: beyond this machine it is called
over TLS alone. Tasks are plain text, handed to one function of this module; what an item does
to its process never reaches the cluster's worker, so that no neighbour is blamed for it.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item
from sonoedge.archive.job import Job, differences
from sonoedge.archive.outcome import Done
from sonoedge.archive.parts import read_manifest
from sonoedge.archive.pool import WINDOW
from sonoedge.closing import Closing
from sonoedge.errors import (
    InvalidSettings,
    MissingDependency,
    ScreeningStopped,
    SonoedgeError,
)
from sonoedge.install import install_command
from sonoedge.loopback import NAMES

try:
    from distributed import Client, Future
    from distributed.comm import CommClosedError
    from distributed.scheduler import KilledWorker
    from distributed.security import Security
except ModuleNotFoundError as error:
    raise MissingDependency(
        f"--scheduler needs {error.name}; run: {install_command('archive')}"
    ) from error

_CONNECT_S: Final = 30.0
_CHECK_S: Final = 240.0  # each worker opens the bundle
_LOST_S: Final = 20.0  # without a scheduler or a worker
_GONE: Final = "the cluster's scheduler or its last worker is gone; start it, and call this again"
_POLL_S: Final = 1.0
# A worker that dies while it holds a task is not the item's doing: its process is another one.
_KILLED: Final = 20

_OF_THREAD = threading.local()


class Cluster(Closing):
    """A cluster's workers.

    Args:
        job: its variant is not left open; its paths lead to the same files on every worker.
        identity: what each worker must be.
        address: the scheduler's, "tls://HOST:PORT", or "tcp://127.0.0.1:PORT".
        tls: folder with ca.pem, cert.pem and key.pem.

    Raises:
        InvalidSettings: the address goes beyond this machine without TLS, or files are missing.
        ScreeningStopped: no scheduler answers, it has no worker, or a worker differs: named.
    """

    def __init__(
        self, job: Job, identity: dict[str, Any], address: str, *, tls: Path | None = None
    ) -> None:
        self._job = job.to_json()
        self._ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        security = _security(address, tls)
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what stops us is raised
        try:
            self._client = Client(
                address, security=security, timeout=_CONNECT_S, set_as_default=False
            )
        except (OSError, TimeoutError, ValueError, RuntimeError) as error:
            raise ScreeningStopped(
                f"no scheduler answers at {address} ({type(error).__name__}); is it running, and "
                "are its certificates of the same authority?"
            ) from None
        try:
            self._check(identity)
        except BaseException:
            self.close()
            raise

    def _check(self, identity: dict[str, Any]) -> None:
        """Ask every worker what it is before the first item."""
        if not self._workers():
            with contextlib.suppress(TimeoutError):
                self._client.wait_for_workers(1, timeout=_CONNECT_S)
        answers = self._client.run(examine, self._job, on_error="return")
        if not answers:
            raise ScreeningStopped("the cluster has no worker; start one, and call this again")
        for worker, answer in answers.items():
            if not isinstance(answer, dict):
                kind = type(answer).__name__
                raise ScreeningStopped(f"worker {worker} cannot run sonoedge ({kind}: {answer})")
            if "refused" in answer:
                raise ScreeningStopped(f"worker {worker}: {answer['refused']}")
            if answer["identity"] != identity:
                raise ScreeningStopped(
                    f"worker {worker} has {differences(identity, answer['identity'])}; install "
                    "the same there"
                )

    def screen(self, items: Iterator[Item]) -> Iterator[Done]:
        """Each item's result, as they come.

        Raises:
            ScreeningStopped: the scheduler or the last worker is gone, or a worker cannot go on.
        """
        try:
            yield from self._screen(items)
        except (CommClosedError, ConnectionError, TimeoutError):  # it went in mid call
            raise ScreeningStopped(_GONE) from None

    def _screen(self, items: Iterator[Item]) -> Iterator[Done]:
        under_way: dict[Future, tuple[Item, int]] = {}

        def submit(item: Item, killed: int) -> None:
            future = self._client.submit(work, self._job, item.to_json(), pure=False)
            under_way[future] = (item, killed)
            future.add_done_callback(self._ended.put)

        more = True
        while True:
            while more and len(under_way) < WINDOW * max(1, self._workers()):
                item = next(items, None)
                if item is None:
                    more = False
                else:
                    submit(item, 0)
            if not under_way:
                return
            future = self._next_ended()
            item, killed = under_way.pop(future)
            done = self._result(future, killed)
            if done is None:
                submit(item, killed + 1)
            else:
                yield done

    def _next_ended(self) -> Future:
        """The next future that has ended; waits for one as long as there is a cluster."""
        lost_s = 0.0
        while True:
            with contextlib.suppress(queue.Empty):
                return self._ended.get(timeout=_POLL_S)
            lost_s = 0.0 if self._workers() else lost_s + _POLL_S
            if lost_s >= _LOST_S:
                raise ScreeningStopped(_GONE)

    def _workers(self) -> int:
        """How many there are; 0 without a scheduler."""
        if self._client.status != "running":
            return 0
        with contextlib.suppress(Exception):  # it is gone this very moment
            return len(self._client.scheduler_info(n_workers=-1)["workers"])
        return 0

    def _result(self, future: Future, killed: int) -> Done | None:
        """The item's; None where its worker died, which says nothing of the item."""
        if future.status == "finished":
            answer = future.result()
            if "done" in answer:
                return Done.from_json(answer["done"])
            raise ScreeningStopped(answer["stopped"])
        error = future.exception() if future.status == "error" else None
        if error is not None and not isinstance(error, KilledWorker):
            raise ScreeningStopped(f"a worker failed ({type(error).__name__}: {error})")
        if killed >= _KILLED:
            raise ScreeningStopped(f"workers died {killed} times; look at their logs")
        return None  # killed, or lost with its scheduler

    def close(self) -> None:
        """Leave the cluster: what it was doing for us is given up."""
        with contextlib.suppress(Exception):  # a scheduler that is gone needs no farewell
            self._client.close(timeout=5)


def examine(job_text: str) -> dict[str, Any]:
    """Run by every worker: what it is, and whether it sees the archive and the results."""
    job = Job.from_json(job_text)
    for name, path in (("archive", job.archive), ("bundle", job.bundle)):
        if not Path(path).is_dir():
            return {"refused": f"the {name} is not there; every worker must see it at one path"}
    try:
        if read_manifest(Path(job.out)) is None:
            return {"refused": "--out is not there; every worker must see it at one path"}
        with ItemProcess(job, None) as process:
            return {"identity": process.ready()}
    except (SonoedgeError, OSError) as error:
        return {"refused": f"{type(error).__name__}: {error}"}


def work(job_text: str, item_text: str) -> dict[str, str]:
    """Run by a worker's thread, which keeps its process from item to item."""
    from distributed import get_worker

    kept = getattr(_OF_THREAD, "process", None)
    if kept is None or kept[0] != job_text:
        if kept is not None:
            kept[1].close()
        job = Job.from_json(job_text)
        identity = read_manifest(Path(job.out))
        process = ItemProcess(job, identity, worker=get_worker().address)
        _OF_THREAD.process = kept = (job_text, process)
    try:
        return {"done": kept[1].screen(Item.from_json(item_text)).to_json()}
    except (SonoedgeError, OSError) as error:
        return {"stopped": f"worker {get_worker().address}: {error}"}


def _security(address: str, tls: Path | None) -> Security | None:
    scheme, _, host = address.partition("://")
    if tls is not None:
        files = {name: tls / f"{name}.pem" for name in ("ca", "cert", "key")}
        for path in files.values():
            if not path.is_file():
                raise InvalidSettings(f"{path} is not there; --tls names its folder")
        if scheme != "tls":
            raise InvalidSettings(f"--tls goes with tls://HOST:PORT, not with {address}")
        return Security(
            require_encryption=True,
            tls_ca_file=str(files["ca"]),
            tls_client_cert=str(files["cert"]),
            tls_client_key=str(files["key"]),
        )
    if scheme == "tls":
        raise InvalidSettings(f"{address} needs --tls DIR, with ca.pem, cert.pem and key.pem")
    if scheme != "tcp" or host.rsplit(":", 1)[0] not in NAMES:
        raise InvalidSettings(
            f"{address} goes beyond this machine or names no scheduler: whoever reaches one runs "
            "what he likes on its workers; give tls://HOST:PORT and --tls DIR"
        )
    return None
