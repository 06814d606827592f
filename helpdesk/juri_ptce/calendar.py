"""The days and hours of the sessions. Pure: the day, the holidays and the settings come from the caller."""
