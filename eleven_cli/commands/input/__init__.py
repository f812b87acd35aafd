"""Where a command's input comes from: text, audio, the microphone."""
