"""The spoken form of a text: what a voice is given instead of what was written. Pure, however the text arrives."""
