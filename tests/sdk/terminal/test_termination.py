from __future__ import annotations

import signal
import threading

import pytest

from sonoedge.terminal.termination import EXIT_CODE, Terminated, termination


def test_a_termination_is_raised_once_and_later_ones_cut_nothing_short() -> None:
    finished = False
    with termination():
        with pytest.raises(Terminated):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        finished = True
    assert finished
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_it_passes_for_an_interruption_where_that_is_caught() -> None:
    assert issubclass(Terminated, KeyboardInterrupt)
    assert EXIT_CODE == 143


def test_another_thread_may_use_it_without_effect() -> None:
    seen: list[object] = []

    def work() -> None:
        with termination():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]
