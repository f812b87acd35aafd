"""Talks to the service: returns values and iterators; never prints, never exits."""
