"""Items on this machine's cores: a thread for each, which keeps a process at work."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any, Final

from sonoedge.archive.item_process import ItemProcess
from sonoedge.archive.items import Item
from sonoedge.archive.job import Job
from sonoedge.archive.outcome import Done
from sonoedge.closing import Closing

WINDOW: Final = 4  # items under way for each worker, waiting ones included: never the archive's all


class Pool(Closing):
    """Processes on this machine.

    Args:
        job: its variant is not left open.
        identity: what each process must be.
        workers: how many.
        first: a process that runs already, and is one of them.
    """

    def __init__(
        self, job: Job, identity: dict[str, Any], workers: int, *, first: ItemProcess | None = None
    ) -> None:
        self._processes = [] if first is None else [first]
        for number in range(len(self._processes), workers):
            self._processes.append(ItemProcess(job, identity, worker=f"process {number}"))
        self._todo: queue.SimpleQueue[Item | None] = queue.SimpleQueue()
        self._results: queue.SimpleQueue[Done | BaseException] = queue.SimpleQueue()
        self._threads = [
            threading.Thread(target=self._work, args=(process,), daemon=True)
            for process in self._processes
        ]
        for thread in self._threads:
            thread.start()

    def screen(self, items: Iterator[Item]) -> Iterator[Done]:
        """Each item's result, as they come.

        Raises:
            ScreeningStopped: this machine cannot go on.
            SonoedgeError: the bundle cannot be opened any more.
        """
        under_way, more = 0, True
        while True:
            while more and under_way < WINDOW * len(self._processes):
                item = next(items, None)
                if item is None:
                    more = False
                else:
                    self._todo.put(item)
                    under_way += 1
            if not under_way:
                return
            result = self._results.get()
            under_way -= 1
            if isinstance(result, BaseException):
                raise result
            yield result

    def _work(self, process: ItemProcess) -> None:
        try:
            while (item := self._todo.get()) is not None:
                self._results.put(process.screen(item))
        except BaseException as error:  # noqa: BLE001  raised by the thread that asks for results
            self._results.put(error)
        finally:
            process.close()

    def close(self) -> None:
        """End the processes; closing twice is harmless."""
        for process in self._processes:
            process.stop()
        for _ in self._threads:
            self._todo.put(None)
        for thread in self._threads:
            thread.join()
