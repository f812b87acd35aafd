"""A local server with the service's API and a real speech synthesizer.

Nothing is imported here and nothing comes from the rest of the program: see `server.running` and `server.serve`.
"""
