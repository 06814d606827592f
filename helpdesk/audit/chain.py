"""The hash chain of the audit trail: each row seals the one before. Pure."""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import date, datetime

Id = int | bool | str | None

START = "0" * 64
_CODE = re.compile(r"[A-Za-z0-9_.:-]{1,60}")


def sealed(
    previous_hash: str,
    *,
    at: datetime,
    actor_id: int | None,
    action: str,
    object_type: str,
    object_id: int | None,
    data: Mapping[str, Id],
) -> str:
    """Return the hash of a row that follows the one whose hash is *previous_hash*."""
    content = [previous_hash, at.isoformat(), actor_id, action, object_type, object_id, dict(data)]
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def only_ids(values: Mapping[str, object]) -> dict[str, Id]:
    """Return *values* as they are stored; dates become text.

    :raises ValueError: for anything but numbers, dates and codes: the trail holds no word of anybody.
    """
    return {name: _id(name, value) for name, value in values.items()}


def _id(name: str, value: object) -> Id:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and _CODE.fullmatch(value):
        return str(value)
    raise ValueError(f"{name}: the audit trail holds ids and codes only")
