"""What both engines do: the same tests, whoosh on SQLite and the tables on PostgreSQL."""

import random
import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from helpdesk.db import db
from helpdesk.search import analysis
from helpdesk.search.corpora import Document, entry_of
from helpdesk.search.engines import (
    Change,
    Engine,
    IndexState,
    IndexUnavailable,
    Lookup,
    engine_for,
    postgresql,
    whoosh_folder,
)
from helpdesk.search.engines.whoosh_folder import WhooshEngine
from helpdesk.search.query import of_terms
from helpdesk.search.ranking import Entry, Stats, rank
from helpdesk.settings import Settings

ON = date(2026, 11, 1)


def page(number: int, title: str, body: str = "", *, stamp: int = 1) -> Entry:
    return entry_of(Document(number, stamp, title, body, ON, {"topic": ("social/contrats",), "kind": ("faq", "note")}))


def batches(*pages: Entry) -> Iterable[Sequence[Entry]]:
    yield list(pages)


def term(word: str) -> str:
    return analysis.terms(word)[0]


def found(engine: Engine, *terms: str, **lookup: Any) -> list[int]:
    db.session.rollback()
    entries = engine.candidates(Lookup(dict.fromkeys(terms, 1.0), lookup.pop("limit", 50), **lookup))
    return [entry.id for entry in entries]


def put(engine: Engine, *pages: Entry, gone: Sequence[int] = (), is_erasure: bool = False) -> None:
    engine.update(lambda: Change(pages, gone), is_erasure=is_erasure)


@pytest.fixture
def engine(app: Flask) -> Engine:
    app.extensions.pop("search_engines", None)
    return engine_for("pages")


@pytest.fixture
def built(engine: Engine) -> Engine:
    engine.rebuild(
        batches(
            page(1, "Congés payés", "Le salarié en arrêt maladie acquiert des congés."),
            page(2, "Préavis", "Le préavis de démission est prévu par la convention."),
            page(3, "Maladie", "L’arrêt de travail suspend le contrat."),
        )
    )
    return engine


def test_there_is_no_index_until_it_is_made(engine: Engine) -> None:
    assert engine.state() is IndexState.MISSING
    with pytest.raises(IndexUnavailable):
        engine.candidates(Lookup({"cong": 1.0}, 5))
    with pytest.raises(IndexUnavailable):
        engine.stats(["cong"])
    with pytest.raises(IndexUnavailable):
        put(engine, page(1, "Congés"))


def test_an_empty_index_answers_nothing(engine: Engine) -> None:
    assert engine.rebuild(batches()) == 0
    assert engine.state() is IndexState.READY
    assert found(engine, "cong") == []
    assert engine.stats(["cong"]) == Stats(0, 0.0, 0.0, {"cong": 0})
    put(engine, page(1, "Congés"))
    assert found(engine, "cong") == [1]


def test_entries_come_back_as_they_were_put(built: Engine) -> None:
    entries = built.candidates(Lookup({"cong": 1.0}, 5))
    assert entries == [page(1, "Congés payés", "Le salarié en arrêt maladie acquiert des congés.")]


def test_one_of_the_terms_is_enough_and_the_best_comes_first(built: Engine) -> None:
    assert found(built, "malad", "cong") == [1, 3]
    assert found(built, "malad", "cong", limit=1) == [1]
    assert found(built, "rien") == []


def test_candidates_are_narrowed(built: Engine) -> None:
    assert found(built, "malad", within={3, 2}) == [3]
    assert found(built, "malad", within=set()) == []
    assert found(built, "malad", required=frozenset({"malad", term("salarié")})) == [1]
    assert found(built, "malad", "preav", forbidden=frozenset({"cong"})) == [2, 3]


def test_stats_count_the_entries_that_hold_a_term(built: Engine) -> None:
    stats = built.stats(["malad", "cong", "rien"])
    assert stats.entry_count == 3
    assert stats.frequencies == {"malad": 2, "cong": 1, "rien": 0}
    assert stats.title_mean == pytest.approx(4 / 3)
    assert built.frequencies(["malad"])["malad"] in {1, 2}


def test_terms_are_listed_by_their_beginning(built: Engine) -> None:
    assert sorted(built.terms_like("con")) == ["cong", "contrat", "convent"]
    assert built.terms_like("zz") == []


def test_a_replaced_entry_is_not_found_by_its_old_words(built: Engine) -> None:
    put(built, page(2, "Essai", "La période d’essai.", stamp=2))
    assert found(built, "preav") == []
    assert found(built, term("essai")) == [2]
    assert built.stamps() == {1: 1, 2: 2, 3: 1}
    assert built.stats(["preav"]).frequencies == {"preav": 0}
    assert built.stats([]).entry_count == 3


