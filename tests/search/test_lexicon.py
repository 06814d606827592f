"""Acronyms and their meanings."""

from collections.abc import Sequence

from helpdesk.reference import get_reference
from helpdesk.search.analysis import clean, terms, tokens
from helpdesk.search.lexicon import Expansion, Lexicon, parse_group, service_lexicon


def expanded(text: str, lexicon: Lexicon | None = None) -> Expansion:
    return (lexicon or service_lexicon()).expand(clean(text), tokens(clean(text)))


def added(text: str, lexicon: Lexicon | None = None) -> Sequence[str]:
    return expanded(text, lexicon).terms


def test_an_acronym_brings_its_meaning_and_the_meaning_brings_it() -> None:
    assert set(terms("contrat durée déterminée insertion")) <= set(added("renouveler un CDDI"))
    assert "cddi" in added("contrat à durée déterminée d’insertion")


def test_a_word_of_the_query_is_not_added_again() -> None:
    assert "contrat" not in added("contrat CDDI")


def test_the_longest_phrase_wins() -> None:
    lexicon = Lexicon(synonyms=[["durée déterminée", "cdd"], ["contrat à durée déterminée d’insertion", "cddi"]])
    assert list(added("contrat à durée déterminée d'insertion", lexicon)) == ["cddi"]


def test_an_ambiguous_acronym_is_not_expanded_and_offers_each_sense() -> None:
    found = expanded("convention avec l’ASP")
    assert found.terms == ()
    assert [sense.meaning for sense in found.senses] == [
        "Agence de services et de paiement",
        "Accompagnateur Socio-Professionnel",
    ]
    assert found.senses[0].text == "convention avec l’ Agence de services et de paiement"


def test_an_acronym_whose_meaning_is_typed_too_is_not_ambiguous() -> None:
    assert expanded("ASP agence de services et de paiement").senses == ()


def test_an_acronym_that_is_also_a_word_counts_in_capitals_only() -> None:
    assert expanded("une AI").senses
    assert expanded("j’ai").senses == ()
    assert expanded("des cp").senses == ()
    assert expanded("des CP").senses


def test_a_sense_that_says_it_is_a_common_word_is_none() -> None:
    assert expanded("un DE").senses == ()
    assert set(terms("demandeur emploi")) <= set(added("un DE"))


def test_an_old_word_says_what_replaced_it_and_finds_it() -> None:
    found = expanded("aide ACCRE")
    assert [(one.word, one.replaced_by, one.text) for one in found.outdated] == [("ACCRE", "ACRE", "aide ACRE")]
    assert "acre" in found.terms


def test_every_entry_of_the_lexicon_is_found_by_its_acronym() -> None:
    for entry in get_reference().lexicon.values():
        found = expanded(f"xx {entry.sigle} yy")
        assert found.terms or found.senses, entry.sigle


def test_a_group_of_synonyms_is_read_from_a_line() -> None:
    assert parse_group("comité social et économique, cse => c_s_e") == ["comité social et économique", "cse", "c_s_e"]
