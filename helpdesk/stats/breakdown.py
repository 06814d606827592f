"""The facts of a period laid out in tables: by month, by delegation, by topic… Pure, but for the labels."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress
from operator import attrgetter

from helpdesk.reference import get_reference
from helpdesk.reference.letters import without_accents
from helpdesk.reporting import Period
from helpdesk.stats.measures import (
    FEWEST_ANSWERS,
    Delays,
    Facts,
    delays_by,
    delays_by_each,
    mean_days,
    seconds_by_tier,
)
from helpdesk.stats.periods import buckets, month_starts
from helpdesk.stats.perms import NATIONAL
from helpdesk.stats.tables import Column, Kind, Row, Table, Untold, Value
from helpdesk.tickets.enums import Channel, Tier

NO_TOPIC = "Thème à préciser"
NATIONAL_LABEL = "Sans délégation (file nationale)"
NO_TYPOLOGY = "Sans typologie"
LONGEST_SHOWN_DAYS = 18
"""The histogram ends there: what took longer is counted together."""

RECEIVED = Column("received", "Reçues", Kind.COUNT)
DELAY_COLUMNS = (
    Column("answered", "Réponses", Kind.COUNT),
    Column("mean", "Moyenne", Kind.DAYS),
    Column("median", "Médiane", Kind.DAYS),
    Column("ninth_decile", "Pour 9 sur 10", Kind.DAYS),
    Column("within", "Dans l’objectif", Kind.SHARE),
)


# The keys of the groups.
month_of = attrgetter("month")
delegation_of = attrgetter("delegation")
topic_of = attrgetter("topic")
channel_of = attrgetter("channel")
structure_of = attrgetter("organisation_id")
answerer_of = attrgetter("answered_by")


def delay_values(delays: Delays) -> tuple[Value, ...]:
    """The values of :data:`DELAY_COLUMNS`."""
    count = delays.answered_count
    if not delays.is_enough:
        untold = Untold.TOO_FEW_ANSWERS if count else None
        return (count, untold, untold, untold, untold)
    return (count, delays.mean_days, delays.median_days, delays.ninth_decile_days, delays.within_share)


def by_step(facts: Facts, period: Period) -> Table:
    """By month of reception; by quarter or by year where months are too many or hold too few answers.

    It starts with the first month that has a question.
    """
    first = min(facts.received.month, default=0)
    answers = Counter(facts.answered.month)
    starts = month_starts(period)[first:]
    months = [answers[first + place] for place in range(len(starts))]
    steps = buckets(Period(max(period.starts_on, starts[0].date()), period.ends_on), months, FEWEST_ANSWERS)
    place_of = {first + month: place for place, step in enumerate(steps) for month in step.months}
    found = delays_by_each(facts, month_of, lambda month: (place_of[month],))
    rows = [_row(step.key, step.label, found.get(place)) for place, step in enumerate(steps)]
    return _table("par-mois", "Au fil des mois de réception", "Réception", rows)


def by_delegation(facts: Facts) -> Table:
    """In the order of the names, the national queue last."""
    delegations = get_reference().delegations
    found = delays_by(facts, delegation_of)
    names = {code: delegations[code].name if code in delegations else code for code in found if code != NATIONAL}
    rows = [_row(code, name, found[code]) for code, name in sorted(names.items(), key=lambda item: _plain(item[1]))]
    if NATIONAL in found:
        rows.append(_row("nationale", NATIONAL_LABEL, found[NATIONAL]))
    return _table("par-delegation", "Par délégation", "Délégation", rows)


def by_topic(facts: Facts, within: str = "") -> Table:
    """By domain; by topic *within* one. The most asked first."""
    reference = get_reference()
    topics, domains = reference.topics, reference.topic_domains
    if within:
        names = {code: topic.label for code, topic in topics.items()}
        found = delays_by(facts, topic_of)
    else:
        names = {code: domain.label for code, domain in domains.items()}
        found = delays_by_each(facts, topic_of, lambda topic: (topic.partition("/")[0],))
    return _table("par-theme", "Par thème", "Thème", _largest_first(found, {**names, "": NO_TOPIC}))


def by_typology(facts: Facts, typologies: Mapping[int, Sequence[str]]) -> Table:
    """A structure may have several: the rows then add up to more than the questions."""
    known = get_reference().typologies
    found = delays_by_each(facts, structure_of, lambda structure: typologies.get(structure) or ("",))
    names = {code: known[code].short_label if code in known else code for code in found}
    rows = _largest_first(found, {**names, "": NO_TYPOLOGY})
    note = "Une structure qui a plusieurs typologies est comptée dans chacune."
    return _table("par-typologie", "Par typologie", "Typologie", rows, note=note)


def by_channel(facts: Facts) -> Table:
    """The most used first."""
    found = delays_by(facts, channel_of)
    rows = _largest_first(found, {channel.value: channel.label for channel in Channel})
    return _table("par-canal", "Par canal", "Canal", rows)


def by_tier(facts: Facts) -> Table:
    """Who gave the first answer."""
    found = delays_by(facts, answerer_of)
    rows = [_row(tier, tier.label, found.get(tier)) for tier in (Tier.DELEGATION, Tier.POLE)]
    rows = [Row(row.key, row.label, row.values[1:]) for row in rows]
    return Table("par-niveau", "Par niveau de réponse", "Réponse donnée par", DELAY_COLUMNS, tuple(rows))


def time_held(facts: Facts) -> Table:
    """The mean gross time, and what each holder had of it, in exact days; then the mean net time."""
    spent = seconds_by_tier(facts)
    count = facts.answered_count
    gross = sum(spent.values())
    lines = [(tier.value, tier.label, spent[tier]) for tier in Tier]
    lines += [("gross", "Délai brut", gross), ("net", "Délai net", gross - spent[Tier.WAITING])]
    is_enough = count >= FEWEST_ANSWERS
    untold = Untold.TOO_FEW_ANSWERS if count else None
    columns = (Column("mean", "Moyenne", Kind.DAYS), Column("share", "Part du délai brut", Kind.SHARE))
    rows = [
        Row(
            key,
            label,
            (mean_days(seconds, count), seconds / gross if gross else None) if is_enough else (untold, untold),
        )
        for key, label, seconds in lines
    ]
    return Table("temps-tenu", "Qui avait la question", "Temps passé", columns, tuple(rows), is_split=False)


def histogram(facts: Facts) -> Table:
    """How many answers came on each day, the day of reception being day 0."""
    answers = facts.answered
    days: Counter[int] = Counter()
    for day, count in Counter(answers.gross_days).items():
        days[min(day, LONGEST_SHOWN_DAYS)] += count
    labels = [f"{day} jour{'s' if day > 1 else ''}" for day in range(LONGEST_SHOWN_DAYS)]
    labels.append(f"{LONGEST_SHOWN_DAYS} jours et plus")
    rows = tuple(Row(str(day), label, (days[day],)) for day, label in enumerate(labels))
    # The share within the target tells the sum of the days up to the last of them, and that of the others.
    last = max(compress(answers.gross_days, answers.is_within), default=-1)
    parts = (last + 1,) if 0 <= last < LONGEST_SHOWN_DAYS else ()
    return Table("repartition", "Répartition des délais", "Délai", (DELAY_COLUMNS[0],), rows, parts=parts)


def by_age(ages_days: Sequence[int]) -> Table:
    """The questions still without an answer, by their age in days from date to date."""
    limits = ((0, 5), (6, 10), (11, 20), (21, 30), (31, None))
    rows = []
    for first, last in limits:
        label = f"{first} à {last} jours" if last is not None else f"{first} jours et plus"
        count = sum(first <= age and (last is None or age <= last) for age in ages_days)
        rows.append(Row(str(first), label, (count,)))
    columns = (Column("unanswered", "Questions", Kind.COUNT),)
    return Table("sans-reponse", "Questions encore sans réponse", "Âge", columns, tuple(rows))


def _row(key: str, label: str, delays: Delays | None) -> Row:
    return Row(key, label, (delays.received_count, *delay_values(delays)) if delays else (0, 0, None, None, None, None))


def _largest_first(found: Mapping[str, Delays], names: Mapping[str, str]) -> list[Row]:
    ordered = sorted(found, key=lambda code: (-found[code].received_count, _plain(names.get(code, code))))
    return [_row(code or "-", names.get(code, code), found[code]) for code in ordered]


def _plain(name: str) -> str:
    """Without capitals nor accents: « Île-de-France » stands between « Hauts-de-France » and « Normandie »."""
    return without_accents(name.casefold())


def _table(key: str, title: str, head: str, rows: Iterable[Row], note: str = "") -> Table:
    return Table(key, title, head, (RECEIVED, *DELAY_COLUMNS), tuple(rows), note=note)
