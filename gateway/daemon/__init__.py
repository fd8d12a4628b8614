"""The daemon: the only place that builds the parts and knows all of them."""
