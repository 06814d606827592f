"""What a search gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup

from helpdesk.search.lexicon import Outdated, Sense


@dataclass(frozen=True)
class Hit:
    """An article or a question found, as it is now; both texts are safe HTML."""

    id: int
    score: float
    title_html: Markup
    excerpt_html: Markup
    on: date
    facets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Results:
    """One page of what was found.

    ``total`` counts the best 150 at most; ``is_cut`` says that there may be more. ``facets`` count the values
    among them. ``suggestion`` is the query with its unknown words put right. ``is_fallback``: the index was
    away, plain SQL has answered, which misses plurals and synonyms.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    page: int = 1
    per_page: int = 20
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    suggestion: str | None = None
    senses: tuple[Sense, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    is_fallback: bool = False
    is_cut: bool = False

    @property
    def page_count(self) -> int:
        return -(-self.total // self.per_page)
