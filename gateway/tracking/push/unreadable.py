"""A push whose body is no report."""


class Unreadable(Exception):
    """Says what is wrong with the body; holds nothing of it."""
