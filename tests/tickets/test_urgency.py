"""What the words of a question propose, and the traps they must not fall into."""

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.reference import get_reference
from helpdesk.tickets.urgency import propose

TODAY = date(2026, 11, 24)


def level(text: str, deadline_on: date | None = None, today: date = TODAY) -> int:
    return propose(text, deadline_on=deadline_on, today=today).level


@pytest.mark.parametrize(
    "text",
    [
        "Un salarié a eu un accident mortel ce matin",
        "Accident très grave sur le chantier, le SAMU est là",
        "Une salariée est décédée dans l’atelier",
        "Notre encadrante a été agressée par un salarié",
        "Il a reçu un coup de couteau",
        "main aux fesses par l’encadrant",
        "Viol dans les vestiaires",
        "VIOL DANS LES VESTIAIRES",
        "Des attouchements nous ont été signalés",
        "il parle de suicide",
        "Les salariés exercent leur droit de retrait",
        "Notre directeur est en garde à vue",
        "L’huissier est sur place pour saisir le matériel",
        "l’inspection du travail est présente dans nos locaux",
        "Il m’a menacé de mort",
        "Un salarié a menacé sa collègue",
    ],
)
def test_danger_to_a_person_or_an_authority_on_site_is_critical(text: str) -> None:
    assert level(text) == 3


@pytest.mark.parametrize(
    "text",
    [
        "AT hier à 16 h",
        "Notre salariée est en AT",
        "accident du travail",
        "Le salarié s’est blessé à la main",
        "Suspicion de harcèlement",
        "propos racistes envers un collègue",
        "propos xénophobes",
        "mise à pied conservatoire",
        "Son titre de séjour expire le 12",
        "récépissé expiré",
        "courrier de l’Urssaf avec un délai",
        "lettre d’observations",
        "l’inspection du travail nous écrit",
        "proposition de rectification reçue",
        "cessation des paiements",
        "liquidation demain au tribunal, salaires impayés",
        "nous sommes assignés devant le tribunal",
        "rejet de notre offre",
        "avis d’inaptitude",
    ],
)
def test_a_fact_that_cannot_wait_is_urgent(text: str) -> None:
    assert level(text) == 2


@pytest.mark.parametrize(
    "text",
    [
        "élections du CSE",
        "le bailleur nous donne congé",
        "conseil d’administration le 15 mars",
        "AG le 1er décembre",
        "une décision pour l’assemblée générale de mardi",
        "Fin de PASS dans 45 jours",
        "Le PASS IAE arrive à échéance le 12/01",
    ],
)
def test_a_date_to_keep_in_mind_is_watched(text: str) -> None:
    assert level(text) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \x00 \ufffd",
        "Comment calculer les congés payés d’un temps partiel ?",
        "cotisations Urssaf : quel taux appliquer ?",
        "notre CA a baissé",
        "Nous avons donné un coup de main, puis un coup de fil",
        "boni de liquidation",
    ],
)
def test_an_ordinary_question_proposes_nothing(text: str) -> None:
    assert propose(text, deadline_on=None, today=TODAY) == propose("", deadline_on=None, today=TODAY)
    assert level(text) == 0


# --- the traps of the field ---


@pytest.mark.parametrize("text", ["C’est urgent, très urgent", "URGENT", "réponse urgente s’il vous plaît"])
def test_the_word_urgent_alone_means_nothing(text: str) -> None:
    assert level(text) == 0


def test_a_vehicle_accident_without_injury_is_no_emergency() -> None:
    assert level("accident de véhicule sans blessé") == 0
    assert level("Accident avec la camionnette, aucun blessé, dégâts importants") == 0
    assert level("accident de voiture : qui paie la franchise ?") == 1
    assert level("accident de voiture, un salarié est blessé") == 2
    assert level("accident de camion : dégâts matériels, mais un salarié est à l’hôpital") == 2


def test_a_verbal_aggression_by_a_client_is_no_critical_case() -> None:
    assert level("agression verbale d’un client") == 1
    assert level("une salariée agressée verbalement") == 1
    assert level("agression verbale puis physique : il l’a frappée, agression hier") == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Il y a 2 ans, un salarié a été agressé", 1),
        ("Il y a plus de deux ans, un salarié a été agressé", 1),
        ("Un salarié a été agressé l’an dernier", 1),
        ("Un harcèlement a été dénoncé en 2021", 1),
        ("Un harcèlement a été dénoncé en mars 2024", 1),
        ("Il y a six mois, un accident du travail", 1),
        ("Il y a deux mois, un harcèlement a été signalé", 2),
        ("Il y a 3 jours, un salarié a été agressé", 3),
        ("Harcèlement depuis 2 ans", 2),
        ("Il a été agressé hier, comme il y a deux ans", 3),
        ("Un accident du travail en 2026", 2),
        ("Il y a 2 ans nous avons ouvert l’atelier. Un salarié a été agressé", 3),
    ],
)
def test_a_fact_of_the_past_is_only_watched(text: str, expected: int) -> None:
    assert level(text) == expected


