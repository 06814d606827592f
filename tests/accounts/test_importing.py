"""The federation's file: all of it, or nothing."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from helpdesk import clock
from helpdesk.accounts.enums import MandateScope, OrganisationKind
from helpdesk.accounts.importing import import_file, operations
from helpdesk.accounts.models import Mandate, Organisation, Person, UserSession
from helpdesk.audit.models import AuditEvent
from helpdesk.db import db
from tests.factories.accounts import OrganisationFactory, PersonFactory, give_mandate
from tests.support.queries import count_queries

HEADER = (
    "type;numero;nom;nature;typologies;departement;delegation;ville;telephone;siret;effectif;effectif_insertion;"
    "idcc;groupe;cotisation;adhesion;depart;prenom;courriel;fonction;acces"
)
COLUMNS = HEADER.split(";")


def line(**cells: str) -> str:
    assert set(cells) <= set(COLUMNS), cells
    return ";".join(cells.get(column, "") for column in COLUMNS)


def structure(numero="A1", **cells: str) -> str:
    return line(**{"type": "structure", "numero": numero, "nom": f"Structure {numero}", "departement": "35", **cells})


def person(courriel="claire@ges.example", numero="A1", **cells: str) -> str:
    values = {"type": "personne", "numero": numero, "nom": "Morvan", "prenom": "Claire", "courriel": courriel}
    return line(**{**values, **cells})


def file(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


def applied(*lines: str, ends_missing: bool = False):
    report = import_file(file(*lines), is_applied=True, ends_missing=ends_missing)
    db.session.expire_all()
    return report


def refused(*lines: str) -> list[tuple[int, str, str]]:
    """The problems of a file that must write nothing."""
    before = counted()
    report = applied(*lines)
    assert not report.is_applied
    assert report.problems
    assert counted() == before
    return [(problem.line, problem.column, problem.reason) for problem in report.problems]


def counted() -> tuple[int, ...]:
    tables = (Organisation, Person, Mandate, AuditEvent)
    return tuple(db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables)


def the_organisation(number="A1") -> Organisation:
    return db.session.scalars(sa.select(Organisation).where(Organisation.external_id == number)).one()


def the_person(email="claire@ges.example") -> Person:
    return db.session.scalars(sa.select(Person).where(Person.email == email)).one()


def test_a_structure_and_its_people_are_created(app):
    report = applied(
        structure(
            nom="L’Étape",
            typologies="AI + aci|SAP",
            ville="Rennes",
            telephone="02 99 00 00 00",
            siret="732 829 320 00074",
            effectif="1 200",
            effectif_insertion="30",
            idcc="16",
            cotisation="2026",
            adhesion="01/02/2010",
        ),
        person(courriel="Claire@GES.example", fonction="directrice", acces="soi", telephone="06 00 00 00 00"),
        person("paul@ges.example", prenom="Paul"),
    )
    assert report.problems == []
    organisation = the_organisation()
    assert (organisation.kind, organisation.departement, organisation.delegation) == (
        OrganisationKind.MEMBER,
        "35",
        "bretagne",
    )
    assert organisation.typologies == ("ACI", "AI", "SAP")
    assert (organisation.siret, organisation.headcount, organisation.idcc) == ("73282932000074", 1200, "0016")
    assert organisation.joined_on == date(2010, 2, 1)
    assert organisation.search_name == "l etape"
    (mandate,) = the_person().active_mandates
    assert (mandate.title, mandate.scope) == ("directrice", MandateScope.OWN)
    assert the_person("paul@ges.example").mandates[0].scope is MandateScope.STRUCTURE
    assert report.counts == {"structures_created": 1, "people_created": 2, "mandates_created": 2}


def test_without_apply_everything_is_tried_and_nothing_kept(app):
    report = import_file(file(structure(), person()))
    assert report.problems == []
    assert report.counts["people_created"] == 1
    assert counted() == (0, 0, 0, 0)


def test_the_same_file_twice_changes_nothing_the_second_time(app):
    lines = (structure(typologies="ACI", groupe="G1"), structure("G1", typologies="GES"), person(acces="structure"))
    applied(*lines)
    report = applied(*lines)
    assert report.counts == {"structures_unchanged": 2, "people_unchanged": 1, "mandates_unchanged": 1}
    assert the_organisation().group is the_organisation("G1")


def test_structures_are_updated_by_their_number_and_people_by_their_email(app):
    applied(structure(typologies="ACI", ville="Rennes"), person(fonction="directrice"))
    report = applied(
        structure(nom="Nouveau nom", typologies="AI", departement="44"), person(nom="Le Bihan", fonction="présidente")
    )
    assert report.counts == {"structures_changed": 1, "people_changed": 1, "mandates_changed": 1}
    organisation = the_organisation()
    assert (organisation.name, organisation.typologies, organisation.city) == ("Nouveau nom", ("AI",), "")
    assert organisation.delegation == "pays-de-la-loire"
    assert (the_person().last_name, the_person().mandates[0].title) == ("Le Bihan", "présidente")


def test_an_absent_column_leaves_what_is_kept(app):
    applied(structure(ville="Rennes", typologies="ACI", delegation="normandie", telephone="02 99 00 00 00"))
    short = "type,numero,nom,departement\nstructure,A1,Nouveau nom,35\n".encode("utf-8-sig")
    assert import_file(short, is_applied=True).problems == []
    db.session.expire_all()
    organisation = the_organisation()
    assert (organisation.name, organisation.city, organisation.typologies, organisation.delegation) == (
        "Nouveau nom",
        "Rennes",
        ("ACI",),
        "normandie",
    )


@pytest.mark.parametrize(
    ("departement", "delegation", "expected"),
    [
        ("67", "", None),
        ("972", "", None),
        ("35", "Normandie", "normandie"),
        ("35", "île de france", "ile-de-france"),
        ("35", "nationale", None),
        ("1", "", "auvergne-rhone-alpes"),
        ("2a", "", "paca-corse"),
        ("Ille-et-Vilaine", "", "bretagne"),
    ],
)
def test_the_delegation_follows_the_departement_unless_given(app, departement, delegation, expected):
    assert applied(structure(departement=departement, delegation=delegation)).problems == []
    assert the_organisation().delegation == expected


def test_somebody_already_there_gets_the_mandate_and_keeps_the_others(app):
    known = PersonFactory(member=True, email="claire@ges.example")
    applied(structure(), person())
    assert len(known.active_mandates) == 2


def test_people_the_file_no_longer_names_lose_their_mandate_only_when_asked(app, sign_in):
    applied(structure(), structure("A2"), person(), person("paul@ges.example"), person("rose@ges.example", "A2"))
    elsewhere = PersonFactory(member=True)
    client = sign_in(the_person("paul@ges.example"))
    db.session.execute(sa.update(Mandate).values(starts_on=clock.today() - timedelta(days=9)))
    db.session.commit()
    applied(structure(), person())
    assert the_person("paul@ges.example").active_mandates
    report = applied(structure(), person(), ends_missing=True)
    assert report.counts["mandates_ended"] == 1
    assert not the_person("paul@ges.example").active_mandates
    assert the_person().active_mandates
    assert the_person("rose@ges.example").active_mandates
    assert elsewhere.active_mandates
    assert db.session.scalars(sa.select(UserSession)).all() == []
    assert client.get("/mon-compte").status_code == 303


def test_an_ended_mandate_opens_anew_when_the_person_comes_back(app):
    applied(structure(), person())
    mandate = the_person().mandates[0]
    mandate.starts_on, mandate.ends_on = date(2020, 1, 1), date(2021, 1, 1)
    db.session.commit()
    applied(structure(), person())
    assert len(the_person().mandates) == 2
    assert len(the_person().active_mandates) == 1


# --- What is wrong is named ----------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["nom", "ville", "numero", "groupe"])
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "|", "%"])
def test_a_formula_in_a_structure_is_refused(app, column, start):
    (problem,) = refused(structure(**{column: f"{start}HYPERLINK(A1)"}))
    assert problem[:2] == (2, column)
    assert "formule" in problem[2]


@pytest.mark.parametrize("column", ["nom", "prenom", "fonction", "courriel"])
def test_a_formula_in_a_person_is_refused(app, column):
    (problem,) = refused(structure(), person(**{column: "=1+1"}))
    assert problem[:2] == (3, column)
    assert "formule" in problem[2]


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"nom": ""}, "nom", "obligatoire"),
        ({"numero": ""}, "numero", "obligatoire"),
        ({"departement": ""}, "departement", "obligatoire"),
        ({"nom": "x" * 201}, "nom", "201 caractères, 200 au plus"),
        ({"departement": "99"}, "departement", "« 99 » n’existe pas"),
        ({"departement": "Ile et Vilaine"}, "departement", "Voulez-vous dire « Ille-et-Vilaine » ?"),
        ({"typologies": "ACI + ETII"}, "typologies", "« ETII » n’existe pas. Voulez-vous dire « ETTI » ?"),
        ({"delegation": "bretanie"}, "delegation", "Voulez-vous dire « bretagne » ?"),
        ({"nature": "adhérant"}, "nature", "Voulez-vous dire « adherent » ?"),
        ({"siret": "73282932000075"}, "siret", "n’est pas un SIRET"),
        ({"siret": "7,32829E+13"}, "siret", "format texte"),
        ({"effectif": "beaucoup"}, "effectif", "nombre entier"),
        ({"effectif": "-3"}, "effectif", "nombre entier"),
        ({"cotisation": "26"}, "cotisation", "nombre entier"),
        ({"adhesion": "31/02/2020"}, "adhesion", "n’est pas une date"),
        ({"adhesion": "01/01/0001"}, "adhesion", "n’est pas une date"),
        ({"adhesion": "01/02/2020", "depart": "01/01/2020"}, "depart", "précède"),
        ({"telephone": "=02"}, "telephone", "n’est pas un numéro"),
        ({"idcc": "social"}, "idcc", "n’est pas un IDCC"),
        ({"groupe": "Z9"}, "groupe", "aucune structure n’a le numéro « Z9 »"),
        ({"groupe": "A1"}, "groupe", "n’est pas son propre groupe"),
        ({"courriel": "a@b.example"}, "courriel", "ne sert pas à ce type de ligne"),
        ({"type": "strucutre"}, "type", "écrivez « structure » ou « personne »"),
    ],
)
def test_a_wrong_structure_is_named_with_its_column_and_reason(app, cells, column, words):
    problems = refused(structure(**cells), structure("OK"))
    assert (problems[0][0], problems[0][1]) == (2, column)
    assert words in problems[0][2]
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"courriel": "claire"}, "courriel", "n’est pas une adresse"),
        ({"courriel": ""}, "courriel", "obligatoire"),
        ({"prenom": ""}, "prenom", "obligatoire"),
        ({"numero": "Z9"}, "numero", "aucune structure n’a le numéro « Z9 »"),
        ({"acces": "tout"}, "acces", "n’existe pas"),
        ({"acces": "groupe"}, "acces", "GES"),
        ({"departement": "35"}, "departement", "ne sert pas à ce type de ligne"),
    ],
)
def test_a_wrong_person_is_named_with_column_and_reason(app, cells, column, words):
    (problem,) = refused(structure(), person(**cells))
    assert problem[:2] == (3, column)
    assert words in problem[2]


def test_a_group_lets_its_director_see_all(app):
    assert applied(structure(typologies="GES"), person(acces="groupe")).problems == []
    assert the_person().mandates[0].scope is MandateScope.GROUP


def test_repeated_lines_are_named(app):
    problems = refused(structure(), structure(), person(), person("CLAIRE@ges.example"))
    assert [(number, column) for number, column, _ in problems] == [(3, "numero"), (5, "courriel")]


def test_a_siret_of_another_structure_is_refused(app):
    OrganisationFactory(name="Les Jardins", siret="73282932000074")
    (problem,) = refused(structure(siret="73282932000074"))
    assert problem == (2, "siret", "c’est déjà celui de « Les Jardins ».")


def test_every_bad_line_is_named_at_once(app):
    problems = refused(
        structure(departement="99", siret="1"), 'structure;"x', person(courriel="x"), structure("A2", nom="=1")
    )
    assert [(number, column) for number, column, _ in problems] == [
        (2, "departement"),
        (2, "siret"),
        (3, ""),
        (4, "courriel"),
        (5, "nom"),
    ]


def test_one_bad_line_at_the_end_writes_nothing(app):
    refused(*(structure(f"B{number}") for number in range(50)), structure("B50", departement="99"))


def test_the_trail_counts_and_names_nobody(app):
    applied(structure(), person())
    events = db.session.scalars(sa.select(AuditEvent)).all()
    assert [event.action for event in events] == ["mandate.started", "accounts.imported"]
    assert "claire" not in str([event.data for event in events])


def test_the_number_of_queries_does_not_follow_the_number_of_lines(app):
    def queries_for(count: int, prefix: str) -> int:
        lines = [structure(f"{prefix}{number}") for number in range(count)]
        people = [person(f"{prefix}{number}@ges.example", f"{prefix}{number}") for number in range(count)]
        with count_queries() as queries:
            assert applied(*lines, *people).problems == []
        return len([query for query in queries if query.startswith("SELECT")])

    assert queries_for(100, "C") <= queries_for(5, "D") + 2


def test_the_documentation_names_every_column(app):
    page = (Path(__file__).parents[2] / "docs" / "comptes.md").read_text()
    assert [column for column in COLUMNS if f"`{column}`" not in page] == []
    assert set(COLUMNS) == operations.COLUMNS


# --- The command ---------------------------------------------------------------------------------------------


def run(app, tmp_path, content: bytes, *options: str):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return app.test_cli_runner().invoke(args=["accounts", "import", str(path), *options])


def test_the_command_tries_first_and_applies_when_told(app, tmp_path):
    tried = run(app, tmp_path, file(structure(), person()))
    assert tried.exit_code == 0, tried.output
    assert "structures : 1 créées, 0 modifiées, 0 inchangées" in tried.output
    assert "Essai à blanc" in tried.output
    assert counted()[0] == 0
    done = run(app, tmp_path, file(structure(), person()), "--apply")
    assert done.exit_code == 0, done.output
    assert "Essai à blanc" not in done.output
    assert counted()[0] == 1


def test_the_command_fails_and_names_bad_lines(app, tmp_path):
    result = run(app, tmp_path, file(structure(departement="99"), person(numero="A9")), "--apply")
    assert result.exit_code == 1
    assert "Ligne 2, colonne « departement » : « 99 » n’existe pas." in result.output
    assert "Error: 3 problèmes" not in result.output
    assert "rien n’est enregistré" in result.output


def test_the_command_refuses_ten_megabytes_at_once(app, tmp_path):
    result = run(app, tmp_path, HEADER.encode() + b"\n" + b"x" * 10 * 1024 * 1024)
    assert result.exit_code == 1
    assert "Le fichier dépasse 5 Mo." in result.output


def test_the_command_says_when_it_guessed_the_encoding(app, tmp_path):
    result = run(app, tmp_path, file(structure(nom="L’Étape")).decode().encode("cp1252"))
    assert "Windows-1252" in result.output


def test_a_first_administrator_comes_from_the_command_line(app, sign_in):
    names = ["--first-name", "Ana", "--last-name", "Le Goff"]
    arguments = ["accounts", "add", "Ana@federation.example", *names, "--role", "admin"]
    result = app.test_cli_runner().invoke(args=arguments)
    assert result.exit_code == 0, result.output
    assert sign_in(the_person("ana@federation.example")).get("/administration/").status_code == 200
    again = app.test_cli_runner().invoke(args=arguments)
    assert again.exit_code == 1
    assert "a déjà ce rôle" in again.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--role", "delegate"], "délégation"),
        (["--role", "delegate", "--delegation", "grand-est"], "n’existe pas"),
        (["--role", "jurist", "--delegation", "bretagne"], "délégation"),
    ],
)
def test_a_role_without_sense_is_refused(app, options, words):
    names = ["--first-name", "Ana", "--last-name", "Le Goff"]
    result = app.test_cli_runner().invoke(args=["accounts", "add", "ana@federation.example", *names, *options])
    assert result.exit_code == 1
    assert words in result.output
    assert counted()[1] == 0


def test_a_mandate_in_another_structure_is_untouched_by_the_end_of_missing(app):
    someone = PersonFactory(member=True)
    applied(structure())
    give_mandate(someone, the_organisation())
    applied(structure(), ends_missing=True)
    assert len(someone.active_mandates) == 1
