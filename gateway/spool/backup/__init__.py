"""A backup of the spool, of either database: four files in one directory, complete only when the manifest is there.

rows.jsonl      the tables as JSON lines: one that names a table and its columns, then a list for each row
content.tar     the bytes of mails and documents, each named by its id
erasures.jsonl  the erasure log, for a restore of an earlier backup
manifest.json   format, schema, time, counts; size and SHA-256 of the other files

The rows are read in one transaction, the files afterwards: a file that the rows name can be gone by then only if its
job had ended and was purged or erased; such a content comes back as purged. Who is logged in at the dashboard is left
out, and which daemons live.
"""
