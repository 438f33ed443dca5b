"""Restoration on screen: what would be sent, what was, and the certificate."""
