"""Take in the federation's file of structures and people: all of it, or nothing. See ``docs/comptes.md``."""

from helpdesk.accounts.importing.operations import import_file as import_file
