"""What is stored for agents over REST: their settings, tools and documents."""
