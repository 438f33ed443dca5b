"""The systems that feed this copy: how each stands, declaring one down or back, and what was set aside."""
