"""Logs as JSON lines with the request's id; never a body, an address or a name."""

import logging
import sys

import structlog


def configure() -> None:
    """Set structlog up once; standard logging stays at WARNING on standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # Looked up at each line: whoever replaces standard error (a test, a supervisor) gets the lines.
        logger_factory=lambda *_args: structlog.PrintLogger(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
