"""The Fax-for-Applications service, locally: as strict as the real one, and every fax is really rendered.

It validates on its own, without the client's model: a shared model would hide a shared mistake.
"""

from gateway.sandbox.options import SandboxOptions
from gateway.sandbox.service import create_app, serve

__all__ = ["SandboxOptions", "create_app", "serve"]
