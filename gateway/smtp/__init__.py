"""The mail front: SMTP sessions in, replies out. What a mail is worth is decided by intake, not here."""
