"""Sign in and out."""

from collections.abc import Callable

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk import settings_of
from helpdesk.accounts import sessions, sign_in, throttle
from helpdesk.accounts.forms import PasswordSignInForm, SignInForm, UseLinkForm
from helpdesk.accounts.redirects import safe_target
from helpdesk.accounts.views import blueprint
from helpdesk.errors import NotFound
from helpdesk.web import public

HOME = "/"
_EMAIL_KEY = "sign_in_email"


@blueprint.route("/connexion", methods=["GET", "POST"], endpoint="sign_in")
@public
def ask_email() -> str | Response | tuple[str, int]:
    """First the e-mail alone; the next page offers both ways."""
    if current_user.is_authenticated:
        return redirect(safe_target(request.args.get("suite")) or HOME, 303)
    form = SignInForm(suite=request.args.get("suite", ""))
    if form.validate_on_submit():
        session[_EMAIL_KEY] = form.email.data
        return redirect(url_for("accounts.sign_in_password", suite=safe_target(form.suite.data)), 303)
    return render_template("accounts/sign_in.html", form=form), 422 if form.errors else 200


@blueprint.route("/connexion/mot-de-passe", methods=["GET", "POST"])
@public
def sign_in_password() -> str | Response | tuple[str, int]:
    """Choose the password, or a link by mail."""
    suite = safe_target(request.values.get("suite"))
    form = PasswordSignInForm(email=session.get(_EMAIL_KEY, ""), suite=suite or "")
    if request.method == "GET" and not form.email.data:
        return redirect(url_for("accounts.sign_in", suite=suite), 303)
    status = form.submit(lambda: _start_by_password(form))
    if status == 303:
        return redirect(suite or HOME, 303)
    return render_template("accounts/sign_in_password.html", form=form, minutes=_link_minutes()), status


@blueprint.post("/connexion/lien")
@public
def ask_sign_in_link() -> str | Response | tuple[str, int]:
    """Mail a link; the answer is the same for an unknown address."""
    form = SignInForm()
    status = form.submit(lambda: _send_link(form))
    if status == 303:
        session[_EMAIL_KEY] = form.email.data
        return redirect(url_for("accounts.sign_in_link_sent"), 303)
    return render_template("accounts/sign_in.html", form=form), status


@blueprint.get("/connexion/courriel-envoye")
@public
def sign_in_link_sent() -> str:
    """What to do now; says nothing about the account."""
    email = session.get(_EMAIL_KEY)
    return render_template("accounts/sign_in_link_sent.html", email=email, minutes=_link_minutes())


@blueprint.route("/connexion/lien/<token>", methods=["GET", "POST"])
@public
def sign_in_link(token: str) -> str | Response | tuple[str, int]:
    """Opening a link shows a button, pressing it uses the link: mail scanners only open."""
    suite = safe_target(request.values.get("suite"))
    form = UseLinkForm(suite=suite or "")
    try:
        if form.validate_on_submit():
            sessions.start(sign_in.by_link(token), by_link=True)
            return redirect(suite or HOME, 303)
        person = sign_in.person_of_link(token)
    except NotFound as error:
        return render_template("accounts/sign_in_link_dead.html", message=error.message), 410
    return render_template("accounts/sign_in_link.html", form=form, email=person.email)


@blueprint.post("/deconnexion")
@public
def sign_out() -> Response:
    """End the session here; copies of its cookie are worth nothing from now on."""
    sessions.end()
    flash("Vous êtes déconnecté. À bientôt.", "ok")
    return redirect(url_for("accounts.sign_in"), 303)


def _start_by_password(form: PasswordSignInForm) -> None:
    email = form.email.data
    sessions.start(sign_in.by_password(email, form.password.data, _buckets("password", email)))


def _send_link(form: SignInForm) -> None:
    sign_in.send_link(
        form.email.data,
        _buckets("link", form.email.data),
        path_of=_link_path(form.suite.data),
        valid_minutes=_link_minutes(),
    )


def _link_minutes() -> int:
    return settings_of(current_app).sign_in_link_minutes


def _buckets(way: str, email: str) -> sign_in.Buckets:
    secret = settings_of(current_app).secret_key
    return throttle.buckets(way, email=email, address=request.remote_addr, secret=secret)


def _link_path(suite: str | None) -> Callable[[str], str]:
    """The local path of a link; the mail puts the setting's origin before it, not the request's Host."""
    target = safe_target(suite)
    return lambda token: url_for("accounts.sign_in_link", token=token, suite=target)
