"""Requests for one hot row in one transaction.

A row that everybody wants is locked until its commit has reached the disk: one transaction each, and nothing passes 1/flush a
second. So requests that come while another is being written wait in their process, and go into the next transaction together,
each with an answer of its own. Alone in the queue, a request is a transaction of one; it never waits for company.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from eventapp.lib.db import Base, Database, Session, keep_held, writes
from eventapp.lib.refusal import Refused

MOST = 64
T = TypeVar("T")


class _Spoilt(Exception):
    """One of several has failed after it had written: nothing of them is kept, each is done for itself."""


@dataclass
class _Item(Generic[T]):
    work: Callable[[Session], T]
    ready: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    result: T | None = None
    error: BaseException | None = field(default_factory=lambda: RuntimeError("the transaction of this request was given up"))


@dataclass
class _Queue:
    items: deque[_Item[Any]] = field(default_factory=deque)
    led: bool = False


class Together:
    """The queues of one process, one for each row. `most` of 1 switches combining off."""

    def __init__(self, database: Database, *, most: int = MOST) -> None:
        self.database = database
        self.most = most
        self._lock = threading.Lock()
        self._queues: dict[tuple[type[Base], int], _Queue] = {}

    def do(self, model: type[Base], id: int, work: Callable[[Session], T]) -> T:
        """Do this work in a transaction that holds this row, perhaps with that of others; gives its result after the commit.

        The work takes the row's lock itself, touches nothing of the request, and may be done more than once: only what it
        wrote last is kept. Raises what the work raises, for whose work it is alone; Unavailable, see `Database.writing`.
        """
        item = _Item(work)
        with self._lock:
            queue = self._queues.setdefault((model, id), _Queue())
            queue.items.append(item)
            if not queue.led:
                queue.led = item.leads = True
        if not item.leads:
            item.ready.wait()
        if item.leads:
            self._lead(model, id, queue)
        if item.error is not None:
            raise item.error
        return item.result  # type: ignore[return-value]  # set by whoever led

    def _lead(self, model: type[Base], id: int, queue: _Queue) -> None:
        """Do one transaction of what waits, oneself first, and hand over to the next."""
        with self._lock:
            batch = [queue.items.popleft() for _ in range(min(self.most, len(queue.items)))]
        try:
            self._do(model, id, batch)
        finally:
            with self._lock:
                if queue.items:
                    queue.items[0].leads = True
                    queue.items[0].ready.set()
                else:
                    queue.led = False
                    del self._queues[model, id]
            for item in batch:
                item.ready.set()

    def _do(self, model: type[Base], id: int, batch: list[_Item[Any]]) -> None:
        if len(batch) > 1:
            try:
                self._all(model, id, batch)
            except Exception as error:  # noqa: BLE001 - a refusal after a write, a fault, a lost connection: alone, it shows who is to blame
                logging.getLogger(__name__).info("a transaction of %d requests is done again one by one: %r", len(batch), error)
            else:
                return
        for item in batch:
            try:
                with self.database.writing() as session:
                    item.result = item.work(session)
                item.error = None
            except BaseException as error:  # noqa: BLE001 - handed to the thread whose work it is
                item.result, item.error = None, error

    def _all(self, model: type[Base], id: int, batch: list[_Item[Any]]) -> None:
        refusals: dict[int, Refused] = {}
        with self.database.writing() as session:
            keep_held(session, model, id)
            for number, item in enumerate(batch):
                before = writes(session)
                try:
                    item.result = item.work(session)
                except Refused as refused:
                    # A refusal leaves no trace: this one had none to leave, so that the others need not suffer.
                    if writes(session) != before or session.dirty or session.new:
                        raise _Spoilt from refused
                    refusals[number] = refused
        for number, item in enumerate(batch):  # committed: only now is anything true
            item.error = refusals.get(number)
