"""The command line before and around the parser: roles of words, help pages, errors in words."""
