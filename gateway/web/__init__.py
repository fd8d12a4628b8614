"""The dashboard: pages for people who want to see every fax, made on the server, each behind a login and a role."""
