"""Reasons: the sentences that the spool keeps in English, in the language of who reads them. Pure."""
