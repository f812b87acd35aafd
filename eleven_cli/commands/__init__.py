"""One module or package for each command; what they share is in options, input, output and lookup."""
