"""What costs something is made once in a while, by one of those who ask."""

import asyncio

from gateway.web.recent import Recent


def test_a_value_is_made_once_until_its_time_is_over() -> None:
    made: list[int] = []
    now = 0.0

    async def make() -> int:
        made.append(len(made))
        await asyncio.sleep(0)
        return made[-1]

    async def run() -> None:
        nonlocal now
        recent = Recent[int](30, lambda: now)
        assert await asyncio.gather(*(recent.get(make) for _ in range(3))) == [0, 0, 0]
        now = 29.9
        assert await recent.get(make) == 0
        now = 30
        assert await recent.get(make) == 1

    asyncio.run(run())