def test_an_entry_that_has_gone_is_not_found(built: Engine) -> None:
    put(built, gone=[2, 77])
    assert found(built, "preav", "malad") == [3, 1]
    assert built.stamps() == {1: 1, 3: 1}


def test_the_same_change_may_be_made_twice(built: Engine) -> None:
    for _ in range(2):
        put(built, page(4, "Congés", stamp=3), gone=[1])
    assert found(built, "cong") == [4]
    assert built.stats([]).entry_count == 3


def test_a_change_that_fails_changes_nothing_and_lets_go_of_the_lock(built: Engine) -> None:
    def fail() -> Change:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        built.update(fail)
    assert found(built, "preav") == [2]
    put(built, page(5, "Préavis"))
    assert set(found(built, "preav")) == {2, 5}


def test_a_rebuild_that_fails_leaves_the_former_index(built: Engine) -> None:
    def fail() -> Iterable[Sequence[Entry]]:
        yield [page(9, "Neuf")]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        built.rebuild(fail())
    assert found(built, "preav") == [2]
    assert found(built, "neuf") == []
    assert built.rebuild(batches(page(9, "Neuf"))) == 1
    assert found(built, "neuf", "preav") == [9]


def test_another_version_of_the_analysis_is_made_anew(
    built: Engine, monkeypatch: pytest.MonkeyPatch, backend: str, app: Flask
) -> None:
    monkeypatch.setattr(analysis, "VERSION", 99)
    monkeypatch.setattr(whoosh_folder, "VERSION", "99.1")
    app.extensions.pop("search_engines", None)
    engine = engine_for("pages")
    assert engine.state() is IndexState.OUTDATED
    with pytest.raises(IndexUnavailable):
        engine.candidates(Lookup({"cong": 1.0}, 5))
    engine.rebuild(batches(page(1, "Congés")))
    assert engine.state() is IndexState.READY


def test_a_corpus_does_not_see_another(built: Engine) -> None:
    other = engine_for("others")
    other.rebuild(batches(page(1, "Congés d’ailleurs")))
    put(other, gone=[1])
    assert found(built, "cong") == [1]


def test_strange_terms_harm_nothing(built: Engine) -> None:
    put(built, page(7, "L. 5132-15-1, l’AI % _ \\ '; DROP TABLE", "ß 数 é" * 3))
    assert found(built, "l5132§15§1") == [7]
    assert found(built, "=ai") == [7]
    assert found(built, "%", "_", "'", "\\", "*", "") == []


def test_many_small_changes_stay_one_index(built: Engine) -> None:
    chance = random.Random(3)  # noqa: S311 (changes that can be repeated)
    words = ["préavis", "congés", "maladie", "contrat", "essai"]
    kept: dict[int, str] = {}
    built.rebuild(batches())
    for stamp in range(60):
        number = chance.randrange(1, 15)
        if chance.random() < 0.2:
            kept.pop(number, None)
            put(built, gone=[number])
        else:
            kept[number] = chance.choice(words)
            put(built, page(number, kept[number], stamp=stamp))
    for word in words:
        assert set(found(built, term(word))) == {number for number, each in kept.items() if each == word}, word


def test_the_best_candidates_are_those_of_the_ranking(built: Engine) -> None:
    chance = random.Random(5)  # noqa: S311 (pages that can be repeated)
    words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"]
    pages = [
        page(n, " ".join(chance.choices(words, k=chance.randrange(0, 4))), " ".join(chance.choices(words, k=30)))
        for n in range(1, 80)
    ]
    built.rebuild(batches(*pages[:40]))
    put(built, *pages[40:])
    query = of_terms({"alpha": 1.0, "zet": 1.0, "thet": 0.4})
    stats = built.stats(query.weights)
    expected = [one.entry.id for one in rank(query, pages, stats)]
    assert found(built, *query.weights, limit=200) != []
    entries = built.candidates(Lookup(query.weights, 10))
    assert [entry.id for entry in entries] == expected[:10]


# --- files


@pytest.fixture
def folder(app: Flask) -> Path:
    return Path(app.config["SETTINGS"].data_dir) / "search"


def bytes_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.sqlite_only
def test_erased_text_is_gone_from_the_files(built: Engine, folder: Path) -> None:
    put(built, page(4, "Dossier", "Zorglubine habite ici."), page(5, "Autre", "Zébulonette aussi."))
    assert b"zorglubin" in bytes_in(folder)
    put(built, gone=[4])
    assert b"zorglubin" not in bytes_in(folder)
    put(built, page(5, "Autre", "Quelqu’un aussi.", stamp=2), is_erasure=True)
    assert b"zebulonet" not in bytes_in(folder)


