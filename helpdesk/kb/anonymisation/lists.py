"""The word lists of the assistant, read once from ``data/``."""

import tomllib
from functools import cache
from pathlib import Path

from helpdesk.kb.anonymisation.folding import folded_words
from helpdesk.reference import get_reference

_DATA = Path(__file__).with_name("data")


@cache
def words(name: str) -> frozenset[str]:
    """The folded words of that list of ``words.toml``."""
    return frozenset(folded_words(_table("words.toml")[name]))


@cache
def entries(name: str) -> tuple[str, ...]:
    """The entries of that list of ``words.toml``, as written: separated by commas, else by spaces."""
    text = _table("words.toml")[name]
    parts = text.split(",") if "," in text else text.split()
    return tuple(" ".join(part.split()) for part in parts)


@cache
def first_names() -> frozenset[str]:
    table = _table("first_names.toml")
    return frozenset(folded_words(f"{table['names']} {table['common_words']}"))


@cache
def first_names_that_are_words() -> frozenset[str]:
    return frozenset(folded_words(_table("first_names.toml")["common_words"]))


@cache
def acronyms() -> frozenset[str]:
    """Folded acronyms of the field and of the law: they name no structure."""
    reference = get_reference()
    return frozenset(folded_words(" ".join((*reference.lexicon, *reference.typologies, *entries("acronyms")))))


@cache
def titles() -> frozenset[str]:
    return words("male_titles") | words("female_titles") | words("other_titles")


def is_ordinary(tokens: tuple[str, ...]) -> bool:
    """Whether *tokens* are all everyday words, so that they name somebody only when they are written as a name."""
    return all(
        token in words("ordinary") or token in words("generic") or token in words("stopwords") for token in tokens
    )


@cache
def _table(name: str) -> dict[str, str]:
    with (_DATA / name).open("rb") as file:
        table: dict[str, str] = tomllib.load(file)
    return table
