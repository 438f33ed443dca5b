"""What the ward did: entries, numbers, sheets, views, declarations and decisions in one append-only log (DESIGN D5).

Rules: a row is on disk, synced and signed before its number is shown; nothing here changes or deletes a row; what must
travel or be proved is in the log, drafts and delivery attempts are local tables; every entry carries its patient's
identity as it was shown, so that it prints when the snapshot is gone. Knows no network and no screen.
"""
