"""``python activated.py NAME=FD... -- COMMAND...``: starts a command as systemd does that holds its sockets.

sd_listen_fds(3): they are the file descriptors from 3 on, and the variables are for this very process.
"""

import os
import sys

FIRST = 3


def main() -> None:
    split = sys.argv.index("--")
    named = [each.split("=") for each in sys.argv[1:split]]
    high = [
        os.dup(int(descriptor)) for _, descriptor in named
    ]  # none of them is overwritten below: dup takes free ones
    moved = [os.dup2(descriptor, 100 + number) for number, descriptor in enumerate(high)]
    for number, descriptor in enumerate(moved):
        os.dup2(descriptor, FIRST + number, inheritable=True)
    os.closerange(FIRST + len(moved), 200)
    os.environ["LISTEN_PID"] = str(os.getpid())
    os.environ["LISTEN_FDS"] = str(len(moved))
    os.environ["LISTEN_FDNAMES"] = ":".join(name for name, _ in named)
    command = sys.argv[split + 1 :]
    os.execv(command[0], command)


if __name__ == "__main__":
    main()
