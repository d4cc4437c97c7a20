"""Ctrl-C while a solver works: the solver stops at once, and the program learns of it."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import z3


@contextmanager
def prompt_interrupts() -> Iterator[None]:
    """Let Ctrl-C end a query of the solver, and raise KeyboardInterrupt.

    The solver's own way takes the signal for itself: its query ends *unknown*, and everything else goes on. So it is
    turned off, and a thread that hears of the signal interrupts the query instead. Does nothing off the main thread.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    z3.set_param("ctrl_c", False)
    heard, told = socket.socketpair()
    told.setblocking(False)
    before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
    watcher = threading.Thread(target=_interrupt_on, args=(heard,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        told.close()
        watcher.join()
        heard.close()


def _interrupt_on(heard: socket.socket) -> None:
    while signals := heard.recv(16):
        if signal.SIGINT in signals:
            z3.main_ctx().interrupt()
