"""One file per command: its options, the call, the rendering."""
