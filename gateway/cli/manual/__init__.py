"""The man pages fax-gateway(1) and fax-gateway.toml(5), made by walking the command tree and the settings."""
