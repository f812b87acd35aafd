"""Audio: formats, codecs, sinks, devices and calls. Knows neither the service nor the terminal."""
