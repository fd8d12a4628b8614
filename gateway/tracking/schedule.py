"""When a job is looked for next. Pure: fresh jobs often, old ones seldom.

The first look comes 2 s after the submission, which sets it (``delivery/submitter.py``).
"""

from datetime import timedelta

# Up to this age of the submission, looks come at most this far apart. Fax4A: the vendor dials up to ten times, so
# that a busy number takes many minutes; most faxes are out within the first five.
STEPS = (
    (timedelta(0), timedelta(seconds=10)),  # from the future: the machine's clock was set back
    (timedelta(seconds=10), timedelta(seconds=2)),
    (timedelta(seconds=30), timedelta(seconds=5)),
    (timedelta(minutes=5), timedelta(seconds=10)),
    (timedelta(minutes=30), timedelta(seconds=30)),
    (timedelta(hours=2), timedelta(minutes=2)),
    (timedelta(days=2), timedelta(minutes=5)),
)
# Only a job that is `unknown`, and whose sender was told so, is older.
SELDOM = timedelta(minutes=30)


def pause_until_next_look(age: timedelta) -> timedelta:
    """How long to wait before the next look, `age` after the submission."""
    for until, pause in STEPS:
        if age < until:
            return pause
    return SELDOM
