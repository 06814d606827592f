"""Relevance and speed of the search, through the application's own functions.

``python -m benchmarks.search --sets DIR``: the folder (or the variable ``SEARCH_SETS``) holds test sets,
``*.json.gz``: ``docs`` as [identifier, title, body], ``queries`` as [identifier, text], ``qrels`` as {query:
{document: grade}}. A file ``synonymes-<name>.json`` beside a set ``<name>-….json.gz`` is its lexicon; a set without
one is searched without any. Both engines, and beside them SQLite's FTS5 and PostgreSQL's ``websearch_to_tsquery``
in the same run. The exit code is 1 when a bar does not hold.
"""

import argparse
import gzip
import json
import math
import os
import random
import re
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from benchmarks.pages import _database, _migrate
from helpdesk import create_app
from helpdesk.db import db, read_only
from helpdesk.search import corpora, operations, queries
from helpdesk.search.analysis import clean, terms, tokens
from helpdesk.search.corpora import Corpus, Document
from helpdesk.search.corrections import proposals
from helpdesk.search.engines import engine_for
from helpdesk.search.lexicon import Lexicon, parse_group
from helpdesk.search.pool import Pool

GOOD_GRADE = 3
NAME = "mesures"
SCALE, LATENCY_QUERIES, WARM_UP, TYPOS = 10_000, 300, 20, 300
ON = date(2026, 1, 1)
AGREEMENT, SECONDS_P95, SECONDS_BUILD = 95.0, 0.050, 60.0
BARS: Mapping[str, Mapping[str, float]] = {
    "travail": {"R@10": 55, "R@100": 84, "S@5": 74, "nDCG@10": 46, "S@5 sigles": 79},
    "service-public": {"R@5": 90.5, "nDCG@10": 84.5},
}
"""What has to hold on the two sets of development; other sets are only printed."""

PAGES = sa.Table(
    "benchmark_page",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text),
    sa.Column("body", sa.Text),
)

Ranking = dict[str, list[str]]


@dataclass(frozen=True)
class TestSet:
    name: str
    docs: list[tuple[str, str, str]]
    queries: list[tuple[str, str]]
    grades: dict[str, dict[str, int]]
    synonyms: list[list[str]]

    @property
    def acronym_queries(self) -> set[str]:
        """Queries with one of the acronyms of the set's own lexicon: short words that stand for several."""
        known = {
            word.lower()
            for group in self.synonyms
            if any(" " in phrase for phrase in group)
            for word in group
            if re.fullmatch(r"[a-z]{2,6}", word.lower())
        }
        return {query for query, text in self.queries if known & set(re.findall(r"\w+", text.lower()))}


@dataclass
class Measure:
    """One engine on one set."""

    name: str
    values: dict[str, float]
    top: dict[str, list[str]] = field(default_factory=dict)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--sets", type=Path, default=os.environ.get("SEARCH_SETS"), help="dossier des jeux d’essai")
    parser.add_argument("--engine", choices=["whoosh", "postgresql"], help="un seul moteur")
    parser.add_argument("--without-scale", action="store_true", help="sans les 10 000 entrées")
    options = parser.parse_args()
    if options.sets is None:
        parser.error("indiquez le dossier des jeux d’essai : --sets DOSSIER, ou SEARCH_SETS")
    sets = list(read_sets(Path(options.sets)))
    measured: dict[str, list[Measure]] = {one.name: [fts5(one, raw=True), fts5(one, raw=False)] for one in sets}
    problems: list[str] = []
    for engine in [options.engine] if options.engine else ["whoosh", "postgresql"]:
        with application(engine):
            for one in sets:
                measured[one.name].append(ours(one, engine))
                print(f"{one.name}, {engine} : {spelling(one)}")
                if engine == "postgresql":
                    measured[one.name].append(websearch(one))
            if not options.without_scale:
                problems += scale(sets, engine)
    for one in sets:
        problems += report(one, measured[one.name])
    for problem in problems:
        print(f"NON TENU : {problem}", file=sys.stderr)
    return 1 if problems else 0


# --- the sets


