"""What commands ask of a daemon that runs, over a unix socket: jobs, logins, the emergency stop, `check`.

Who may ask is the socket's file mode: root, the daemon's own user, the members of the socket's group. The kernel says
who asks (SO_PEERCRED, unix(7)); that name stands in the events of jobs and in the audit log. Where no daemon lives the
command gives the same answers itself, on the spool that it opens as the spool's owner (``gateway/cli/asking.py``).

One connection is one request and its answer (``protocol.py`` has the wire):

- The request is one line of JSON, a frozen ``Request``: it is checked here, whatever the command has checked before.
- The answer is a stream of pieces, each an ``Item`` (a line of JSON) or bytes (their count in a line, then they
  themselves), and a line that ends it: done, or refused with a sentence. An answer without that line was broken off.

No path crosses the socket to be opened at the other end: each side opens its own files with its own rights. What is
large is streamed, as bytes.

To add a request:

1. Write it in the module of its subject (``jobs.py``, ``users.py``, ...): a ``Request`` whose ``do`` is a Literal that
   names it, an ``Item`` for what it is answered with, and an async generator that takes the ``Desk``, the request and,
   where it changes something, the ``Caller``. It yields items, or bytes of at most ``LONGEST_CHUNK``, as it has them;
   nothing more is made than the client takes. It raises ``Refused`` with a sentence for the person. What it changes it
   notes in the audit log, in the same transaction.
2. Name it in ``AnyRequest`` and in ``answer`` (``requests.py``); mypy finds what is missing.
3. What it needs of rooms that this one doesn't know is an errand (``desk.py``); the composition root gives it.
4. Its command asks by ``Asking.items`` or, where bytes come too, by ``Asking.pieces`` (``gateway/cli/asking.py``).
"""

from gateway.control.protocol import LONGEST_CHUNK, Item, Refused, Request

__all__ = ["LONGEST_CHUNK", "Item", "Refused", "Request"]
