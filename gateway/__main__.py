"""``python -m gateway`` is the command ``fax-gateway``."""

from gateway.cli import main

main()
