"""Documents that go with some questions: one page each, without anybody's name. Pure."""

from functools import cache
from random import Random

MEDIA_TYPE = "application/pdf"
SHARE = 0.11
_NAMES = {
    "social": ("Contrat-anonymisé.pdf", "Courrier-anonymisé.pdf", "Convocation-anonymisée.pdf", "Planning.pdf"),
    "iae": ("Annexe-financière.pdf", "Courrier-de-la-DDETS.pdf", "Convention-de-mise-à-disposition.pdf"),
    "fiscal": ("Courrier-des-impôts.pdf", "Demande-de-rescrit.pdf"),
    "associations": ("Statuts.pdf", "Procès-verbal-anonymisé.pdf", "Convention-entre-structures.pdf"),
    "affaires": ("Bail.pdf", "Devis.pdf", "Mise-en-demeure.pdf"),
    "public": ("Règlement-de-la-consultation.pdf", "Lettre-de-rejet.pdf", "Convention-de-subvention.pdf"),
    "difficultes": ("Plan-de-trésorerie.pdf",),
}


def drawn(rng: Random, domain: str) -> list[str]:
    """The names of one or two documents on that domain; none for most questions."""
    names = _NAMES.get(domain, ())
    if not names or rng.random() > SHARE:
        return []
    return rng.sample(names, min(len(names), rng.choice((1, 1, 2))))


_PAGE = (
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
)
_END = b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"


@cache
def content(name: str) -> bytes:
    """A page that says what it stands for."""
    words = name.removesuffix(".pdf").replace("-", " ")
    lines = (words, "Document de démonstration, sans contenu réel.")
    shown = " 0 -26 Td ".join(f"({line}) Tj" for line in lines)
    stream = f"BT /F1 16 Tf 72 760 Td {shown} ET".encode("cp1252")
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        _PAGE,
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    )
    file, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return file + _END % (size, table, size, len(file))
