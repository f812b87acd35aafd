"""Sound: formats, places it can go, devices. Knows neither the service nor the terminal."""
