"""Intake: who may fax, to which numbers, and what is inside the mail; then its documents are made.

``acceptance`` stands between the mail front and the spool: a mail goes in, one SMTP reply comes out. ``preparation``
goes on after the 250.
"""
