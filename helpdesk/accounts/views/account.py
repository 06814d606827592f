"""« Mon compte » : notices, keyboard, password, mandates, one's own data."""

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from helpdesk import clock, settings_of
from helpdesk.accounts import operations, sessions, throttle
from helpdesk.accounts.enums import NotifyMode
from helpdesk.accounts.export import data_of
from helpdesk.accounts.forms import NewPasswordForm, PreferencesForm
from helpdesk.accounts.passwords import MIN_CHARS
from helpdesk.accounts.views import blueprint
from helpdesk.web import signed_in

HERE = "accounts.account"


@blueprint.get("/mon-compte")
@signed_in
def account() -> str:
    """Everything a person may set for themselves."""
    return _page(_preferences_form(), NewPasswordForm())


@blueprint.post("/mon-compte/preferences")
@signed_in
def account_preferences() -> Response | tuple[str, int]:
    """Keep the choices of notices and keyboard."""
    form = PreferencesForm()
    status = form.submit(lambda: _change_preferences(form))
    if status != 303:
        return _page(form, NewPasswordForm()), status
    flash("Vos préférences sont enregistrées.", "ok")
    return redirect(url_for(HERE), 303)


@blueprint.post("/mon-compte/mot-de-passe")
@signed_in
def account_password() -> Response | tuple[str, int]:
    """Change the password: the other sessions end, this one is renewed."""
    form = NewPasswordForm()
    status = form.submit(lambda: _change_password(form))
    if status != 303:
        return _page(_preferences_form(), form), status
    flash("Votre mot de passe est changé. Vos autres appareils sont déconnectés.", "ok")
    return redirect(url_for(HERE), 303)


@blueprint.get("/mon-compte/mes-donnees.json")
@signed_in
def account_export() -> Response:
    """Everything kept about the person, as a file."""
    response = jsonify(data_of(current_user.person, now=clock.now()))
    response.headers["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
    return response


def _change_password(form: NewPasswordForm) -> None:
    person, secret = current_user.person, settings_of(current_app).secret_key
    buckets = throttle.buckets("password", email=person.email, address=request.remote_addr, secret=secret)
    throttle.admit(*buckets)
    operations.set_password(
        person,
        form.new_password.data,
        current_password=form.current_password.data or "",
        is_proved_by_link=current_user.is_proved_by_link,
    )
    sessions.start(person)


def _change_preferences(form: PreferencesForm) -> None:
    operations.change_preferences(
        current_user.person,
        notify_mode=NotifyMode(form.notify_mode.data),
        has_shortcuts=form.has_shortcuts.data,
    )


def _preferences_form() -> PreferencesForm:
    person = current_user.person
    return PreferencesForm(formdata=None, notify_mode=person.notify_mode.value, has_shortcuts=person.has_shortcuts)


def _page(preferences: PreferencesForm, password: NewPasswordForm) -> str:
    person = current_user.person
    return render_template(
        "accounts/account.html",
        preferences=preferences,
        password=password,
        has_errors=bool(preferences.errors or password.errors),
        needs_current=person.password_hash is not None and not current_user.is_proved_by_link,
        min_chars=MIN_CHARS,
    )
