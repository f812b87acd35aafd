"""The voices and the models that the sandbox has, and the requests that list them."""
