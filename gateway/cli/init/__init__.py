"""``fax-gateway init``: from nothing to a configuration that works, and to a first fax."""

from gateway.cli.init.command import init

__all__ = ["init"]
