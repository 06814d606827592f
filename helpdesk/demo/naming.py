"""Names, addresses and numbers that belong to nobody. Pure."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

from helpdesk.accounts.text import fold


class Naming:
    """Draws names, and never the same one twice for a structure or an address."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.names = _read("names.toml")
        self.places = _read("places.toml")
        self.taken_names: set[str] = set()
        self.taken_emails: set[str] = set()

    def towns_of(self, departement: str) -> list[str]:
        towns: list[str] = self.places["towns"].get(departement, [])
        return towns

    def draw(self, kind: str) -> Any:
        """One of the words of that list of ``names.toml``."""
        return self.rng.choice(self.names[kind])

    def structure(self, main: str, departement: str, city: str) -> str:
        """A name that nobody has yet; the town, then a number, tell apart two alike."""
        for _ in range(40):
            pattern = self.rng.choice(self.names["structures"][main])
            land = self.rng.choice(self.places["lands"][departement])
            name = pattern.format(terre=land, ville=_of(city), nom=_bare(land), dep=departement.removeprefix("0"))
            if fold(name) not in self.taken_names:
                break
        else:
            name = next(candidate for candidate in _told_apart(name, city) if fold(candidate) not in self.taken_names)
        self.taken_names.add(fold(name))
        return str(name)

    def email(self, first: str, last: str, structure: str) -> str:
        domain = fold(structure).replace(" ", "-")[:36].strip("-")
        local = f"{fold(first)[0]}.{fold(last).replace(' ', '')}"
        return next(
            email
            for number in range(1, 1000)
            if (email := f"{local}{number if number > 1 else ''}@{domain}.example") not in self.taken_emails
        )


def _told_apart(name: str, city: str) -> Iterator[str]:
    yield f"{name} – {city}"
    yield from (f"{name} {number}" for number in range(2, 10_000))


def _of(city: str) -> str:
    """« de Lannion », « d’Auch », « du Mans », « des Abymes »."""
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if city.startswith(article):
            return contracted + city.removeprefix(article)
    return f"d’{city}" if fold(city)[0] in "aeiouy" else f"de {city}"


def _bare(land: str) -> str:
    """« Trégor » out of « du Trégor »."""
    for start in ("du ", "de la ", "de l’", "des "):
        if land.startswith(start):
            return land.removeprefix(start)
    return land


_FICTION = {"01": "01 99 00", "02": "02 61 91", "03": "03 53 01", "04": "04 65 71", "05": "05 36 49"}
"""Numbers that the regulator keeps for fiction (Arcep); overseas there are none."""
_ZONES = {
    "01": "75 77 78 91 92 93 94 95",
    "02": "14 18 22 27 28 29 35 36 37 41 44 45 49 50 53 56 61 72 76 85 971 972 973 974 976",
    "03": "02 08 10 21 25 39 51 52 54 55 57 58 59 60 62 67 68 70 71 80 88 89 90",
    "05": "09 12 16 17 19 23 24 31 32 33 40 46 47 48 64 65 79 81 82 86 87",
}


def phone(rng: Random, departement: str) -> str:
    tail = f"{rng.randrange(100):02d} {rng.randrange(100):02d}"
    if departement == "mobile":
        return f"06 39 98 {tail}"
    zone = next((zone for zone, codes in _ZONES.items() if departement in codes.split()), "04")
    return f"{_FICTION[zone]} {tail}"


def _read(name: str) -> dict[str, Any]:
    with (Path(__file__).with_name("data") / name).open("rb") as file:
        return tomllib.load(file)
