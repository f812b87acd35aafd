"""The way to a server, for HTTP and WebSockets alike: the route, the certificates, and the connection itself."""
