"""What a conversation needs of sound: both directions on one clock, echo control, recording."""
