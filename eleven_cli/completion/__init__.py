"""What the scripts of `eleven completion` ask for at each Tab; neither the commands nor typer are loaded for it."""
