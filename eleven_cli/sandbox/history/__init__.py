"""What was generated: listed, heard again, deleted."""
