"""fax-gateway: a mail to +4989123456@fax.local becomes a fax.

Start reading at docs/architecture.md; the rooms of this package are listed there in the order of their imports.
"""

__version__ = "0.1.0"
