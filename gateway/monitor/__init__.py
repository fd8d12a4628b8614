"""What machines watch: counters made from the log's events, the spool's state, and whether the gateway takes mail."""
