"""Tracking: a submitted job is followed to its report at the data centres, which is stored and then deleted there."""
