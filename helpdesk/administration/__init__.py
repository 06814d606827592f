"""Screens of those who run the service: its state, and people's access. No content of any question."""
