"""What every request shares: middleware, errors, validation, queries and forms."""
