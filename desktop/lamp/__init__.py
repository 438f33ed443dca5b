"""The lamp: one drawing, six states, and the words beside it (LOOK §1, look/12)."""
