"""What converter processes cost while they are watched, in seconds of processor: a clock's tell how busy it is."""

import threading
from typing import Self

from gateway.documents.converter import Converters
from tests.bench import memory
from tests.bench.processor import own_seconds


class Watch:
    """Looked at every few milliseconds: the most that any one process has held, and what all have worked."""

    def __init__(self, converters: Converters) -> None:
        self._converters = converters
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._before: dict[int, float] = {}
        self._after: dict[int, float] = {}
        self.most_memory = 0  # bytes

    @property
    def worked(self) -> float:
        """Seconds of processor."""
        return sum(after - self._before[process] for process, after in self._after.items())

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._look()

    def _watch(self) -> None:
        while not self._over.wait(0.005):
            self._look()

    def _look(self) -> None:
        for worker in [*self._converters._busy, *self._converters._idle]:
            used = own_seconds(worker.process)
            self._before.setdefault(worker.process, used)
            self._after[worker.process] = max(used, self._after.get(worker.process, 0.0))
            self.most_memory = max(self.most_memory, memory.peak(worker.process))
