"""What every request has in common: middleware, the shape of errors, validation, uploaded forms."""
