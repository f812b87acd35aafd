"""Sound devices and external players."""