@pytest.mark.sqlite_only
def test_replaced_text_goes_with_the_next_compaction(built: Engine, folder: Path) -> None:
    put(built, page(4, "Dossier", "Zorglubine habite ici."))
    put(built, page(4, "Dossier", "Quelqu’un habite ici.", stamp=2))
    built.compact()
    assert b"zorglubin" not in bytes_in(folder)
    assert found(built, "habit") == [4]


@pytest.mark.sqlite_only
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # whoosh, when what it opens is no index
@pytest.mark.parametrize("what", ["every file", "the postings", "the table of contents", "a file is gone"])
def test_a_damaged_index_is_noticed_and_can_be_made_anew(built: Engine, folder: Path, app: Flask, what: str) -> None:
    files = [path for path in (folder / "pages").resolve().iterdir() if path.suffix in {".seg", ".toc"}]
    for path in files:
        if what == "every file" or path.suffix == {"the postings": ".seg", "the table of contents": ".toc"}.get(what):
            path.write_bytes(b"\0" * path.stat().st_size)
    if what == "a file is gone":
        next(path for path in files if path.suffix == ".seg").unlink()
    app.extensions.pop("search_engines", None)
    engine = engine_for("pages")
    with pytest.raises(IndexUnavailable):
        engine.candidates(Lookup({"cong": 1.0}, 5))
    assert engine.state() is IndexState.DAMAGED
    engine.rebuild(batches(page(1, "Congés")))
    assert engine.state() is IndexState.READY
    assert found(engine, "cong") == [1]


@pytest.mark.sqlite_only
def test_what_a_killed_rebuild_has_left_is_swept(built: Engine, folder: Path) -> None:
    (folder / "pages.dead").mkdir()
    (folder / "pages.dead" / "half").write_text("zorglub")
    built.rebuild(batches(page(1, "Congés")))
    assert [path.name for path in folder.iterdir() if path.is_dir() and not path.is_symlink()] == [
        (folder / "pages").readlink().name
    ]


@pytest.mark.sqlite_only
def test_the_folder_is_the_services_own(built: Engine, folder: Path) -> None:
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.sqlite_only
def test_a_reader_goes_on_while_the_index_is_rebuilt(built: Engine, folder: Path) -> None:
    stop = threading.Event()
    failures: list[BaseException] = []

    def read() -> None:
        engine = WhooshEngine(folder, "pages")
        while not stop.is_set():
            try:
                assert engine.candidates(Lookup({"cong": 1.0}, 5))
            except BaseException as error:  # noqa: BLE001 (shown by the test)
                failures.append(error)
                return

    reader = threading.Thread(target=read)
    reader.start()
    writer = WhooshEngine(folder, "pages")
    for stamp in range(15):
        writer.rebuild(batches(page(1, "Congés", stamp=stamp)))
        writer.update(lambda stamp=stamp: Change([page(2, "Congés", stamp=stamp)]))
    stop.set()
    reader.join()
    assert failures == []


@pytest.mark.sqlite_only
def test_a_writer_that_waits_too_long_says_so(built: Engine, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from helpdesk.search.engines import IndexBusy

    monkeypatch.setattr(whoosh_folder, "LOCK_SECONDS", 0.1)
    other = WhooshEngine(folder, "pages")

    def meanwhile() -> Change:
        with pytest.raises(IndexBusy):
            other.rebuild(batches())
        return Change()

    built.update(meanwhile)


@pytest.mark.sqlite_only
def test_a_query_that_takes_too_long_is_cut_short(built: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whoosh_folder, "QUERY_SECONDS", -1.0)
    assert found(built, "cong") == []


# --- tables


@pytest.mark.postgresql_only
def test_a_query_that_takes_too_long_ends_and_the_page_goes_on(built: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgresql, "QUERY_TIMEOUT", "20ms")
    slow = "SELECT 1 AS entry_id FROM pg_sleep(2) WHERE :corpus <> '' {conditions}"
    monkeypatch.setattr(postgresql, "_CANDIDATES", slow)
    with pytest.raises(IndexUnavailable):
        built.candidates(Lookup({"cong": 1.0}, 5))
    assert db.session.scalar(db.text("SHOW statement_timeout")) == "0"


def test_a_whoosh_index_serves_a_postgresql_database_too(make_app: Callable[..., Flask]) -> None:
    app = make_app(search_engine="whoosh")
    with app.app_context():
        engine = engine_for("pages")
        assert isinstance(engine, WhooshEngine)
        engine.rebuild(batches(page(1, "Congés")))
        assert found(engine, "cong") == [1]


def test_the_tables_need_postgresql(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="SEARCH_ENGINE"):
        Settings(data_dir=tmp_path, secret_key="x", search_engine="postgresql").completed()
