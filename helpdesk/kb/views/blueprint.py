"""The blueprint of the knowledge base, and the entry or draft behind a request."""

from flask import Blueprint

blueprint = Blueprint("kb", __name__)
