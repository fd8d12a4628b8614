"""Mails that were tried: their pages are kept for some minutes, for the one who tried them."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_urlsafe

MOST = 8
MINUTES = 15
Pages = tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    login: str
    pages: tuple[Pages, ...]  # of each job
    until: float


class Trials:
    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Trial] = OrderedDict()

    def keep(self, login: str, pages: tuple[Pages, ...]) -> str:
        key = token_urlsafe(16)
        self._kept[key] = Trial(login, pages, self._clock() + MINUTES * 60)
        while len(self._kept) > MOST:
            self._kept.popitem(last=False)
        return key

    def page(self, key: str, login: str, job: int, page: int) -> bytes | None:
        trial = self._kept.get(key)
        if trial is None or trial.login != login or self._clock() > trial.until:
            return None
        pages = trial.pages[job] if 0 <= job < len(trial.pages) else ()
        return pages[page - 1] if 0 < page <= len(pages) else None
