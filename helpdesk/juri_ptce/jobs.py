"""What the clock does for the sessions and the appointments."""
