"""Documents: from what a mail carries to what the fax service takes, and to the pages that come out of it."""
