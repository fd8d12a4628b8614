"""Reports that the fax service pushes: the fast path. Polling stays below it, for those that get lost.

The law is docs/architecture.md, "Reports".
"""
