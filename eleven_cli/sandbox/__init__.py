"""A local server that speaks the service's HTTP API with a real speech synthesiser.

Nothing is imported here and nothing comes from the rest of the program: see `server.running` and `server.serve`.
"""
