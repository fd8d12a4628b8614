"""Chance, one stream for each use: a push or a query that comes sooner or later doesn't change which id a job gets."""

from random import Random


class Chance:
    """With a seed, the same jobs in the same order get the same ids, data centres and delays."""

    def __init__(self, seed: int | None) -> None:
        self.jobs = Random()  # noqa: S311 - of a test service
        self.faults = Random()  # noqa: S311 - likewise
        self.queries = Random()  # noqa: S311 - likewise: the data centre that HA asks
        self.begin(seed)

    def begin(self, seed: int | None) -> None:
        """Anew; without a seed it is nobody's guess."""
        for use, stream in (("jobs", self.jobs), ("faults", self.faults), ("queries", self.queries)):
            stream.seed(None if seed is None else f"{use} {seed}")
