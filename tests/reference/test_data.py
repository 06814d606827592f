"""What the shipped reference data must hold."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from helpdesk.reference import get_reference
from helpdesk.reference.types import Certainty, Specialty

REF = get_reference()


def test_every_departement_is_there() -> None:
    metropole = {f"{n:02}" for n in range(1, 96) if n != 20} | {"2A", "2B"}
    overseas = {"971", "972", "973", "974", "976"}
    collectivities = {"975", "977", "978", "986", "987", "988"}
    assert len(metropole | overseas) == 101
    assert set(REF.departements) == metropole | overseas | collectivities


def test_there_are_14_delegations_with_their_mail_stems() -> None:
    stems = (
        "aura bfc bretagne cvdl hdf idf normandie nouvelleaquitaine occitanie pdl paca guadeloupe guyane oceanindien"
    )
    assert [delegation.mail_stem for delegation in REF.delegations.values()] == stems.split()


NATIONAL = "08 10 51 52 54 55 57 67 68 88 972 975 986 987 988"
AMBIGUOUS = "ASP AI EI ASE DE CSP CTA CPE SAP RQ ML DO FAS SEP CA CP AT RI PLIE CAE CRA EU UT"


@pytest.mark.parametrize("code", NATIONAL.split())
def test_grand_est_martinique_and_far_collectivities_go_to_the_national_queue(code: str) -> None:
    assert REF.delegation_of(code) is None


@pytest.mark.parametrize(
    ("code", "delegation"),
    [
        ("35", "bretagne"),
        ("44", "pays-de-la-loire"),
        ("2A", "paca-corse"),
        ("971", "guadeloupe"),
        ("974", "ocean-indien"),
        ("976", "ocean-indien"),
    ],
)
def test_a_departement_leads_to_its_delegation(code: str, delegation: str) -> None:
    found = REF.delegation_of(code)
    assert found is not None
    assert found.code == delegation
    assert code in found.departements


def test_an_unknown_departement_is_an_error_and_not_the_national_queue() -> None:
    with pytest.raises(KeyError):
        REF.delegation_of("20")


def test_each_departement_is_covered_once_at_most() -> None:
    covered = [code for delegation in REF.delegations.values() for code in delegation.departements]
    assert len(covered) == len(set(covered))
    assert len(REF.departements) - len(covered) == 15


@pytest.mark.parametrize(
    ("code", "timezone", "zone"),
    [
        ("35", "Europe/Paris", "metropole"),
        ("67", "Europe/Paris", "alsace-moselle"),
        ("971", "America/Guadeloupe", "guadeloupe"),
        ("973", "America/Cayenne", "guyane"),
        ("974", "Indian/Reunion", "reunion"),
        ("976", "Indian/Mayotte", "mayotte"),
        ("978", "America/Marigot", "saint-martin"),
    ],
)
def test_time_zone_and_holiday_zone_belong_to_the_departement(code: str, timezone: str, zone: str) -> None:
    departement = REF.departements[code]
    assert departement.tz == ZoneInfo(timezone)
    assert departement.holiday_zone == zone


def test_the_local_law_is_that_of_moselle_and_alsace() -> None:
    assert {code for code, one in REF.departements.items() if one.has_droit_local} == {"57", "67", "68"}


def test_the_siae_are_the_five_kinds_of_the_law() -> None:
    assert {code for code, one in REF.typologies.items() if one.is_siae} == {
        "AI",
        "ACI",
        "EI",
        "ETTI",
        "EITI",
    }
    assert not REF.typologies["PTCE"].is_member
    assert REF.typologies["GES"].has_member_structures


def test_topics_have_a_domain_and_a_specialty() -> None:
    for topic in REF.topics.values():
        assert topic.parent in REF.topic_domains
    assert REF.specialty_of("social/duree-conges") is Specialty.SOCIAL
    assert REF.specialty_of("iae/parcours-pass") is Specialty.SOCIAL
    assert REF.specialty_of("affaires/baux") is Specialty.BUSINESS
    assert REF.specialty_of("public") is Specialty.BUSINESS


@pytest.mark.parametrize(
    "code",
    [
        "social/dialogue-social",
        "social/discipline",
        "social/rupture",
        "social/harcelement-discrimination",
        "social/controle-urssaf",
        "difficultes/redressement",
        "difficultes/prevention",
        "public/recours-marche",
    ],
)
def test_the_most_sensitive_topics_are_reserved_to_the_pole(code: str) -> None:
    assert REF.topics[code].is_reserved_to_pole


def test_public_topics_go_to_rtes_for_a_ptce() -> None:
    assert {topic.parent for topic in REF.topics.values() if topic.is_rtes_for_ptce} == {"public"}


def test_groups_hold_every_topic_once_and_can_leave_out_of_scope_ones_aside() -> None:
    codes = [topic.code for _domain, topics in REF.topic_groups() for topic in topics]
    assert codes == list(REF.topics)
    in_scope = REF.topic_groups(include_out_of_scope=False)
    assert "hors-champ" not in [domain.code for domain, _topics in in_scope]
    assert all(topic.orientation for topic in REF.topics.values() if topic.is_out_of_scope)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Comment compter les CONGÉS PAYÉS d’un salarié à temps partiel ?", "social/duree-conges"),
        ("Le titre de se\u0301jour de notre salariée arrive à échéance", "social/etrangers"),
        ("Peut-on dépasser 480 heures de mise à disposition ?", "iae/mise-a-disposition"),
        ("Le bailleur veut augmenter le loyer du local", "affaires/baux"),
        ("rescrit fiscal : sommes-nous d’intérêt général ?", "fiscal/rescrit"),
        ("Élections du CSE et protocole préélectoral", "social/dialogue-social"),
        ("La cour d’appel… notre divorce", "hors-champ/famille"),
    ],
)
def test_the_words_of_a_question_suggest_its_topic_first(text: str, code: str) -> None:
    assert REF.suggest_topics(text)[0].code == code


@pytest.mark.parametrize("text", ["", "   ", "Bonjour, merci d’avance", "pardonner", "ci", "est-ce que ça va", "\x00"])
def test_nothing_is_suggested_without_a_word_of_the_topics(text: str) -> None:
    assert REF.suggest_topics(text) == ()


def test_suggestions_are_bounded_even_for_a_very_long_text() -> None:
    assert len(REF.suggest_topics("congés bail CSE tva subvention statuts " * 25_000)) == 3
    assert len(REF.suggest_topics("congés bail CSE tva", limit=1)) == 1


def test_the_lexicon_is_corrected_marked_and_complete() -> None:
    added = (
        "EBE GES PTCE UES CSE CDDU DUERP AT/MP IJ RC CCN IDCC TAE AGS BODACC RTES CNA CRA AMI CETT SPST "
        "CPH DPAE PA NIR RGPD CPO SIEG TT EU"
    )
    assert set(added.split()) <= set(REF.lexicon)
    assert len([entry for entry in REF.lexicon.values() if not entry.is_added]) == 87
    assert "populations" in REF.lexicon["DDETS (PP)"].meanings[0]
    assert REF.lexicon["SCOP"].original == "Société Coopérative Ouvrière de Production"
    assert REF.lexicon["ASP"].is_ambiguous
    replaced = {sigle: entry.replaced_by for sigle, entry in REF.lexicon.items() if entry.replaced_by}
    assert replaced == {"ACCRE": "ACRE", "CUI-CAE": "PEC", "CUI-CIE": "PEC", "EMTPR": "PMSMP", "DGAS": "DGCS"}


@pytest.mark.parametrize("sigle", AMBIGUOUS.split())
def test_an_ambiguous_acronym_shows_all_its_meanings(sigle: str) -> None:
    assert REF.lexicon[sigle].is_ambiguous


@pytest.mark.parametrize("sigle", ["DE", "AI", "EI", "AT"])
def test_an_acronym_that_is_also_a_word_only_counts_in_capitals(sigle: str) -> None:
    assert REF.lexicon[sigle].is_capitals_only


@pytest.mark.parametrize(
    ("begun_on", "until_on", "topic", "amount"),
    [
        (date(2026, 3, 30), date(2026, 4, 2), "public/marches-reserves", "60 000"),
        (date(2026, 3, 31), date(2026, 4, 1), "public/marches-reserves", "60 000"),
        (date(2025, 12, 30), date(2026, 1, 2), "public/recours-marche", "100 000"),
        (date(2025, 12, 30), date(2026, 4, 2), None, "60 000"),
        (date(2026, 4, 1), date(2026, 4, 2), "public/marches-reserves", None),
        (date(2026, 3, 30), date(2026, 3, 31), "public/marches-reserves", None),
        (date(2026, 3, 30), date(2026, 4, 2), "social/contrats", None),
    ],
)
def test_a_change_of_the_law_concerns_what_was_begun_before_it(
    begun_on: date, until_on: date, topic: str | None, amount: str | None
) -> None:
    change = REF.law_change_between(begun_on, until_on, topic)
    assert change is None if amount is None else amount in (change or "")


def test_legal_deadlines_have_a_source_a_topic_and_a_certainty() -> None:
    for rule in REF.legal_deadlines.values():
        assert rule.source
        assert rule.topic in REF.topics
        assert rule.certainty in Certainty
    assert REF.legal_deadlines["at-declaration"].amount == 48


def test_no_shown_text_carries_a_plain_apostrophe_or_a_midpoint() -> None:
    shown = [topic.label + topic.orientation for topic in REF.topics.values()]
    shown += [rule.title + rule.text + rule.start + rule.source for rule in REF.legal_deadlines.values()]
    shown += [one.label + one.note for one in REF.typologies.values()]
    shown += [change.text for change in REF.law_changes]
    shown += [" ".join(entry.meanings) for entry in REF.lexicon.values()]
    shown += [one.label for one in (*REF.urgency_triggers, *REF.urgency_traps)]
    for text in shown:
        assert "'" not in text
        assert "·" not in text
        assert not any(f" {sign}" in text for sign in ";!?:")
