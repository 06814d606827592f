"""Passwords: argon2id, few hashes at a time, the same work whether an account exists or not."""

import threading
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from helpdesk.accounts.text import fold
from helpdesk.errors import BadInput

MIN_CHARS = 12
MAX_CHARS = 200
MIN_DIFFERENT_CHARS = 5
HASHES_AT_A_TIME = 2

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_slots = threading.BoundedSemaphore(HASHES_AT_A_TIME)
"""Each hash takes 19 MiB: a burst of sign-ins waits instead of filling the memory."""

_COMMON_STEMS = frozenset((Path(__file__).parent / "data" / "common_passwords.txt").read_text().split())
"""Compared without the digits around them, which people add to reach the length."""


def hash_password(password: str) -> str:
    """Hash *password* with a fresh salt."""
    with _slots:
        return _hasher.hash(password)


def verify(stored_hash: str | None, password: str) -> bool:
    """Tell whether *password* is the one behind *stored_hash*; without any hash, work as long and say no."""
    with _slots:
        try:
            _hasher.verify(stored_hash or _decoy(), password[:MAX_CHARS])
        except (VerificationError, InvalidHashError):
            return False
    return bool(stored_hash)


def needs_rehash(stored_hash: str) -> bool:
    """Tell whether *stored_hash* was made with other settings than today's."""
    return _hasher.check_needs_rehash(stored_hash)


def check_strength(password: str, *, own_words: tuple[str, ...] = ()) -> None:
    """Refuse what is quickly guessed; *own_words* are the person's e-mail and names.

    :raises BadInput: with what to do instead.
    """
    if len(password) < MIN_CHARS:
        raise BadInput(f"Choisissez un mot de passe d’au moins {MIN_CHARS} caractères.", field="new_password")
    if len(password) > MAX_CHARS:
        raise BadInput(f"Choisissez un mot de passe d’au plus {MAX_CHARS} caractères.", field="new_password")
    stem = fold(password).replace(" ", "").strip("0123456789")
    own = {fold(word).replace(" ", "") for word in own_words}
    if not stem or stem in _COMMON_STEMS | own or len(set(password)) < MIN_DIFFERENT_CHARS:
        raise BadInput(
            "Ce mot de passe est trop facile à deviner. Essayez plusieurs mots sans lien entre eux.",
            field="new_password",
        )


@cache
def _decoy() -> str:
    return _hasher.hash("no account has this password")
