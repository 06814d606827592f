"""How a mail leaves: printed at the terminal, or given to an SMTP server."""

import contextlib
import smtplib
import ssl
import sys
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Protocol

from helpdesk.jobs.registry import GiveUp, RetryLater
from helpdesk.mail.departing import Words
from helpdesk.mail.enums import CalendarMethod
from helpdesk.mail.models import Mail
from helpdesk.mail.wording import header_text
from helpdesk.settings import Settings

PERMANENT = 500
AUTHENTICATION_REQUIRED = 530
REASON_CHARS = 300
INVITATION_FILE = "invite.ics"


class Transport(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Deliver *message*.

        :raises RetryLater: when it may go better later: no server, « 4xx », a setting to mend.
        :raises GiveUp: when the server refuses this mail for good: « 5xx ».
        """


def transport_for(settings: Settings) -> Transport:
    return Smtp(settings) if settings.mail_transport == "smtp" else Console()


def build_message(mail: Mail, settings: Settings, words: Words | None = None) -> EmailMessage:
    """The message as it leaves; under the same number and date each time, so that a copy is recognised.

    :param words: those found now, otherwise those that it was written with.
    :raises GiveUp: for an address that is none.
    """
    words = words or Words.of(mail)
    message = EmailMessage(policy=SMTP)
    try:
        message["From"] = Address(header_text(settings.service_name), addr_spec=settings.mail_sender)
        message["To"] = Address(addr_spec=header_text(mail.to_address))
    except (ValueError, IndexError, AttributeError) as error:
        # Not only ValueError: the standard library's own parser stumbles over some hostile addresses.
        raise GiveUp("L’adresse n’est pas valable.") from error
    message["Subject"] = header_text(words.subject)
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = mail.message_id
    if mail.thread_id:
        message["In-Reply-To"] = mail.thread_id
        message["References"] = mail.thread_id
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(words.text, cte="quoted-printable")
    message.add_alternative(words.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = "fr"
    if mail.calendar is not None and mail.calendar_method is not None:
        _attach(message, mail.calendar, mail.calendar_method)
    return message


def _attach(message: EmailMessage, calendar: str, method: CalendarMethod) -> None:
    """Add the invitation; calendars read the method in the type of the part, and some in the file alone."""
    params = {"method": method.value.upper()}
    message.add_attachment(calendar, subtype="calendar", params=params, filename=INVITATION_FILE, cte="base64")


class Console:
    """Prints the text, for the demonstration: the sign-in link can be read there."""

    def send(self, message: EmailMessage) -> None:
        body = message.get_body(("plain",))
        lines = [
            "─" * 72,
            f"Courriel à : {message['To']}",
            f"Objet : {message['Subject']}",
            "",
            str(body.get_content()).rstrip() if body is not None else "",
            "─" * 72,
        ]
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()


class Smtp:
    """One connection for each mail: nothing is shared between two, and a slow server holds up one only."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def send(self, message: EmailMessage) -> None:
        try:
            server = self._connected()
            try:
                _hand_over(server, message)
            finally:
                _take_leave(server)
        except smtplib.SMTPResponseException as error:
            # Greeting, TLS, sign-in: a setting to mend, not this mail's fault.
            raise RetryLater(_reason(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise RetryLater(f"Serveur injoignable ({type(error).__name__}).") from error

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        where = (settings.smtp_host, settings.smtp_port)
        timeout = settings.smtp_timeout_seconds
        if settings.smtp_tls == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(*where, timeout=timeout, context=ssl.create_default_context())
        else:
            server = smtplib.SMTP(*where, timeout=timeout)
        try:
            if settings.smtp_tls == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password)
        except BaseException:
            server.close()
            raise
        return server


def _hand_over(server: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refusal(code, text) from error
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise GiveUp("Le serveur ne sait pas écrire à cette adresse.") from error


def _take_leave(server: smtplib.SMTP) -> None:
    """End the connection. What goes wrong now changes nothing: the mail is accepted or refused already."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _refusal(code: int, text: bytes | str) -> GiveUp | RetryLater:
    is_final = code >= PERMANENT and code != AUTHENTICATION_REQUIRED
    return (GiveUp if is_final else RetryLater)(_reason(code, text))


def _reason(code: int, text: bytes | str) -> str:
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return header_text(f"{code} {words}", REASON_CHARS)
