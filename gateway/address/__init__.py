"""Fax addresses: the local part of a recipient becomes one E.164 number, or a refusal that says why. Pure.

The grammar stands in gateway.address.grammar; for people who write addresses, in docs/addresses.md.
"""

from gateway.address.errors import AddressError
from gateway.address.grammar import FaxAddress, parse_recipient
from gateway.address.number import NumberRules

__all__ = ["AddressError", "FaxAddress", "NumberRules", "parse_recipient"]
