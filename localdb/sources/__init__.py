"""Readers that turn bytes into records and findings (pure), and what moves the bytes to them."""
