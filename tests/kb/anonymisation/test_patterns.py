"""What tells who a text is about although no record knows it, and what any legal text holds."""

import pytest

from helpdesk.kb.anonymisation import find_marks


def marked(text: str) -> list[tuple[str, str]]:
    return [(str(mark.kind), mark.text) for mark in find_marks(text, ())]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("nir", "1 85 05 78 006 084 91"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189"),
        ("siret", "732 829 320 00074"),
        ("siren", "732 829 320"),
        ("plate", "AB-123-CD"),
        ("email", "claire@exemple.fr"),
        ("phone", "06 12 34 56 78"),
        ("phone", "+262 692 12 34 56"),
        ("phone", "0590 12 34 56"),
        ("website", "https://www.exemple.fr/page?x=1"),
        ("website", "www.exemple.org"),
        ("website", "asso-exemple.bzh"),
        ("birth", "né le 12/03/1985"),
        ("birth", "née le 1er mai 1985"),
        ("birth", "née en 1962"),
        ("birth", "né à Saint-Malo le 3 mai 1980"),
        ("birth", "né(e) le 03.05.1980"),
        ("birth", "date de naissance : 12 mars 1985"),
        ("address", "12 rue des Lilas"),
        ("address", "12 bis, avenue du Général-Leclerc, 35000 Rennes"),
        ("address", "rue Victor-Hugo"),
        ("address", "35000 Rennes"),
        ("address", "97400 Saint-Denis cedex 9"),
        ("address", "BP 1234"),
        ("address", "ZA des Landes, 22300 Lannion"),
        ("person", "M. Dupont"),
        ("person", "Mme DURAND"),
        ("person", "mme durand"),
        ("person", "Me Lefort"),
        ("person", "Dr Petit"),
        ("person", "Jean Dupont"),
        ("person", "Fatima El Amrani"),
        ("person", "DUPONT Jean"),
        ("person", "J. Dupont"),
        ("person", "J.-P. Dupont"),
        ("first_name", "Karim"),
        ("first_name", "Anne-Sophie"),
        ("first_name", "Jean Baptiste"),
        ("first_name", "Ousmane"),
        ("structure", "l’association Les Amis du Vélo"),
        ("structure", "la SARL Vidal Paysages"),
        ("town", "la commune de Massat"),
        ("town", "la ville du Puy-en-Velay"),
        ("amount", "3 450 €"),
        ("amount", "3\u202f450,50 €"),
        ("amount", "1500 euros"),
        ("amount", "deux mille cinq cents euros"),
        ("amount", "12 k€"),
        ("headcount", "12 salariés"),
        ("headcount", "douze salariés"),
        ("headcount", "une douzaine de salariés"),
        ("headcount", "13,4 ETP"),
        ("headcount", "trois encadrantes"),
    ],
)
def test_what_may_tell_who_is_marked(kind: str, text: str) -> None:
    found = marked(f"Vous citez {text}, à juste titre.")
    kinds = {"first_name": ("first_name", "person")}.get(kind, (kind,))
    assert len(found) == 1, found
    assert found[0][0] in kinds
    assert found[0][1] == text


@pytest.mark.parametrize(
    "text",
    [
        "article L. 5132-15-1 du code du travail, R441-3 et D. 5132-18-1",
        "loi n° 2024-364 du 22 avril 2024, décret n° 2025-1386",
        "IDCC 3016 et 2941",
        "Cass. soc., 28 février 2018, n° 17-11.334, C. civ., art. 1240",
        "le 12 mars 2026, en 2025, de 2024 à 2026",
        "au moins 50 salariés, moins de onze salariés, à partir de 250 salariés",
        "480 heures sur 24 mois, 26 h par semaine, 35 heures",
        "50 % de l’effectif, trois mois, deux semaines, cinq jours ouvrables",
        "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000006900859",
        "travail-emploi.gouv.fr et urssaf.fr",
        "M. X et Mme Y",
        "Madame la Directrice, monsieur le préfet, madame est absente",
        "France Travail, Pôle emploi, le Défenseur des droits, le Conseil d’État",
        "Rose est une couleur. Pierre angulaire du contrat. Claire et simple, la règle.",
        "la loi Pauline, Saint-Pierre et Sainte-Marie",
        "à la Toussaint, l’ADIL vous répond",
        "A. Conditions\nB. Procédure\n",
        "un CDI, une personne, trois chantiers, deux ateliers",
        "le CSE, l’ACI, une ETTI, l’association AI",
        "la commune, la mairie, le tribunal de commerce",
        "le 3 place au débat",
        "2 cours de droit en cours de CDDI",
        "",
    ],
)
def test_what_any_legal_text_holds_is_left_alone(text: str) -> None:
    assert marked(text) == []


@pytest.mark.parametrize("text", ["véhicule 4512 ZB 64", "la voiture immatriculée 123 ABC 2A"])
def test_an_old_plate_is_marked_beside_a_vehicle(text: str) -> None:
    assert [kind for kind, _ in marked(text)] == ["plate"]


@pytest.mark.parametrize(
    ("text", "proposal"),
    [
        ("M. Dupont", "le salarié"),
        ("Mme Dupont", "la salariée"),
        ("Me Dupont", "la personne"),
        ("Dr Dupont", "le médecin"),
        ("Karim", "la personne"),
        ("l’association Les Amis du Vélo", "une entreprise"),
        ("la commune de Massat", "une commune"),
        ("3 450 €", "[montant]"),
        ("14 salariés en parcours", "plusieurs salariés en parcours"),
        ("06 12 34 56 78", "[téléphone]"),
    ],
)
def test_a_neutral_replacement_is_proposed(text: str, proposal: str) -> None:
    (mark,) = find_marks(f"Ici, {text}.", ())
    assert mark.proposal == proposal
