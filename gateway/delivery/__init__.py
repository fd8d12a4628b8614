"""Delivery: prepared jobs go to the fax service, each answer is committed for what it means, deadlines are kept."""
