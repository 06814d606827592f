"""The demonstration: a believable year of an invented network, the same on every machine on the same day."""
