"""Settings: TOML file, environment and credentials become one checked, frozen value (docs/configuration.md)."""

from gateway.config.errors import ConfigError
from gateway.config.fax import Directive
from gateway.config.profile import Profile
from gateway.config.runtime import control_places, control_socket
from gateway.config.settings import Settings
from gateway.config.sources import find_config, load_settings, spool_path, state_directory
from gateway.config.values import ListenAddress

__all__ = [
    "ConfigError",
    "Directive",
    "ListenAddress",
    "Profile",
    "Settings",
    "control_places",
    "control_socket",
    "find_config",
    "load_settings",
    "spool_path",
    "state_directory",
]
