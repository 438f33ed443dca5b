"""The encrypted local copy, the journal and what is computed from them. Knows no screen (no Qt, no `desktop`)."""
