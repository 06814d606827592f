"""The list of structures: who sees which, by what they are found, at what cost."""

import pytest

from helpdesk import clock
from helpdesk.accounts import perms, queries
from helpdesk.accounts.enums import MembershipState, OrganisationKind
from helpdesk.accounts.queries import MemberFilters, members_page
from helpdesk.accounts.text import fold
from helpdesk.errors import NotFound
from tests.factories.accounts import OrganisationFactory, PersonFactory
from tests.support.queries import count_queries

GRACE = (12, 31)


@pytest.fixture
def structures(app):
    return {
        "rennes": OrganisationFactory(name="L’Étape Solidaire", city="Rennes", with_typologies=("AI", "ACI")),
        "brest": OrganisationFactory(
            name="Chantiers du Ponant", city="Saint-Renan", with_typologies=("ACI",), late=True
        ),
        "ptce": OrganisationFactory(name="100 % local_ouest", city="Quimper", ptce=True),
        "rouen": OrganisationFactory(name="Étape Normande", city="Rouen", departement="76", delegation="normandie"),
        "national": OrganisationFactory(name="Insertion Alsace", national=True),
    }


def found(person, structures, **filters) -> set[str]:
    page = members_page(person, MemberFilters(**filters), grace=(3, 31))
    names = {organisation.id: key for key, organisation in structures.items()}
    keys = {names[row.id] for row in page.rows}
    assert page.total == len(keys)
    return keys


def test_a_delegate_sees_their_delegations_and_the_pole_everything(structures):
    assert found(PersonFactory(delegate=True), structures) == {"rennes", "brest", "ptce"}
    both = PersonFactory(delegate=True, delegations=("bretagne", "normandie"))
    assert found(both, structures) == {"rennes", "brest", "ptce", "rouen"}
    assert found(PersonFactory(jurist=True), structures) == set(structures)
    assert found(PersonFactory(admin=True), structures) == set()
    assert found(PersonFactory(member=True, organisation=structures["rennes"]), structures) == set()


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("etape", {"rennes", "rouen"}),
        ("  ÉTAPE   solid ", {"rennes"}),
        ("l'étape", {"rennes"}),
        ("saint renan", {"brest"}),
        ("SAINT-RENAN", {"brest"}),
        ("etape rouen", {"rouen"}),
        ("100 %", {"ptce"}),
        ("%", {"rennes", "brest", "ptce", "rouen", "national"}),
        ("local_ouest", {"ptce"}),
        ("nulle part", set()),
        ("'; DROP TABLE organisation --", set()),
    ],
)
def test_words_are_found_in_name_and_city_whatever_the_accents(structures, words, keys):
    assert found(PersonFactory(jurist=True), structures, words=words) == keys


def test_filters_narrow_together(structures):
    jurist = PersonFactory(jurist=True)
    assert found(jurist, structures, typology="AI") == {"rennes"}
    assert found(jurist, structures, typology="ACI", membership=MembershipState.LATE) == {"brest"}
    assert found(jurist, structures, membership=MembershipState.NOT_CONCERNED) == {"ptce"}
    assert found(jurist, structures, delegation="normandie") == {"rouen"}
    assert found(jurist, structures, delegation=queries.NATIONAL_QUEUE) == {"national"}
    assert found(PersonFactory(delegate=True), structures, delegation="normandie") == set()


def test_one_structure_is_found_or_not_as_the_rule_says(structures):
    people = [
        PersonFactory(delegate=True),
        PersonFactory(delegate=True, delegation="normandie"),
        PersonFactory(jurist=True),
        PersonFactory(admin=True),
        PersonFactory(member=True, organisation=structures["rennes"]),
    ]
    for person in people:
        for organisation in structures.values():
            if perms.can_view_organisation(person, organisation):
                assert queries.get_visible_organisation(person, organisation.id) is organisation
            else:
                with pytest.raises(NotFound):
                    queries.get_visible_organisation(person, organisation.id)


def test_pages_hold_twenty_five_rows_in_order_and_their_count(app):
    for number in range(60):
        OrganisationFactory(name=f"Structure {number:03}")
    jurist = PersonFactory(jurist=True)
    pages = [members_page(jurist, MemberFilters(), number) for number in (1, 2, 3, 4)]
    assert [len(page.rows) for page in pages] == [25, 25, 10, 0]
    assert [(page.prev_num, page.next_num) for page in pages] == [(None, 2), (1, 3), (2, None), (3, None)]
    names = [row.name for page in pages for row in page.rows]
    assert names == sorted(names)
    assert {page.total for page in pages} == {60}


@pytest.mark.parametrize("number", [-1, 0, 10**9])
def test_a_page_that_makes_no_sense_is_bounded(app, number):
    members_page(PersonFactory(jurist=True), MemberFilters(), number)


def test_the_list_costs_three_queries_whatever_its_length(app):
    jurist = PersonFactory(jurist=True)
    for _ in range(30):
        OrganisationFactory(with_typologies=("AI", "ACI"), group=OrganisationFactory(ges=True))
    with count_queries() as asked:
        members_page(jurist, MemberFilters(words="structure", typology="ACI"))
    assert len(asked) <= 3, asked


def test_contacts_are_those_in_force_of_open_accounts(app):
    organisation = OrganisationFactory()
    kept = PersonFactory(member=True, organisation=organisation, last_name="Zoé")
    first = PersonFactory(member=True, organisation=organisation, last_name="Élan")
    PersonFactory(member=True, organisation=organisation, is_active=False)
    past = PersonFactory(member=True, organisation=organisation)
    past.mandates[0].ends_on = clock.today().replace(year=2021)
    assert [mandate.person for mandate in queries.contacts_of(organisation)] == [first, kept]


def test_people_are_found_by_name_or_email(app):
    anna = PersonFactory(jurist=True, first_name="Maïwenn", last_name="Le Bihan", email="mlb@pole.example")
    paul = PersonFactory(member=True, first_name="Paul", last_name="Guérin", email="direction@etape.example")

    def ids(words, role=None):
        return {row.id for row in queries.people_page(words, role).rows}

    assert ids("") == {anna.id, paul.id}
    assert ids("guerin") == {paul.id}
    assert ids("LE BIHAN maiwenn") == {anna.id}
    assert ids("mlb@pole") == {anna.id}
    assert ids("etape") == {paul.id}
    assert ids("_") == {anna.id, paul.id}
    assert ids("", anna.roles[0].role) == {anna.id}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("L’Étape-Nœud", "l etape noeud"),
        ("  Œuvre &  C° ", "oeuvre c"),
        ("ÇA VA ?", "ca va"),
        ("ﬁn", "fin"),
        ("", ""),
    ],
)
def test_folding(text, folded):
    assert fold(text) == folded


def test_the_kind_of_a_row_is_kept(structures):
    rows = members_page(PersonFactory(jurist=True), MemberFilters(words="local")).rows
    assert [row.kind for row in rows] == [OrganisationKind.PTCE]
