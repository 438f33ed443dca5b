"""The window and the command line: the only place that imports Qt (DESIGN §3)."""
