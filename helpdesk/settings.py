"""Every setting of the service, typed, with its unit in its name.

The environment is read once, by :meth:`Settings.from_env`; nothing else in the code reads ``os.environ``.
``docs/exploitation.md`` lists each variable, and a test holds the two together.
"""

import contextlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, cast

from environs import Env

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The variables of the service; each field is read from the variable of the same name in capitals."""

    data_dir: Path = Path("instance")
    database_url: str = ""
    redis_url: str = ""
    secret_key: str = field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    public_url: str = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    proxy_hop_count: int = 0
    is_demo: bool = False

    service_name: str = "Appui juridique"
    service_phone: str = "02 00 00 00 00"
    service_email: str = "appui-juridique@federation.example"
    legal_notice: str = (
        "Réponse d’information juridique établie pour la structure adhérente, sur la base des seuls éléments "
        "transmis et du droit en vigueur à sa date. Elle ne remplace pas l’avis d’un avocat, d’un "
        "expert-comptable ou d’un notaire pour un contentieux ou un engagement important. "
        "Ne pas diffuser hors de la structure sans accord."
    )

    response_target_days: int = 10
    response_target_unit: Literal["calendar", "working"] = "calendar"
    late_target_days: int = 5
    pole_closing_days: frozenset[date] = frozenset()
    warning_day: int = 8
    auto_transmit_working_days: int = 2
    relay_working_days: int = 1
    reopen_days: int = 30
    close_answered_days: int = 30
    unread_reminder_days: int = 7
    written_confirmation_working_days: int = 2
    review_months: int = 12
    membership_grace_month: int = 3
    membership_grace_day: int = 31

    session_idle_hours: int = 12
    session_absolute_days: int = 14
    sign_in_link_minutes: int = 15

    text_max_chars: int = 20_000
    attachment_max_bytes: int = 10 * MIB
    attachment_max_count: int = 5
    request_max_bytes: int = 52 * MIB

    mail_transport: Literal["console", "smtp"] = "console"
    mail_domain: str = "appui-juridique.example"
    mail_sender: str = "appui-juridique@federation.example"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    smtp_tls: Literal["none", "starttls", "tls"] = "none"
    smtp_timeout_seconds: int = 30
    digest_hour: int = 8
    digest_minute: int = 30

    juri_session_start: str = "14:00"
    juri_session_end: str = "17:30"
    juri_slot_minutes: int = 45
    juri_buffer_minutes: int = 10
    juri_seats: int = 1
    juri_cut_off_working_days: int = 5
    juri_months_ahead: int = 12
    juri_appointments_per_session: int = 1
    juri_offer_hours: int = 24
    juri_account_working_days: int = 5
    juri_entitlement: Literal["all", "charter", "member"] = "charter"
    juri_charter_url: str = ""
    juri_video_url: str = "https://meet.jit.si"

    search_engine: Literal["auto", "whoosh", "postgresql"] = "auto"
    search_miss_days: int = 365

    worker_poll_seconds: float = 5.0
    outbox_lease_seconds: int = 600
    outbox_give_up_days: int = 5

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment; a value of the wrong type stops the start and names the variable.

        :raises environs.EnvError: for a wrong value.
        """
        env = Env()
        defaults = cls()
        settings = cls(
            data_dir=Path(env.str("DATA_DIR", str(defaults.data_dir))).resolve(),
            database_url=normalise_database_url(env.str("DATABASE_URL", "")),
            redis_url=env.str("REDIS_URL", ""),
            secret_key=env.str("SECRET_KEY", ""),
            secret_key_fallbacks=tuple(env.list("SECRET_KEY_FALLBACKS", [])),
            public_url=env.str("PUBLIC_URL", defaults.public_url).rstrip("/"),
            trusted_hosts=tuple(env.list("TRUSTED_HOSTS", [])),
            proxy_hop_count=env.int("PROXY_HOP_COUNT", defaults.proxy_hop_count),
            is_demo=env.bool("IS_DEMO", default=False),
            service_name=env.str("SERVICE_NAME", defaults.service_name),
            service_phone=env.str("SERVICE_PHONE", defaults.service_phone),
            service_email=env.str("SERVICE_EMAIL", defaults.service_email),
            legal_notice=env.str("LEGAL_NOTICE", defaults.legal_notice),
            response_target_days=env.int("RESPONSE_TARGET_DAYS", defaults.response_target_days),
            response_target_unit=cast(
                Literal["calendar", "working"],
                _choice(env, "RESPONSE_TARGET_UNIT", defaults.response_target_unit, ("calendar", "working")),
            ),
            late_target_days=env.int("LATE_TARGET_DAYS", defaults.late_target_days),
            pole_closing_days=_days(env, "POLE_CLOSING_DAYS"),
            warning_day=env.int("WARNING_DAY", defaults.warning_day),
            auto_transmit_working_days=env.int("AUTO_TRANSMIT_WORKING_DAYS", defaults.auto_transmit_working_days),
            relay_working_days=env.int("RELAY_WORKING_DAYS", defaults.relay_working_days),
            reopen_days=env.int("REOPEN_DAYS", defaults.reopen_days),
            close_answered_days=env.int("CLOSE_ANSWERED_DAYS", defaults.close_answered_days),
            unread_reminder_days=env.int("UNREAD_REMINDER_DAYS", defaults.unread_reminder_days),
            written_confirmation_working_days=env.int(
                "WRITTEN_CONFIRMATION_WORKING_DAYS", defaults.written_confirmation_working_days
            ),
            review_months=env.int("REVIEW_MONTHS", defaults.review_months),
            membership_grace_month=env.int("MEMBERSHIP_GRACE_MONTH", defaults.membership_grace_month),
            membership_grace_day=env.int("MEMBERSHIP_GRACE_DAY", defaults.membership_grace_day),
            session_idle_hours=env.int("SESSION_IDLE_HOURS", defaults.session_idle_hours),
            session_absolute_days=env.int("SESSION_ABSOLUTE_DAYS", defaults.session_absolute_days),
            sign_in_link_minutes=env.int("SIGN_IN_LINK_MINUTES", defaults.sign_in_link_minutes),
            text_max_chars=env.int("TEXT_MAX_CHARS", defaults.text_max_chars),
            attachment_max_bytes=env.int("ATTACHMENT_MAX_BYTES", defaults.attachment_max_bytes),
            attachment_max_count=env.int("ATTACHMENT_MAX_COUNT", defaults.attachment_max_count),
            request_max_bytes=env.int("REQUEST_MAX_BYTES", defaults.request_max_bytes),
            mail_transport=cast(
                Literal["console", "smtp"],
                _choice(env, "MAIL_TRANSPORT", defaults.mail_transport, ("console", "smtp")),
            ),
            mail_domain=env.str("MAIL_DOMAIN", defaults.mail_domain),
            mail_sender=env.str("MAIL_SENDER", defaults.mail_sender),
            smtp_host=env.str("SMTP_HOST", defaults.smtp_host),
            smtp_port=env.int("SMTP_PORT", defaults.smtp_port),
            smtp_user=env.str("SMTP_USER", ""),
            smtp_password=env.str("SMTP_PASSWORD", ""),
            smtp_tls=cast(
                Literal["none", "starttls", "tls"],
                _choice(env, "SMTP_TLS", defaults.smtp_tls, ("none", "starttls", "tls")),
            ),
            smtp_timeout_seconds=env.int("SMTP_TIMEOUT_SECONDS", defaults.smtp_timeout_seconds),
            digest_hour=env.int("DIGEST_HOUR", defaults.digest_hour),
            digest_minute=env.int("DIGEST_MINUTE", defaults.digest_minute),
            juri_session_start=env.str("JURI_SESSION_START", defaults.juri_session_start),
            juri_session_end=env.str("JURI_SESSION_END", defaults.juri_session_end),
            juri_slot_minutes=env.int("JURI_SLOT_MINUTES", defaults.juri_slot_minutes),
            juri_buffer_minutes=env.int("JURI_BUFFER_MINUTES", defaults.juri_buffer_minutes),
            juri_seats=env.int("JURI_SEATS", defaults.juri_seats),
            juri_cut_off_working_days=env.int("JURI_CUT_OFF_WORKING_DAYS", defaults.juri_cut_off_working_days),
            juri_months_ahead=env.int("JURI_MONTHS_AHEAD", defaults.juri_months_ahead),
            juri_appointments_per_session=env.int(
                "JURI_APPOINTMENTS_PER_SESSION", defaults.juri_appointments_per_session
            ),
            juri_offer_hours=env.int("JURI_OFFER_HOURS", defaults.juri_offer_hours),
            juri_account_working_days=env.int("JURI_ACCOUNT_WORKING_DAYS", defaults.juri_account_working_days),
            juri_entitlement=cast(
                Literal["all", "charter", "member"],
                _choice(env, "JURI_ENTITLEMENT", defaults.juri_entitlement, ("all", "charter", "member")),
            ),
            juri_charter_url=env.str("JURI_CHARTER_URL", defaults.juri_charter_url),
            juri_video_url=env.str("JURI_VIDEO_URL", defaults.juri_video_url).rstrip("/"),
            search_engine=cast(
                Literal["auto", "whoosh", "postgresql"],
                _choice(env, "SEARCH_ENGINE", defaults.search_engine, ("auto", "whoosh", "postgresql")),
            ),
            search_miss_days=env.int("SEARCH_MISS_DAYS", defaults.search_miss_days),
            worker_poll_seconds=env.float("WORKER_POLL_SECONDS", defaults.worker_poll_seconds),
            outbox_lease_seconds=env.int("OUTBOX_LEASE_SECONDS", defaults.outbox_lease_seconds),
            outbox_give_up_days=env.int("OUTBOX_GIVE_UP_DAYS", defaults.outbox_give_up_days),
        )
        return settings.completed()

    @property
    def has_shared_search(self) -> bool:
        """Whether the search index is in PostgreSQL, for every machine, rather than in the data folder."""
        is_postgresql = self.database_url.startswith("postgresql")
        return is_postgresql if self.search_engine == "auto" else self.search_engine == "postgresql"

    def completed(self) -> "Settings":
        """Fill what depends on the data folder: the SQLite file and the secret kept in it (mode 0600).

        :raises ValueError: when two settings contradict each other.
        """
        from dataclasses import replace

        changes: dict[str, str] = {}
        if not self.database_url:
            changes["database_url"] = f"sqlite:///{self.data_dir.resolve() / 'appui.sqlite3'}"
        if not self.secret_key:
            changes["secret_key"] = _kept_secret(self.data_dir)
        settings = replace(self, **changes) if changes else self  # type: ignore[arg-type]
        if settings.has_shared_search and not settings.database_url.startswith("postgresql"):
            raise ValueError("SEARCH_ENGINE : « postgresql » demande que DATABASE_URL soit une base PostgreSQL.")
        _check_juri(settings)
        return settings


