"""The house rules that no type checker sees. Each of these tests can fail: that was tried at its writing."""

import ast
import gettext
import gzip
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from enum import Enum
from pathlib import Path
from types import ModuleType

import pytest
import wtforms
from flask import Flask
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule

from helpdesk.settings import Settings
from tests.support import http

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "helpdesk"
TEMPLATES = PACKAGE / "templates"
CSS_MAX_BYTES = 14 * 1024
JS_MAX_BYTES = 10 * 1024


def modules(role: str) -> Iterator[ModuleType]:
    """The modules of one role: ``enums`` for every ``enums.py`` and every file of a package ``enums``."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if role in parts:
            yield importlib.import_module(".".join(part for part in parts if part != "__init__"))


def template_names() -> list[str]:
    return sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())


def template(name: str) -> str:
    return (TEMPLATES / name).read_text()


html_templates = pytest.mark.parametrize("name", [n for n in template_names() if n.endswith(".html")])


# --- settings


def documented_settings() -> dict[str, str]:
    """The rows of the table in docs/exploitation.md: variable and default."""
    text = (ROOT / "docs" / "exploitation.md").read_text()
    return dict(re.findall(r"^\| `([A-Z_]+)` \| ?`?([^`|]*?)`? ?\|", text, re.MULTILINE))


def test_every_setting_is_documented_with_its_default() -> None:
    documented = documented_settings()
    declared = {field.name.upper(): field.default for field in fields(Settings)}
    assert documented.keys() == declared.keys()
    for name, default in declared.items():
        if documented[name].strip():
            assert documented[name].strip() == str(default), name


def test_every_setting_is_read_from_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    changed = {name: other_value(name, default) for name, default in defaults().items()}
    for name, value in changed.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    settings = Settings.from_env()
    unread = [name for name, default in defaults().items() if getattr(settings, name.lower()) == default]
    assert unread == []


def defaults() -> dict[str, object]:
    return {field.name.upper(): field.default for field in fields(Settings) if field.name != "data_dir"}


def other_value(name: str, default: object) -> str:
    choices = {
        "RESPONSE_TARGET_UNIT": "working",
        "MAIL_TRANSPORT": "smtp",
        "SMTP_TLS": "tls",
        "SEARCH_ENGINE": "whoosh",
        "JURI_SESSION_START": "13:30",
        "JURI_SESSION_END": "18:00",
        "JURI_ENTITLEMENT": "all",
        "JURI_CHARTER_URL": "https://charte.example",
        "JURI_VIDEO_URL": "https://visio.example",
    }
    if name in choices:
        return choices[name]
    if isinstance(default, bool):
        return str(not default)
    if isinstance(default, frozenset):
        return "2026-12-24"
    return str(default + 1) if isinstance(default, int | float) else "other"


def test_only_the_settings_read_the_environment() -> None:
    # up.py passes the environment on to the programs that it starts.
    allowed = {PACKAGE / "settings.py", PACKAGE / "up.py"}
    found = [path for path in PACKAGE.rglob("*.py") if "os.environ" in path.read_text() and path not in allowed]
    assert found == []


def test_only_the_clock_reads_the_time() -> None:
    reads = re.compile(r"\b(datetime\.(now|utcnow|today)|date\.today|time\.time)\(")
    allowed = {PACKAGE / "clock.py"}
    found = [path for path in PACKAGE.rglob("*.py") if reads.search(path.read_text()) and path not in allowed]
    assert found == []


# --- words


def labelled_enums() -> Iterator[type[Enum]]:
    for module in modules("enums"):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == module.__name__:
                yield value


@pytest.mark.parametrize("enum", list(labelled_enums()), ids=lambda enum: enum.__qualname__)
def test_every_value_of_an_enum_has_its_french_words(enum: type[Enum]) -> None:
    names = [name for name, value in vars(enum).items() if name.endswith("label") and isinstance(value, property)]
    assert names, f"{enum.__qualname__} has no label"
    for member in enum:
        for name in names:
            words = getattr(member, name)
            assert isinstance(words, str), f"{member!r}.{name}"
            assert words.strip(), f"{member!r}.{name} is empty"
            assert "'" not in words, f"{member!r}.{name}: {words}"


def english_messages() -> dict[str, re.Pattern[str]]:
    """What WTForms says when nobody has told it otherwise, its placeholders open."""
    catalogue = Path(wtforms.__file__).parent / "locale" / "fr" / "LC_MESSAGES" / "wtforms.mo"
    with catalogue.open("rb") as file:
        known = gettext.GNUTranslations(file)._catalog
    texts = [key[0] if isinstance(key, tuple) else key for key in known if key]
    return {text: re.compile(re.sub(r"%\\?\(\w+\\?\)\w", ".+", re.escape(text)) + r"\Z") for text in texts}


def forms() -> Iterator[type[wtforms.Form]]:
    for module in modules("forms"):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, wtforms.Form) and value.__module__ == module.__name__:
                yield value


WRONG = ["", " ", "x", "-1", "9" * 30, "2026-13-45", "31/02/2026", "pas-une-adresse", "a\x00b", "x" * 30_000]


@pytest.mark.sqlite_only
def test_a_form_never_answers_in_english(app: Flask) -> None:
    english = english_messages().values()
    with app.test_request_context("/", method="POST"):
        for form_class in forms():
            for wrong in WRONG:
                for error in errors_of(form_class, wrong):
                    assert not any(pattern.match(error) for pattern in english), f"{form_class}: {error}"


def errors_of(form_class: type[wtforms.Form], wrong: str) -> list[str]:
    """What the form answers when everything in it is *wrong*."""
    names = [name for name in vars(form_class) if not name.startswith("_")]
    form = form_class(MultiDict(dict.fromkeys(names, wrong)))
    form.validate()
    return [str(error) for errors in form.errors.values() for error in errors]


# --- pages


def rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


GUARDS = {"public", "signed_in", "member", "staff", "delegate", "pole", "host", "calendar", "lead", "admin"}


@pytest.mark.sqlite_only
def test_every_page_says_who_may_open_it(app: Flask) -> None:
    unguarded = {
        rule.endpoint for rule in rules(app) if getattr(app.view_functions[rule.endpoint], "_guard", None) not in GUARDS
    }
    assert unguarded == set()


@pytest.mark.sqlite_only
def test_what_is_public_is_only_what_has_to_be(app: Flask) -> None:
    """A page is opened to everybody on purpose: by adding it here."""
    public = {r.endpoint for r in rules(app) if app.view_functions[r.endpoint]._guard == "public"}
    entries = r"kb\.(browse|entry|print_entry|attachment|feed)"  # those of a visitor are found by the queries
    accounts = r"accounts\.(sign_in|sign_out|ask_sign_in_link).*"
    signed = r"juri_ptce\.(link|use_link|feed)"  # their addresses are secret
    allowed = re.compile(rf"healthz|readyz|assets\..*|pages\..*|{accounts}|{entries}|{signed}")
    assert {endpoint for endpoint in public if not allowed.fullmatch(endpoint)} == set()


def address(rule: Rule) -> str:
    """An address of the rule, with any value in its places."""
    url = re.sub(r"<int(?:\([^)]*\))?:\w+>", "1", rule.rule)
    url = re.sub(r"<any\((\w+)[^>]*>", r"\1", url)
    return re.sub(r"<[^>]+>", "x", url)


@pytest.mark.sqlite_only
def test_a_visitor_is_sent_to_the_sign_in_page(app: Flask, client: http.Client) -> None:
    for rule in rules(app):
        if app.view_functions[rule.endpoint]._guard == "public" or "GET" not in (rule.methods or ()):
            continue
        response = client.get(address(rule))
        assert response.status_code == 303, rule
        assert "/connexion" in response.headers["Location"], rule


@pytest.mark.sqlite_only
def test_every_post_wants_the_token_of_its_form(app: Flask, client: http.Client) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    for rule in rules(app):
        for method in {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            response = client.open(address(rule), method=method, data={"email": "a@example.org"})
            assert response.status_code in {400, 419}, f"{method} {rule}: {response.status_code}"


@pytest.mark.sqlite_only
def test_every_answer_carries_the_security_headers(client: http.Client) -> None:
    for path in ("/healthz", "/connexion", "/nulle-part", "/static/css/appui.css"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"], path
        assert "unsafe" not in headers["Content-Security-Policy"], path
        assert headers["X-Content-Type-Options"] == "nosniff", path


# --- templates

INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
INLINE_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=(?!=)", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script\b(?![^>]*\bsrc=)", re.IGNORECASE)
OUTSIDE = re.compile(r"<(?:script|link|img|iframe|source|video|audio)\b[^>]*(?:src|href)\s*=\s*[\"']?(?:https?:)?//")


@html_templates
def test_a_template_escapes_what_it_shows(name: str) -> None:
    text = template(name)
    assert not re.search(r"\|\s*safe\b", text)
    assert not re.search(r"autoescape\s+false", text)
    assert "Markup(" not in text


@html_templates
def test_a_template_has_no_inline_script_or_style(name: str) -> None:
    text = template(name)
    if not name.startswith("mails/"):  # a mail client reads no stylesheet
        assert not INLINE_STYLE.search(text)
    assert not INLINE_SCRIPT.search(text)
    assert not INLINE_HANDLER.search(text)
    assert not re.search(r"javascript:", text, re.IGNORECASE)


@html_templates
def test_a_template_fetches_nothing_from_elsewhere(name: str) -> None:
    assert not OUTSIDE.search(template(name))


def named_templates() -> set[str]:
    """Every string of the code and of the templates that may name a template."""
    named: set[str] = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                named.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                named.add("".join(v.value if isinstance(v, ast.Constant) else "*" for v in node.values))
    for name in template_names():
        named.update(re.findall(r"[\"']([\w./-]+\.(?:html|txt|xml|svg|ics))[\"']", template(name)))
    return named


def test_every_template_is_used() -> None:
    named = named_templates()
    patterns = [re.compile(re.escape(n).replace(r"\*", r"[\w-]+") + r"\Z") for n in named if "*" in n and "." in n]
    unused = [n for n in template_names() if n not in named and not any(p.match(n) for p in patterns)]
    assert unused == []


@pytest.mark.sqlite_only
def test_every_template_compiles(app: Flask) -> None:
    for name in template_names():
        app.jinja_env.get_template(name)


# --- weight


def packed_bytes(paths: list[Path]) -> int:
    return len(gzip.compress(b"\n".join(path.read_bytes() for path in paths), mtime=0))


def test_the_stylesheet_stays_light() -> None:
    paths = sorted((PACKAGE / "static" / "css").glob("*.css"))
    assert paths
    assert packed_bytes(paths) <= CSS_MAX_BYTES


def test_the_scripts_stay_light() -> None:
    paths = sorted((PACKAGE / "static" / "js").rglob("*.js"))
    assert packed_bytes(paths) <= JS_MAX_BYTES


# --- code


def test_the_import_contracts_hold() -> None:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def view_functions(app: Flask) -> Iterator[tuple[str, ast.FunctionDef]]:
    for module in {sys.modules[view.__module__] for view in app.view_functions.values()}:
        path = Path(module.__file__ or "")
        if path.is_relative_to(PACKAGE):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.FunctionDef) and is_view(node):
                    yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def is_view(node: ast.FunctionDef) -> bool:
    decorators = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
    return any(isinstance(d, ast.Attribute) and d.attr in {"get", "post", "route"} for d in decorators)


VIEW_MAX_LINES = 15


@pytest.mark.sqlite_only
def test_a_view_is_short(app: Flask) -> None:
    long = []
    for name, node in view_functions(app):
        body = node.body[1:] if ast.get_docstring(node) else node.body
        line_count = (node.end_lineno or 0) - body[0].lineno + 1 if body else 0
        if line_count > VIEW_MAX_LINES:
            long.append(f"{name}: {line_count}")
    assert long == []
