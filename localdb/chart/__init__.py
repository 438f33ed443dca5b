"""The living chart: pure projections of copy and entries, staleness, matching. No I/O."""
