"""An address that is kept is the address that Flask writes."""

import pytest
from flask import Flask, url_for
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


def test_the_globals_of_one_template_are_its_own():
    templates = Templates(Flask(__name__))
    template = templates.from_string("{{ own }}", globals={"own": "oui"})
    assert template.render() == "oui"
    assert "own" not in templates.globals
