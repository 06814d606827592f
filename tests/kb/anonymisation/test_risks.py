"""Few structures of a kind in a region, or a rare trade, single out a structure that nobody names."""

import pytest

from helpdesk.kb.anonymisation import RiskKind, small_number_risk

COUNTS = {("EBE", "bretagne"): 1, ("ACI", "bretagne"): 12, ("ACI", "normandie"): 5, ("ACI", "guyane"): 4}


def said(typologies: list[str], text: str, region: str | None = "bretagne") -> list[tuple[RiskKind, str]]:
    return [(risk.kind, risk.text) for risk in small_number_risk(typologies, region, COUNTS, text)]


@pytest.mark.parametrize(
    ("typologies", "text", "found"),
    [
        (["EBE"], "Une structure en Bretagne.", ["EBE + Bretagne"]),
        (["EBE"], "Une structure dans le Finistère.", ["EBE + Finistère"]),
        ([], "Une EBE de bretagne.", ["EBE + bretagne"]),
        ([], "Une entreprise à but d’emploi en Bretagne.", ["EBE + Bretagne"]),
        (["ACI", "EBE"], "En Bretagne.", ["EBE + Bretagne"]),
        (["ACI"], "En Normandie.", []),
        (["ACI"], "En Guyane.", ["ACI + Guyane"]),
        (["EBE"], "Une structure, quelque part.", []),
        ([], "En Bretagne, une structure.", []),
        (["ACI"], "le nord de la zone, les landes", []),
    ],
)
def test_a_kind_and_a_region_together_are_a_risk_below_five(typologies: list[str], text: str, found: list[str]) -> None:
    assert said(typologies, text) == [(RiskKind.SMALL_NUMBER, words) for words in found]


def test_the_region_of_the_question_comes_first() -> None:
    assert [text for _, text in said(["EBE"], "En Normandie et en Bretagne.")] == ["EBE + Bretagne", "EBE + Normandie"]


@pytest.mark.parametrize("text", ["un luthier", "deux luthiers", "la charpente de marine", "un maréchal-ferrant"])
def test_a_rare_trade_is_a_risk(text: str) -> None:
    assert [kind for kind, _ in said([], f"Il emploie {text}.", None)] == [RiskKind.RARE_TRADE]


def test_a_usual_trade_is_no_risk() -> None:
    assert said([], "Un maçon, une aide à domicile et un cuisinier.", None) == []
