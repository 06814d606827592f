"""The kinds of files that tables leave in. Pure."""

from enum import StrEnum
from typing import NamedTuple


class FileFormat(StrEnum):
    """What the address says; several tables in CSV make an archive of one file each."""

    CSV = "csv"
    XLSX = "xlsx"
    ODS = "ods"

    @property
    def label(self) -> str:
        return _LABELS[self]

    def kind(self, table_count: int) -> "FileKind":
        """The file that holds so many tables."""
        return _ARCHIVE if self is FileFormat.CSV and table_count != 1 else FileKind(self.value, _MEDIA_TYPES[self])


class FileKind(NamedTuple):
    extension: str
    media_type: str


_ARCHIVE = FileKind("zip", "application/zip")
_LABELS = {FileFormat.CSV: "CSV", FileFormat.XLSX: "Excel", FileFormat.ODS: "LibreOffice"}
_MEDIA_TYPES = {
    FileFormat.CSV: "text/csv; charset=utf-8",
    FileFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileFormat.ODS: "application/vnd.oasis.opendocument.spreadsheet",
}