def read_sets(folder: Path) -> Iterator[TestSet]:
    for path in sorted(folder.glob("*.json.gz")):
        with gzip.open(path) as file:
            data = json.load(file)
        name = path.name.removesuffix(".json.gz")
        synonyms = folder / f"synonymes-{name.split('-')[0]}.json"
        groups = [parse_group(line) for line in json.loads(synonyms.read_text())] if synonyms.exists() else []
        docs = [(key, title, body) for key, title, body in data["docs"]]
        yield TestSet(name, docs, [(key, text) for key, text in data["queries"]], data["qrels"], groups)


def scores(one: TestSet, ranking: Ranking, only: set[str] | None = None) -> dict[str, float]:
    """Means over the queries, in percent."""
    sums = dict.fromkeys(("R@5", "R@10", "R@100", "S@5", "MRR@10", "nDCG@10"), 0.0)
    asked = [query for query, _ in one.queries if query in one.grades and (only is None or query in only)]
    for query in asked:
        grades, found = one.grades[query], ranking[query]
        good = {key for key, grade in grades.items() if grade >= GOOD_GRADE}
        if not good:
            continue
        for count in (5, 10, 100):
            sums[f"R@{count}"] += len(good.intersection(found[:count])) / len(good)
        sums["S@5"] += bool(good.intersection(found[:5]))
        sums["MRR@10"] += next((1 / place for place, key in enumerate(found[:10], 1) if key in good), 0.0)
        best = gain(sorted(grades.values(), reverse=True))
        sums["nDCG@10"] += gain([grades.get(key, 0) for key in found]) / best
    return {name: 100 * total / max(1, len(asked)) for name, total in sums.items()}


def gain(grades: Sequence[int]) -> float:
    return sum(grade / math.log2(place + 1) for place, grade in enumerate(grades[:10], 1))


def measure(name: str, one: TestSet, search: Callable[[str], list[str]]) -> Measure:
    seconds: list[float] = []
    ranking: Ranking = {}
    for query, text in one.queries:
        started = time.perf_counter()
        ranking[query] = search(text)
        seconds.append(time.perf_counter() - started)
    values = scores(one, ranking)
    if one.synonyms:
        values["S@5 sigles"] = scores(one, ranking, one.acronym_queries)["S@5"]
    values["vides"] = float(sum(not found for found in ranking.values()))
    values |= {"p50 ms": 1000 * statistics.median(seconds), "p95 ms": 1000 * percentile(seconds, 95)}
    return Measure(name, values, {query: found[:10] for query, found in ranking.items()})


def percentile(seconds: Sequence[float], share: int) -> float:
    return statistics.quantiles(seconds, n=100)[share - 1]


# --- the application


@contextmanager
def application(engine: str) -> Iterator[None]:
    folder = Path(tempfile.mkdtemp(prefix="appui-search-"))
    try:
        with _database(folder, is_postgresql=engine == "postgresql") as settings:
            app = create_app(replace(settings, search_engine=engine))
            with app.app_context():
                _migrate(app.config["SETTINGS"])
                with db.engine.begin() as connection:
                    PAGES.create(connection)
                token = read_only.set(True)
                yield
                db.session.remove()
                read_only.reset(token)
                db.engine.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def fill(docs: Sequence[tuple[str, str, str]]) -> float:
    """Put the documents in a table and index them; return the seconds of the indexing alone."""
    db.session.rollback()
    token = read_only.set(False)
    with db.engine.begin() as connection:
        connection.execute(sa.delete(PAGES))
        rows = [{"id": n, "title": title, "body": body} for n, (_, title, body) in enumerate(docs, 1)]
        for start in range(0, len(rows), 1000):
            connection.execute(sa.insert(PAGES), rows[start : start + 1000])
    read_only.reset(token)
    corpora.declare(corpus())
    started = time.perf_counter()
    operations.rebuild(NAME)
    return time.perf_counter() - started


def corpus() -> Corpus:
    stamped = sa.select(PAGES.c.id, sa.literal(1).label("stamp"))

    def documents(ids: Sequence[int]) -> list[Document]:
        rows = db.session.execute(sa.select(PAGES).where(PAGES.c.id.in_(ids)))
        return [Document(row.id, 1, row.title, row.body, ON) for row in rows]

    def ids(after: int, limit: int) -> list[int]:
        statement = sa.select(PAGES.c.id).where(PAGES.c.id > after).order_by(PAGES.c.id).limit(limit)
        return list(db.session.scalars(statement))

    def plain(_person: object, words: str, limit: int) -> "sa.Select[tuple[int, int]]":
        matches = [PAGES.c.title.icontains(word, autoescape=True) for word in words.split()]
        return stamped.where(sa.or_(*matches)).limit(limit)

    return Corpus(NAME, documents, ids, lambda _person, _filters: stamped, plain)


