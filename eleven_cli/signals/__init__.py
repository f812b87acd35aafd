"""The one place that installs signal handlers."""
