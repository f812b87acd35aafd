"""From a word to what it names: voices, models, languages; and their completion."""
