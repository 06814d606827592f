"""The audit trail: ``audit.record(actor, "mandate.ended", "mandate", mandate.id)`` inside the transaction."""

from helpdesk.audit.operations import record as record
