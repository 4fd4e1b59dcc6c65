"""What a recipe takes, measured before it is queued: memory, speed, time and disk."""
