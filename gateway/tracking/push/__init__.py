"""Reports that the fax service pushes (DESIGN §3.4): the fast path. Polling stays below it, for those that get lost."""
