"""Command lines of the features, under ``flask`` and ``helpdesk``."""

import importlib

from flask import Flask

COMMANDS = (
    ("helpdesk.reference.cli", "reference_cli"),
    ("helpdesk.accounts.cli", "accounts_cli"),
    ("helpdesk.audit.cli", "group"),
    ("helpdesk.mail.cli", "mail_cli"),
    ("helpdesk.jobs.cli", "worker_command"),
    ("helpdesk.search.cli", "search_cli"),
    ("helpdesk.kb.cli", "kb_cli"),
    ("helpdesk.stats.cli", "stats_cli"),
    ("helpdesk.demo.cli", "demo_cli"),
)
"""Module and name of each command."""


def register(app: Flask) -> None:
    """Add the commands of every feature to *app*."""
    for module, name in COMMANDS:
        app.cli.add_command(getattr(importlib.import_module(module), name))
