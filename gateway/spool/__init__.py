"""The spool: what was answered 250 stands here, on disk, until its sender has had the last word.

``states`` is the law (pure), ``schema`` the tables, ``database`` the connection and its transactions, ``content`` the
bytes, ``mails``/``jobs``/``outbox``/``reports`` the queries, each a function over one open transaction.
"""
