"""A wrong line of the data files stops the start, and is named."""

import shutil
from pathlib import Path

import pytest

from helpdesk.reference import ReferenceDataError, get_reference
from helpdesk.reference.loader import DATA_FOLDER, load_reference


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, copy)
    return copy


def edit(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first *old* by *new*, and return its line."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def problems(folder: Path) -> tuple[str, ...]:
    with pytest.raises(ReferenceDataError) as caught:
        load_reference(folder)
    return caught.value.problems


def test_the_shipped_data_loads_and_is_read_once() -> None:
    assert get_reference() is get_reference()


def test_another_folder_can_be_read(folder: Path) -> None:
    assert get_reference(folder).delegations == get_reference().delegations


@pytest.mark.parametrize(
    ("file", "old", "new", "reason"),
    [
        (
            "departements.toml",
            'name = "Finistère"',
            'nom = "Finistère"',
            "champ « nom »\u00a0: champ inconnu",
        ),
        (
            "departements.toml",
            '"Indian/Mayotte"',
            '"Indian/Nowhere"',
            "fuseau horaire « Indian/Nowhere » inconnu",
        ),
        (
            "departements.toml",
            'delegation = "guyane"',
            'delegation = "guyanne"',
            "délégation « guyanne »",
        ),
        ("departements.toml", 'holiday_zone = "reunion"', 'holiday_zone = "bourbon"', "valeur inconnue"),
        ("departements.toml", "has_droit_local = true", 'has_droit_local = "oui"', "valeur d’un autre type"),
        ("departements.toml", 'code = "56"', 'code = "55"', "« 55 » existe déjà"),
        ("delegations.toml", 'mail_stem = "bfc"', 'mail_stem = "aura"', "« aura » existe déjà"),
        ("delegations.toml", 'phone = "02 00 00 00 00"', 'phone = "02.00"', "numéro attendu"),
        ("topics.toml", 'code = "fiscal/tva"', 'code = "fisc/tva"', "domaine « fisc »"),
        ("topics.toml", '"don", "donateur"', '"don", "~"', "valeur n°\u00a03\u00a0: motif « ~ »"),
        ("topics.toml", '"don", "donateur"', '"don", 12', "valeur n°\u00a03\u00a0: valeur d’un autre type"),
        ("legal_deadlines.toml", "amount = 48", 'amount = "48"', "valeur d’un autre type"),
        ("legal_deadlines.toml", "amount = 12", "amount = 0", "nombre attendu entre 1 et 400"),
        (
            "legal_deadlines.toml",
            'topic = "affaires/baux"',
            'topic = "affaires/bail"',
            "« affaires/bail »",
        ),
        ("urgency.toml", "level = 3", "level = 4", "nombre attendu entre 1 et 3"),
        ("urgency.toml", 'triggers = ["agression"]', 'triggers = ["agressions"]', "« agressions »"),
        ("urgency.toml", '"coups et blessures"', '"ag* et blessures"', "trop court avant l’étoile"),
        ("lexicon.toml", 'replaced_by = "PMSMP"', 'replaced_by = "PMSPM"', "sigle « PMSPM »"),
        ("lexicon.toml", 'sigle = "CDDI"', 'sigle = "CAVA"', "« CAVA » existe déjà"),
        ("law_changes.toml", "2024-04-24", '"2024-04-24"', "date attendue"),
        ("law_changes.toml", "2024-04-24", "2024-04-24T08:00:00", "date attendue"),
        ("law_changes.toml", '["difficultes"]', '["difficulte"]', "« difficulte »"),
        ("idcc.toml", 'idcc = "0029"', 'idcc = "29"', "quatre chiffres"),
        ("typologies.toml", 'label = "Entreprise d’insertion"', 'label = " "', "texte vide"),
    ],
)
def test_a_wrong_line_is_named_with_its_file_and_reason(
    folder: Path, file: str, old: str, new: str, reason: str
) -> None:
    line = edit(folder, file, old, new)

    found = [problem for problem in problems(folder) if reason in problem]

    assert [problem.partition("\u00a0: ")[0] for problem in found] == [f"{file}, ligne {line}"]


def test_a_missing_field_is_reported_on_the_header_of_its_entry(folder: Path) -> None:
    line = edit(folder, "delegations.toml", 'name = "Bretagne"\n', "")

    assert problems(folder) == (
        f"delegations.toml, ligne {line - 2}\u00a0: champ « name »\u00a0: champ obligatoire absent",
    )


def test_every_problem_is_reported_at_once(folder: Path) -> None:
    edit(folder, "delegations.toml", 'name = "Bretagne"\n', "")
    edit(folder, "idcc.toml", 'idcc = "3016"', "idcc = 3016")

    assert [problem.split(",")[0] for problem in problems(folder)] == ["delegations.toml", "idcc.toml"]


def test_broken_toml_is_reported_with_its_line(folder: Path) -> None:
    line = edit(folder, "idcc.toml", 'idcc = "1518"', "idcc = ")

    (problem,) = problems(folder)

    assert problem.startswith(f"idcc.toml, ligne {line}\u00a0: syntaxe TOML non valide")


def test_broken_toml_at_the_end_is_reported_on_the_last_line(folder: Path) -> None:
    path = folder / "idcc.toml"
    path.write_text(path.read_text(encoding="utf-8") + "[[agreements", encoding="utf-8")

    (problem,) = problems(folder)

    assert problem.startswith(f"idcc.toml, ligne {path.read_text(encoding='utf-8').count(chr(10)) + 1}")


def test_bytes_that_are_not_utf8_are_reported_with_their_line(folder: Path) -> None:
    (folder / "idcc.toml").write_bytes(b"# ok\n\n# \xe9t\xe9\n")

    assert problems(folder) == ("idcc.toml, ligne 3\u00a0: texte qui n’est pas en UTF-8",)


def test_a_missing_file_is_reported(folder: Path) -> None:
    (folder / "idcc.toml").unlink()

    assert problems(folder) == ("idcc.toml, ligne 1\u00a0: fichier absent ou illisible",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "aucune entrée [[agreements]]"),
        ("agreements = [{idcc = '3016', label = 'ACI'}]\n", "entrées attendues sous la forme [[agreements]]"),
        ("agreements = 3\n", "entrées attendues sous la forme [[agreements]]"),
    ],
)
def test_a_file_without_its_entries_is_refused(folder: Path, content: str, reason: str) -> None:
    (folder / "idcc.toml").write_text(content, encoding="utf-8")

    assert problems(folder) == (f"idcc.toml, ligne 1\u00a0: {reason}",)


def test_an_unknown_table_is_refused_with_its_line(folder: Path) -> None:
    path = folder / "idcc.toml"
    lines = path.read_text(encoding="utf-8").count("\n")
    path.write_text(path.read_text(encoding="utf-8") + "[[agrements]]\nidcc = '1234'\n", encoding="utf-8")

    assert problems(folder) == (f"idcc.toml, ligne {lines + 1}\u00a0: table « agrements » inconnue",)


def test_windows_line_ends_do_not_move_the_lines(folder: Path) -> None:
    line = edit(folder, "idcc.toml", 'idcc = "0029"', 'idcc = "29"')
    path = folder / "idcc.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    assert problems(folder)[0].startswith(f"idcc.toml, ligne {line}\u00a0:")
