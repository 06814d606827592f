"""What the service knows before its first question: regions, topics, words, legal periods, holidays."""

from functools import lru_cache
from pathlib import Path

from helpdesk.reference.loader import DATA_FOLDER, load_reference
from helpdesk.reference.types import Reference, ReferenceDataError

__all__ = ["Reference", "ReferenceDataError", "get_reference"]


@lru_cache(maxsize=8)
def get_reference(folder: Path = DATA_FOLDER) -> Reference:
    """The reference data, read once for each *folder*.

    :raises ReferenceDataError: with file, line and reason of every wrong line.
    """
    return load_reference(folder)
