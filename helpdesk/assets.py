"""Static files under an address that changes with their content, so that a browser may keep them for good.

The script is written as small ES modules. They are joined here into one answer at the first request: a page
then costs one request instead of eight, without any build step. The rules the modules keep for that:
top-level names are unique over all modules, and an import never renames (``tests/test_assets.py`` checks).
"""

import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, current_app, request, url_for

from helpdesk.web import public

STATIC = Path(__file__).parent / "static"
SCRIPT_ENTRY = "app.js"
ONE_YEAR_SECONDS = 31_536_000
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=function |const |async )", re.MULTILINE)


def _changed_at_ns(pattern: str) -> int:
    """When the files last changed; not looked at on a real server, where a new version starts it again."""
    return max(path.stat().st_mtime_ns for path in STATIC.glob(pattern)) if current_app.debug else 0


@lru_cache(maxsize=256)
def _digest(name: str, _at_ns: int) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static_url(name: str) -> str:
    """The address of the static file *name*, with the digest of its content."""
    return url_for("static", filename=name, v=_digest(name, _changed_at_ns(name)))


@lru_cache(maxsize=2)
def _join(_at_ns: int) -> tuple[bytes, bytes, str]:
    paths = sorted(STATIC.glob("js/*.js"), key=lambda path: (path.name == SCRIPT_ENTRY, path.name))
    sources = [path.read_text("utf-8") for path in paths]
    joined = "\n".join(_EXPORT.sub("", _IMPORT.sub("", source)) for source in sources).encode()
    return joined, gzip.compress(joined, mtime=0), hashlib.sha256(joined).hexdigest()[:12]


def _script() -> tuple[bytes, bytes, str]:
    """The joined script, plain and compressed, and its digest."""
    return _join(_changed_at_ns("js/*.js"))


def script_url() -> str:
    """The address of the joined script, with the digest of its content."""
    return url_for("assets.script", v=_script()[2])


blueprint = Blueprint("assets", __name__)


@blueprint.get("/app.js")
@public
def script() -> Response:
    """The modules of ``static/js`` as one script."""
    plain, compressed, digest = _script()
    is_compressed = request.accept_encodings.quality("gzip") > 0
    response = Response(compressed if is_compressed else plain, content_type="text/javascript; charset=utf-8")
    response.headers["Vary"] = "Accept-Encoding"
    if is_compressed:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{digest}-{'gz' if is_compressed else 'plain'}")
    is_current = request.args.get("v") == digest
    response.headers["Cache-Control"] = f"public, max-age={ONE_YEAR_SECONDS}, immutable" if is_current else "no-cache"
    response.make_conditional(request)
    return response
