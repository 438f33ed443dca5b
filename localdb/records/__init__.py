"""The typed vocabulary: frozen records, ids, moments, codes, statuses. No I/O, imports nothing of ours."""
