"""The pages of questions, by reader: member, delegation and pole, one question, team."""

import importlib

from helpdesk.tickets.views.blueprint import blueprint

for _name in ("home", "member", "files", "queues", "type_in", "team", "thread", "actions", "drafts", "menu"):
    try:  # TEMPORARY while the parts land
        importlib.import_module(f"helpdesk.tickets.views.{_name}")
    except ModuleNotFoundError:
        pass

__all__ = ["blueprint"]