def normalise_database_url(url: str) -> str:
    """Accept the ``postgres://`` and ``postgresql://`` forms of hosting providers; SQLAlchemy wants the driver."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _choice(env: Env, name: str, default: str, allowed: tuple[str, ...]) -> str:
    value = env.str(name, default)
    if value not in allowed:
        raise ValueError(f"{name} : « {value} » n’est pas permis ; valeurs possibles : {', '.join(allowed)}.")
    return value


_JURI_LOWEST = {
    "juri_slot_minutes": 5,
    "juri_buffer_minutes": 0,
    "juri_seats": 1,
    "juri_cut_off_working_days": 0,
    "juri_months_ahead": 1,
    "juri_appointments_per_session": 1,
    "juri_offer_hours": 1,
    "juri_account_working_days": 1,
}
_JURI_MONTHS_MAX = 36


def _check_juri(settings: Settings) -> None:
    """:raises ValueError: for figures, hours or addresses with which no session could be held."""
    for name, lowest in _JURI_LOWEST.items():
        if getattr(settings, name) < lowest:
            raise ValueError(f"{name.upper()} : {getattr(settings, name)} n’est pas permis ; au moins {lowest}.")
    if settings.juri_months_ahead > _JURI_MONTHS_MAX:
        raise ValueError(f"JURI_MONTHS_AHEAD : {_JURI_MONTHS_MAX} mois au plus.")
    start = juri_time("JURI_SESSION_START", settings.juri_session_start)
    end = juri_time("JURI_SESSION_END", settings.juri_session_end)
    minutes = (datetime.combine(date.min, end) - datetime.combine(date.min, start)) / timedelta(minutes=1)
    if minutes < settings.juri_slot_minutes:
        raise ValueError("JURI_SESSION_END : la séance doit durer au moins un créneau (JURI_SLOT_MINUTES).")
    if not settings.juri_video_url.startswith("https://"):
        raise ValueError("JURI_VIDEO_URL : écrivez une adresse qui commence par https://.")
    if settings.juri_charter_url and not settings.juri_charter_url.startswith(("https://", "http://")):
        raise ValueError("JURI_CHARTER_URL : écrivez une adresse complète, ou laissez vide.")


def juri_time(name: str, written: str) -> time:
    """The hour of a setting, « 14:00 ».

    :raises ValueError: for what is no hour and minute, named by *name*.
    """
    try:
        return datetime.strptime(written, "%H:%M").time()  # noqa: DTZ007 (an hour of the clock of Paris, of any day)
    except ValueError:
        raise ValueError(f"{name} : « {written} » n’est pas une heure, comme 14:00.") from None


def _days(env: Env, name: str) -> frozenset[date]:
    """Days and periods: « 2026-12-24, 2026-12-28/2026-12-31 », both ends included."""
    days: set[date] = set()
    for part in filter(None, map(str.strip, env.str(name, "").split(","))):
        period = _period(part)
        if not period:
            raise ValueError(f"{name} : « {part} » n’est ni un jour ni une période (2026-12-24/2026-12-31).")
        days.update(period)
    return frozenset(days)


def _period(text: str) -> list[date]:
    """The days from the first to the last, a year at most; none for what is no period."""
    first, slash, last = text.partition("/")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last if slash else first).strip())
    except ValueError:
        return []
    count = (end - start).days + 1
    return [start + timedelta(days=offset) for offset in range(count)] if count <= 366 else []


def _kept_secret(data_dir: Path) -> str:
    """Return the secret of the data folder; the first process to start makes it, whole or not at all."""
    path = data_dir / "secret_key"
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        descriptor, draft = tempfile.mkstemp(dir=data_dir)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
        # A link never replaces what another process made meanwhile.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        Path(draft).unlink()
    return path.read_text().strip()
