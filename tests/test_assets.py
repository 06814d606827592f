import gzip
import os
import re
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape

from helpdesk import assets, icons
from tests.support import axe
from tests.support.styleguide import build_styleguide

MODULES = sorted((assets.STATIC / "js").glob("*.js"))
STYLESHEETS = sorted((assets.STATIC / "css").glob("*.css"))
TOP_LEVEL = re.compile(r"^(?:export )?(?:async )?(?:function|const|let|class) (\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def guide() -> Flask:
    return build_styleguide()


def test_no_two_modules_use_the_same_top_level_name() -> None:
    names = [name for path in MODULES for name in TOP_LEVEL.findall(path.read_text())]
    assert len(names) == len(set(names)), [one for one in names if names.count(one) > 1]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_an_import_is_on_one_line_and_never_renames(path: Path) -> None:
    for line in re.findall(r"^import.*$", path.read_text(), re.MULTILINE):
        assert re.fullmatch(r'import \{ [\w, ]+ \} from "\./\w+\.js";', line), line
        for name in re.findall(r"\w+", line.split("}")[0].removeprefix("import")):
            assert name in "".join(other.read_text() for other in MODULES)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_asks_for_nothing_that_safari_15_lacks(path: Path) -> None:
    source = path.read_text()
    assert "(?<" not in source  # a look-behind there stops the whole script
    assert not re.search(r"\.at\(|structuredClone|\.toSorted|\binnerHTML\b|\beval\b", source)


def test_the_script_is_one_file_without_import(guide: Flask) -> None:
    response = guide.test_client().get("/app.js")
    assert response.mimetype == "text/javascript"
    assert not re.search(r"^(import|export) ", response.text, re.MULTILINE)
    assert response.text.index("function startDrafts") < response.text.index("for (const start of")
    assert "Content-Encoding" not in response.headers


def test_the_script_is_compressed_for_who_takes_it(guide: Flask) -> None:
    client = guide.test_client()
    plain = client.get("/app.js").data
    packed = client.get("/app.js", headers={"Accept-Encoding": "br, gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert gzip.decompress(packed.data) == plain
    assert "Content-Encoding" not in client.get("/app.js", headers={"Accept-Encoding": "gzip;q=0"}).headers


def test_the_script_is_kept_for_good_at_its_own_address_only(guide: Flask) -> None:
    client = guide.test_client()
    with guide.test_request_context():
        address = assets.script_url()
    response = client.get(address)
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get("/app.js?v=old").headers["Cache-Control"] == "no-cache"
    again = client.get(address, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


def test_a_static_address_changes_with_the_content(
    guide: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    monkeypatch.setattr(guide, "debug", True)
    file = tmp_path / "a.css"
    addresses = []
    with guide.test_request_context():
        for at, text in enumerate(("a", "b")):
            file.write_text(text)
            os.utime(file, ns=(at, at))
            addresses.append(assets.static_url("a.css"))
    assert addresses[0] != addresses[1]
    assert re.fullmatch(r"/static/a\.css\?v=[0-9a-f]{12}", addresses[0])


def test_every_file_named_by_a_template_exists(guide: Flask) -> None:
    folder = assets.STATIC.parent / "templates"
    for path in folder.rglob("*.html"):
        for name in re.findall(r'static_url\("([^"]+)"\)', path.read_text()):
            assert (assets.STATIC / name).is_file(), f"{path.name}: {name}"


def test_every_icon_named_by_a_template_is_drawn(guide: Flask) -> None:
    folder = assets.STATIC.parent / "templates"
    for path in folder.rglob("*.html"):
        for name in re.findall(r'icon(?:_name)?[(=]\s*"([\w-]+)"', path.read_text()):
            assert name in icons.SYMBOLS, f"{path.name}: {name}"


def test_an_icon_that_nobody_drew_is_refused(guide: Flask) -> None:
    with guide.app_context(), pytest.raises(ValueError, match="licorne"):
        icons.icon("licorne")


def test_the_sprite_holds_each_icon_once() -> None:
    assert "ico--fleche" in icons.icon("fleche", "fleche")
    page = icons.with_sprite(icons.icon("fleche", "fleche") + icons.icon("coche") + icons.icon("coche"))
    assert re.findall(r'id="i-([\w-]+)"', page) == ["coche", "fleche"]
    assert "<symbol" not in icons.with_sprite("rien")


def test_nothing_typed_asks_for_a_drawing() -> None:
    assert "<symbol" not in icons.with_sprite(str(escape('<use href="#i-coche"/>')))


# --- the stylesheets


def blocks_by_width(source: str) -> list[tuple[float, str]]:
    """What a stylesheet changes at a width of the screen: the width, in pixels, and the rules."""
    query = re.compile(r"@media[^{]*\(\s*(?:min|max)-width:\s*([\d.]+)rem\s*\)[^{]*\{((?:[^{}]*\{[^{}]*\})*)[^{}]*\}")
    found = [(float(width) * 16, rules) for width, rules in query.findall(source)]
    assert len(found) == len(re.findall(r"@media[^{]*width", source)), "a width is written otherwise"
    return found


@pytest.mark.parametrize("path", STYLESHEETS, ids=lambda path: path.name)
def test_between_the_narrowest_screen_and_a_telephone_only_sizes_change(path: Path) -> None:
    """Axe looks at the narrowest and the widest (``tests/support/axe.py``): what one hides is seen on the other."""
    between = [rules for at, rules in blocks_by_width(path.read_text()) if axe.NARROWEST <= at < axe.TELEPHONE]
    declared = {one for rules in between for one in re.findall(r"([\w-]+:\s*[^;{}]+)[;}]", rules)}
    assert {one for one in declared if not re.match(r"padding|margin|gap|font-size|display:\s*none", one)} == set()


def test_a_rule_between_a_telephone_and_the_narrowest_screen_is_seen() -> None:
    source = ".a { color: red; }\n@media (max-width: 22rem) { .a { padding: 0; } .b { display: none } }"
    assert blocks_by_width(source) == [(352.0, " .a { padding: 0; } .b { display: none }")]