def ours(one: TestSet, engine: str) -> Measure:
    fill(one.docs)
    lexicon = Lexicon(synonyms=one.synonyms)

    def search(text: str) -> list[str]:
        return [one.docs[n - 1][0] for n in queries.find_ids(None, NAME, text, limit=100, lexicon=lexicon)]

    return measure(f"appui, {engine}", one, search)


def scale(sets: Sequence[TestSet], engine: str) -> list[str]:
    """Speed at 10,000 entries: whole result pages, with excerpts and facets."""
    docs = enlarged([doc for one in sets for doc in one.docs], SCALE)
    build = fill(docs)
    texts = [text for one in sets for _, text in one.queries]
    asked = random.Random(1).sample(texts, min(len(texts), LATENCY_QUERIES + WARM_UP))
    seconds = {"résultats": timed(asked, lambda text: queries.find(None, NAME, text))}
    seconds["en cours de frappe"] = timed(
        asked, lambda text: queries.complete_ids(None, NAME, text[: len(text) * 2 // 3])
    )
    seconds["semblables"] = timed(asked, lambda text: queries.similar_ids(None, NAME, text, docs[len(text)][2]))
    print(f"\n{engine}, {len(docs)} entrées : index en {build:.1f} s")
    for name, values in seconds.items():
        cpu = [one[1] for one in values]
        wall = [one[0] for one in values]
        print(
            f"  {name} : p50 {1000 * statistics.median(wall):.1f} ms, p95 {1000 * percentile(wall, 95):.1f} ms ; "
            f"calcul du processus : p50 {1000 * statistics.median(cpu):.1f} ms, p95 {1000 * percentile(cpu, 95):.1f} ms"
        )
    problems = [f"{engine} : index en {build:.1f} s"] if build > SECONDS_BUILD else []
    p95 = percentile([wall for wall, _ in seconds["résultats"]], 95)
    if engine == "whoosh" and p95 > SECONDS_P95:
        problems.append(f"{engine} : p95 de {1000 * p95:.1f} ms")
    return problems


def spelling(one: TestSet) -> str:
    """How often the right word, or another of its forms, is proposed for a random slip in it after its first letter."""
    chance = random.Random(1)
    folded = Counter(token.word for _, title, body in one.docs for token in tokens(clean(f"{title} {body}")))
    words = sorted(word for word, count in folded.items() if count > 2 and word.isalpha() and 5 <= len(word) <= 20)
    pool = Pool(None, corpus(), engine_for(NAME))
    places, seconds = [], []
    for word in chance.sample(words, min(len(words), TYPOS)):
        typed = slip(word, chance)
        if typed in folded:
            continue
        started = time.perf_counter()
        proposed = [token.term for token in proposals(pool, typed)]
        seconds.append(time.perf_counter() - started)
        meant = terms(word)[0]
        places.append(proposed.index(meant) if meant in proposed else len(proposed) + 9)
    first, three = (100 * statistics.mean(place < most for place in places) for most in (1, 3))
    return (
        f"orthographe, {len(places)} fautes : première {first:.1f} %, parmi trois {three:.1f} %, "
        f"p50 {1000 * statistics.median(seconds):.1f} ms"
    )


def slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word))
    letter = chance.choice("abcdefghijklmnopqrstuvwxyz")
    swapped = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :] if at > 1 else word[:at] + word[at + 1 :]
    return chance.choice(
        [word[:at] + word[at + 1 :], word[:at] + letter + word[at:], swapped, word[:at] + letter + word[at + 1 :]]
    )


def timed(texts: Sequence[str], search: Callable[[str], object]) -> list[tuple[float, float]]:
    """Seconds of each search, and those that this process worked: what other programs take is in the first alone."""
    seconds = []
    for text in texts:
        started, worked = time.perf_counter(), time.process_time()
        search(text)
        seconds.append((time.perf_counter() - started, time.process_time() - worked))
    return seconds[WARM_UP:]


