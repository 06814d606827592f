"""The zone by which the service counts its days."""

from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
