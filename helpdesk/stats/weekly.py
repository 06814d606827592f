"""When the mail of the week goes, and how many lines it holds. Pure: days and moments come from the caller, by the
clock of Paris.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from itertools import zip_longest

from helpdesk.mail.wording import NBSP, NNBSP, shorten, title
from helpdesk.reference.holidays import is_working_day, next_working_day
from helpdesk.reference.zones import PARIS

SENT_AT = time(8, 0)
LATEST = timedelta(days=2)
"""After the day it was meant for: later in the week, that of next Monday is nearer."""
BODY_WORDS = 106
"""Of the sentence and the lists: the greeting, the last link and the signature make them 120."""
FRAME_WORDS = 10
"""Of them, for the heading of a list and its link."""
TITLE_WORDS, TITLE_CHARS = 6, 45
SMALL_WORD_CHARS = 3
"""Articles and the like: a title does not stop on them."""
_LOOSE = re.compile(" (?=[;:!?»])")
_ENDS = f" ,;:.({NBSP}{NNBSP}"


def is_due(now: datetime, closing_days: Collection[date] = ()) -> bool:
    """Whether the mail of the week goes now, unless it was written already.

    On Monday from 8:00 on, on the first working day after it when Monday is not worked; where no worker ran, on one of
    the two days that follow. A week without a working day has none.
    """
    local = now.astimezone(PARIS)
    today = local.date()
    meant_for = next_working_day(today - timedelta(days=today.weekday()), closing_days=closing_days)
    is_near = meant_for <= today <= meant_for + LATEST
    return is_near and local.time() >= SENT_AT and is_working_day(today, closing_days=closing_days)


def short_title(text: str) -> str:
    """The first words of a question's title, without addresses of sites; the list of all questions has the rest."""
    line = _LOOSE.sub(NBSP, title(text))
    words = line.split(" ")
    kept = words[:TITLE_WORDS]
    while len(kept) > 1 and len(" ".join(kept)) > TITLE_CHARS:
        kept.pop()
    if kept == words:
        return shorten(line, TITLE_CHARS)
    while len(kept) > 1 and len(kept[-1]) <= SMALL_WORD_CHARS:
        kept.pop()
    return shorten(" ".join(kept), TITLE_CHARS).rstrip(f"{_ENDS}…") + "…"


def first_lines(lists: Sequence[Sequence[str]], most_words: int) -> list[list[str]]:
    """Of each list, the lines that hold in *most_words* for all of them, headings and links included: the first ones,
    then the second ones, and so on until one does not fit. The first of each list is always there.
    """
    shown: list[list[str]] = [[] for _ in lists]
    word_count = FRAME_WORDS * sum(map(bool, lists))
    for rank in zip_longest(*lists, fillvalue=""):
        for kept, line in zip(shown, rank, strict=True):
            word_count += len(line.split())
            if kept and word_count > most_words:
                return shown
            if line:
                kept.append(line)
    return shown