def enlarged(docs: Sequence[tuple[str, str, str]], count: int) -> list[tuple[str, str, str]]:
    """As many documents as wanted: copies lose a fifth of their words, so that no two are alike."""
    chance = random.Random(1)
    found = list(docs[:count])
    while len(found) < count:
        key, title, body = docs[len(found) % len(docs)]
        kept = " ".join(word for word in body.split() if chance.random() > 0.2)
        found.append((key, title, kept))
    return found


# --- the others


def fts5(one: TestSet, *, raw: bool) -> Measure:
    """SQLite's FTS5 with an OR of the words: as they are, or after our analysis."""
    split: Callable[[str], list[str]] = (lambda text: re.findall(r"\w+", text.lower())) if raw else terms
    base = sqlite3.connect(":memory:")
    tokenizer = "unicode61 remove_diacritics 0" if raw else "unicode61 tokenchars '§=#'"
    base.execute(f'CREATE VIRTUAL TABLE page USING fts5(title, body, tokenize = "{tokenizer}")')
    rows = ((n, " ".join(split(title)), " ".join(split(body))) for n, (_, title, body) in enumerate(one.docs))
    base.executemany("INSERT INTO page (rowid, title, body) VALUES (?, ?, ?)", rows)

    def search(text: str) -> list[str]:
        words = [word.replace('"', "") for word in dict.fromkeys(split(text))]
        if not words:
            return []
        asked = " OR ".join(f'"{word}"' for word in words)
        found = base.execute("SELECT rowid FROM page WHERE page MATCH ? ORDER BY rank LIMIT 100", [asked])
        return [one.docs[row[0]][0] for row in found]

    return measure("SQLite FTS5, OU" + ("" if raw else ", notre analyse"), one, search)


def websearch(one: TestSet) -> Measure:
    """PostgreSQL's own French, as most applications use it."""
    statement = sa.text("""
        WITH asked AS (SELECT websearch_to_tsquery('french', :text) AS query)
        SELECT id FROM benchmark_page, asked WHERE vector @@ query ORDER BY ts_rank_cd(vector, query) DESC, id LIMIT 100
    """)
    fill(one.docs)
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE benchmark_page ADD COLUMN vector tsvector")
        connection.exec_driver_sql(
            "UPDATE benchmark_page SET vector = "
            "setweight(to_tsvector('french', title), 'A') || to_tsvector('french', body)"
        )
        connection.exec_driver_sql("CREATE INDEX benchmark_vector ON benchmark_page USING gin (vector)")

    def search(text: str) -> list[str]:
        return [one.docs[row[0] - 1][0] for row in db.session.execute(statement, {"text": text})]

    found = measure("PostgreSQL websearch_to_tsquery", one, search)
    db.session.rollback()
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE benchmark_page DROP COLUMN vector")
    return found


# --- the report


def report(one: TestSet, measured: Sequence[Measure]) -> list[str]:
    names = list(measured[-1].values)
    print(f"\n### {one.name} ({len(one.docs)} documents, {len(one.queries)} demandes)\n")
    print("| moteur | " + " | ".join(names) + " |\n|---" + "|--:" * len(names) + "|")
    for row in measured:
        print(f"| {row.name} | " + " | ".join(f"{row.values[name]:.1f}" for name in names) + " |")
    problems = []
    bars = next((bars for name, bars in BARS.items() if one.name.startswith(name)), {})
    own = [row for row in measured if row.name.startswith("appui")]
    for row in own:
        missed = [f"{name} {row.values[name]:.1f} < {bar}" for name, bar in bars.items() if row.values[name] < bar]
        problems += [f"{one.name}, {row.name} : {one_missed}" for one_missed in missed]
    if len(own) == 2:
        same = 100 * statistics.mean(own[0].top[query] == own[1].top[query] for query in own[0].top)
        print(f"\nMêmes dix premiers avec les deux moteurs : {same:.1f} % des demandes.")
        if same < AGREEMENT:
            problems.append(f"{one.name} : accord de {same:.1f} %")
    return problems


if __name__ == "__main__":
    sys.exit(main())
