"""Printing: to the system's print service, to a file on demand, and the preview before it."""
