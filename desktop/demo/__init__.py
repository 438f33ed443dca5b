"""The demonstration hospital: `resources/demo` read by `fill` into a throw-away vault, at its own time of night."""
