"""Where a command's result goes, and what is shown of it meanwhile."""
