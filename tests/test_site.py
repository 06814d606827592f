"""An address that is kept is the address that Flask writes."""

from functools import lru_cache

import pytest
from flask import Flask, url_for
from jinja2 import Undefined, pass_context, pass_environment
from markupsafe import Markup, escape
from werkzeug.routing import BuildError

from helpdesk.site import Site, Templates


@pytest.fixture
def site() -> Site:
    site = Site(__name__)
    site.add_url_rule("/questions/<reference>", "thread", lambda reference: reference)
    site.add_url_rule("/questions", "questions", lambda: "")
    return site


@pytest.mark.parametrize(
    ("endpoint", "values"),
    [
        ("thread", {"reference": "Q-2026-0042"}),
        ("thread", {"reference": "a/b ?é", "_anchor": "écrire"}),
        ("questions", {"page": 2, "vue": None}),
        ("questions", {"page": True}),
        ("questions", {"theme": ["social", "fiscal"]}),
        ("questions", {"_external": True}),
        ("static", {"filename": "css/appui.css", "v": "0123"}),
    ],
)
def test_an_address_is_that_of_flask(site, endpoint, values):
    with site.test_request_context("/"):
        expected = Flask.url_for(site, endpoint, **values)
        assert [url_for(endpoint, **values) for _ in range(2)] == [expected, expected]


def test_an_address_is_written_once(site):
    with site.test_request_context("/"):
        first = url_for("thread", reference="Q-2026-0042")
        assert url_for("thread", reference="Q-2026-0042") is first


def test_one_and_true_are_two_addresses(site):
    with site.test_request_context("/"):
        assert [url_for("questions", page=page) for page in (1, True)] == ["/questions?page=1", "/questions?page=True"]


def test_an_address_follows_where_the_site_is_mounted(site):
    for root in ("", "/appui", ""):
        with site.test_request_context("/", environ_overrides={"SCRIPT_NAME": root}):
            assert url_for("questions") == f"{root}/questions"


def test_an_address_that_does_not_exist_is_said_each_time(site):
    with site.test_request_context("/"):
        for _ in range(2):
            with pytest.raises(BuildError):
                url_for("nowhere")


def test_a_global_given_later_reaches_the_templates(site):
    template = site.jinja_env.from_string("{{ later }}")
    site.jinja_env.globals["later"] = "oui"
    with site.app_context():
        assert template.render() == "oui"


class Safe:
    def __html__(self) -> str:
        return "<i>"


@pytest.mark.parametrize("value", ["<b> & \"'", Markup("<b>"), 12, 1.5, True, None, ["<"], Safe(), Undefined()])
def test_a_value_is_escaped_as_jinja_escapes_it(site, value):
    source = (
        "{% macro twice(x) %}{{ x }}{{ x }}{% endmacro %}{% for one in [value] %}{{ one }}{{ twice(one) }}{% endfor %}"
    )
    with site.app_context():
        assert site.jinja_env.from_string(source).render(value=value) == str(escape(value)) * 3


def test_what_asks_for_the_context_gets_it(site):
    @pass_context
    def names(context, *more):
        return ",".join([str(context["shown"]), *more])

    @pass_environment
    class Callable:
        def __call__(self, environment):
            return str(environment.autoescape is not None)

    source = "{% for one in [1] %}{{ names('x') }}{{ make() }}{{ plain('<') }}{{ kept('<') }}{% endfor %}"
    values = {"names": names, "make": Callable(), "plain": lambda text: text, "kept": lru_cache(Markup)}
    with site.app_context():
        assert site.jinja_env.from_string(source).render(shown=1, **values) == "1,xTrue&lt;<"


def test_a_macro_called_out_of_a_loop_sees_its_caller(site):
    macro = "{% macro m(x) %}{{ x }}[{{ caller() }}]{% endmacro %}"
    source = macro + "{% for i in [1, 2] %}{% call m(i) %}<{{ i }}>{% endcall %}{% endfor %}"
    with site.app_context():
        assert site.jinja_env.from_string(source).render() == "1[<1>]2[<2>]"


def test_the_globals_of_one_template_are_its_own():
    templates = Templates(Flask(__name__))
    template = templates.from_string("{{ own }}", globals={"own": "oui"})
    assert template.render() == "oui"
    assert "own" not in templates.globals
