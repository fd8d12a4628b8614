"""``fax-gateway demo``: sandbox, daemon and one real mail with a PDF; shows each stage and the fax that came out."""

from gateway.cli.demo.command import demo

__all__ = ["demo"]
