"""``flask reference check``."""

import shutil
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from helpdesk.reference.cli import reference_cli
from helpdesk.reference.loader import DATA_FOLDER


def run(*arguments: str) -> Result:
    app = Flask("check")
    app.cli.add_command(reference_cli)
    return app.test_cli_runner().invoke(args=["reference", "check", *arguments])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "data"
    shutil.copytree(DATA_FOLDER, copy)
    return copy


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_shipped_data_is_consistent_and_counted() -> None:
    result = run()

    assert result.exit_code == 0, result.output
    assert "14 délégations" in result.output
    assert "107 départements et collectivités" in result.output
    assert "Aucune incohérence." in result.output


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("departements.toml", "has_droit_local = true", "has_droit_local = false", "Le droit local du 57"),
        ("departements.toml", '"Indian/Reunion"', '"Europe/Paris"', "Le fuseau du 974"),
        ("departements.toml", 'holiday_zone = "reunion"\n', "", "La zone de jours fériés du 974"),
        ("departements.toml", 'delegation = "guyane"\n', "", "La délégation Guyane ne couvre aucun"),
        ("departements.toml", 'code = "988"', 'code = "989"', "La collectivité 988 manque"),
        ("typologies.toml", "is_siae = true", "is_siae = false", "SIAE attendues"),
        ("topics.toml", '"loyer"', '"tva"', "Le synonyme « tva » est donné plusieurs fois"),
        ("topics.toml", 'label = "TVA"', 'label = "Contrôle fiscal"', "portent le même nom"),
        ("lexicon.toml", 'replaced_by = "ACRE"', 'replaced_by = "ACCRE"', "se remplace lui-même"),
    ],
)
def test_an_inconsistency_is_told_and_the_exit_code_is_1(
    folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    edit(folder / file, old, new)

    result = run("--folder", str(folder))

    assert result.exit_code == 1
    assert sentence in result.output


def test_a_wrong_line_is_told_and_the_exit_code_is_1(folder: Path) -> None:
    edit(folder / "idcc.toml", '"0029"', '"29"')

    result = run("--folder", str(folder))

    assert result.exit_code == 1
    assert "idcc.toml, ligne" in result.output
