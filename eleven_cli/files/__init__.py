"""The one place that writes files: private and atomic ones, `NAME.part`, locks, open descriptors by name."""