def test_in_january_last_year_is_still_recent() -> None:
    assert level("un accident du travail en 2025", today=date(2026, 1, 5)) == 2
    assert level("un accident du travail en 2025", today=date(2026, 6, 5)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "Il n’y a pas eu d’accident",
        "sans harcèlement ni agression",
        "Aucun fait de harcèlement",
        "elle n’a jamais été victime de menaces",
        "Il n’a pas été agressé",
    ],
)
def test_a_negation_is_heard(text: str) -> None:
    assert level(text) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ce n’est pas la première agression", 3),
        ("Je ne sais pas. Agression ce matin", 3),
        ("Nous ne savons pas comment déclarer l’accident du travail", 2),
        ("L’accident n’est pas grave", 2),
        ("Sans réponse de votre part, harcèlement en cours", 2),
    ],
)
def test_a_negation_elsewhere_hides_nothing(text: str, expected: int) -> None:
    assert level(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("harcelment moral", 2),
        ("HARCELEMENT", 2),
        ("arcelement", 2),
        ("harcèlemnet", 2),
        ("contrôle urssf reçu", 2),
        ("contrôle de l’ursaf", 2),
        ("aggression d’un salarie", 3),
        ("un acident du travail", 2),
        ("accidant du travail", 2),
        ("harce\u0300lement", 2),
        ("pays occidental, occident", 0),
        ("incident technique", 0),
    ],
)
def test_a_typing_mistake_is_understood(text: str, expected: int) -> None:
    assert level(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("look at this, at home", 0),
        ("Un salarié en AT", 2),
        ("L’AT de lundi", 2),
        ("demande d’AT à la préfecture pour un salarié étranger", 0),
        ("taux AT/MP de notre structure", 1),
    ],
)
def test_at_is_an_accident_only_in_capitals_and_not_a_work_permit(text: str, expected: int) -> None:
    assert level(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Violation du secret professionnel",
        "une obligation violée par le client",
        "Il viole le règlement intérieur",
        "le violon, la violette",
        "une faute de frappe dans le contrat",
        "progression et régression",
        "accidentel",
        "fiscalité",
    ],
)
def test_a_trigger_inside_another_word_is_not_heard(text: str) -> None:
    assert level(text) == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("le client menace de résilier", 1),
        ("des emplois sont menacés", 1),
        ("Il menace d’aller aux prud’hommes", 1),
        ("menace de grève", 1),
        ("Il menace de résilier et menace de mort l’encadrant", 3),
    ],
)
def test_a_threat_that_aims_at_no_person_is_only_watched(text: str, expected: int) -> None:
    assert level(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Comment nommer un référent harcèlement ?",
        "Que faire en cas d’accident du travail ?",
        "prévention du harcèlement",
    ],
)
def test_a_question_of_prevention_is_only_watched(text: str) -> None:
    assert level(text) == 1


# --- deadlines and reasons ---


@pytest.mark.parametrize(
    ("days", "expected", "reason"),
    [
        (-1, 2, "Échéance dépassée depuis le 23/11/2026"),
        (0, 2, "Échéance aujourd’hui"),
        (1, 2, "Échéance demain"),
        (7, 2, "Échéance dans 7 jours"),
        (8, 0, None),
    ],
)
def test_a_deadline_within_a_week_is_urgent(days: int, expected: int, reason: str | None) -> None:
    proposal = propose("Question simple", deadline_on=TODAY + timedelta(days=days), today=TODAY)
    assert proposal.level == expected
    assert proposal.reasons == ((reason,) if reason else ())


def test_the_end_of_a_pass_is_watched_within_60_days() -> None:
    assert level("fin de PASS", TODAY + timedelta(days=60)) == 1
    assert level("fin de PASS", TODAY + timedelta(days=61)) == 0
    assert level("fin de PASS") == 0


def test_reasons_are_french_and_strongest_first() -> None:
    proposal = propose("Élections du CSE. Agression hier.", deadline_on=TODAY, today=TODAY)
    assert proposal.level == 3
    assert proposal.reasons == (
        "Agression ou coups («\u202fAgression\u202f»)",
        "Échéance aujourd’hui",
        "CSE ou élections professionnelles («\u202fÉlections du CSE\u202f»)",
    )


def test_a_reason_never_quotes_what_stands_between_its_words() -> None:
    proposal = propose("Accident de M. Dupont sur la machine : mort", deadline_on=None, today=TODAY)
    assert proposal.level == 3
    assert all("Dupont" not in reason for reason in proposal.reasons)


def test_every_trigger_of_the_reference_data_can_be_heard() -> None:
    for trigger in get_reference().urgency_triggers:
        phrase = re.sub(r"\|\w+\*?", "", trigger.phrases[0]).replace("*", "e").replace("~", "")
        assert level(f"{phrase} le 15 mars") >= min(trigger.level, 1), trigger.code


@given(st.text(max_size=400))
def test_any_text_gets_a_level_and_a_reason_for_it(text: str) -> None:
    proposal = propose(text, deadline_on=None, today=TODAY)
    assert 0 <= proposal.level <= 3
    assert bool(proposal.reasons) == (proposal.level > 0)


@given(
    st.lists(
        st.sampled_from(
            [
                "accident",
                "agression",
                "mort",
                "AT",
                "pas",
                "sans",
                "il y a 2 ans",
                "en 2021",
                ".",
                ",",
                "urssaf",
                "~",
                "menace",
            ]
        ),
        max_size=40,
    )
)
def test_words_in_any_order_are_read(words: list[str]) -> None:
    proposal = propose(" ".join(words), deadline_on=None, today=TODAY)
    assert bool(proposal.reasons) == (proposal.level > 0)


UNITS = ["a", "a ", "accident ", "pas de ", "il y a ", "!", ". ", "urssaf accident menace ", "\n", "é\u0301", "12 "]


@pytest.mark.parametrize("unit", UNITS)
def test_the_same_signs_again_and_again_are_read(unit: str) -> None:
    """No timing: a pattern that looks back again and again would never end here."""
    assert 0 <= level(unit * (150_000 // len(unit))) <= 3


def test_a_megabyte_is_read() -> None:
    assert 0 <= level("".join(unit * (1_000_000 // len(UNITS) // len(unit)) for unit in UNITS)) <= 3
