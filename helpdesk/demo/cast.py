"""Who is always in the demonstration: the staff, the structures of the mock-ups, the accounts one signs in with."""

from dataclasses import dataclass

from helpdesk.accounts.enums import MandateScope, Role

PASSWORD = "demonstration-2026"
"""Of every account of the demonstration."""


@dataclass(frozen=True, kw_only=True)
class StaffMember:
    """*since_days*, *until_days*: when the role began and ended, in days before the day of the seed."""

    first: str
    last: str
    email: str
    role: Role
    specialties: tuple[str, ...] = ()
    delegations: tuple[str, ...] = ()
    can_answer: bool = False
    since_days: int = 1400
    until_days: int | None = None
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A structure known by name. *headcount*: all, and in insertion; *group_of*: keys of the structures of a GES."""

    key: str
    name: str
    main: str
    departement: str
    city: str
    extras: tuple[str, ...] = ()
    headcount: tuple[int, int] = (18, 12)
    appetite: float = 1.0
    group_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class KnownPerson:
    """A mandate of a person of the mock-ups; two with the same address are two mandates of one person."""

    structure: str
    first: str
    last: str
    email: str
    title: str
    scope: MandateScope = MandateScope.STRUCTURE
    since_days: int = 1500


def _delegate(first: str, last: str, stem: str, *delegations: str, can_answer: bool = True) -> StaffMember:
    local = f"{first[0]}.{last}".lower().replace(" ", "").translate(_PLAIN)
    return StaffMember(
        first=first,
        last=last,
        email=f"{local}@{stem}.federation.example",
        role=Role.DELEGATE,
        delegations=delegations,
        can_answer=can_answer,
    )


_PLAIN = str.maketrans("àâäçéèêëîïôöùûüœ’'", "aaaceeeeiioouuuo--")

STAFF = (
    StaffMember(
        first="Hélène",
        last="Garnier",
        email="h.garnier@federation.example",
        role=Role.LEAD,
        specialties=("social", "business"),
        weight=0.3,
    ),
    StaffMember(
        first="Nadia",
        last="Benali",
        email="n.benali@federation.example",
        role=Role.JURIST,
        specialties=("social",),
    ),
    StaffMember(
        first="Inès",
        last="Carvalho",
        email="i.carvalho@federation.example",
        role=Role.JURIST,
        specialties=("social",),
    ),
    StaffMember(
        first="Thomas",
        last="Roy",
        email="t.roy@federation.example",
        role=Role.JURIST,
        specialties=("business",),
        since_days=150,
    ),
    StaffMember(
        first="Marc",
        last="Lefèvre",
        email="m.lefevre@federation.example",
        role=Role.JURIST,
        specialties=("business",),
        until_days=151,
    ),
    StaffMember(first="Sophie", last="Delmas", email="s.delmas@reseau-partenaire.example", role=Role.PARTNER_JURIST),
    StaffMember(first="Paul", last="Marchand", email="p.marchand@federation.example", role=Role.ADMIN),
    _delegate("Maïwenn", "Le Bihan", "bretagne", "bretagne"),
    _delegate("Sandrine", "Vallier", "aura", "auvergne-rhone-alpes"),
    _delegate("Florent", "Chabert", "aura", "auvergne-rhone-alpes", can_answer=False),
    _delegate("Anne", "Courbet", "bfc", "bourgogne-franche-comte"),
    _delegate("Hugo", "Rabier", "cvdl", "centre-val-de-loire", can_answer=False),
    _delegate("Séverine", "Wattel", "hdf", "hauts-de-france"),
    _delegate("Farid", "Hamidi", "idf", "ile-de-france"),
    _delegate("Claudine", "Vauquelin", "normandie", "normandie"),
    _delegate("Jérôme", "Etcheverry", "nouvelleaquitaine", "nouvelle-aquitaine"),
    _delegate("Mathilde", "Chassagne", "nouvelleaquitaine", "nouvelle-aquitaine"),
    _delegate("Rémi", "Cazenave", "occitanie", "occitanie"),
    _delegate("Laurence", "Guitton", "pdl", "pays-de-la-loire"),
    _delegate("Paola", "Mattei", "paca", "paca-corse", can_answer=False),
    _delegate("Josiane", "Cabrion", "guadeloupe", "guadeloupe", "guyane"),
    _delegate("Willy", "Técher", "oceanindien", "ocean-indien"),
)

FIXED = (
    Seat(
        key="jardins",
        name="Les Jardins du Pré Commun",
        main="ACI",
        departement="56",
        city="Ploërmel",
        headcount=(24, 18),
        appetite=9,
    ),
    Seat(key="tregor", name="Recyclerie du Trégor", main="ACI", departement="22", city="Lannion", appetite=2),
    Seat(key="blosne", name="Atelier du Blosne", main="ACI", departement="35", city="Rennes", appetite=2),
    Seat(
        key="armor",
        name="Cap Services Armor",
        main="AI",
        departement="22",
        city="Saint-Brieuc",
        extras=("SAP",),
        appetite=2,
    ),
    Seat(key="verts56", name="Emplois Verts 56", main="EI", departement="56", city="Vannes", appetite=2),
    Seat(key="terres", name="Terres d’Ici", main="ACI", departement="29", city="Quimper", appetite=2),
    Seat(
        key="large",
        name="Les Compagnons du Large",
        main="ACI",
        departement="29",
        city="Brest",
        extras=("EI",),
        appetite=2,
    ),
    Seat(
        key="ardennes", name="Tremplin Ardennes", main="EI", departement="08", city="Charleville-Mézières", appetite=3
    ),
    Seat(key="coupdmain", name="Coup d’Main 44", main="AI", departement="44", city="Nantes", appetite=3),
    Seat(key="lien", name="Chantiers du Lien", main="ACI", departement="59", city="Roubaix", appetite=2),
    Seat(key="textile", name="Fab’Textile", main="EI", departement="62", city="Lens", appetite=2),
    Seat(key="vallee", name="Relais Vallée", main="ACI", departement="38", city="Vienne", appetite=2),
    Seat(
        key="ouest",
        name="Groupe Rives d’Ouest",
        main="GES",
        departement="44",
        city="Saint-Nazaire",
        headcount=(9, 0),
        appetite=4,
        group_of=("coupdmain", "rives-aci", "rives-etti"),
    ),
    Seat(
        key="rives-aci", name="Les Ateliers des Rives", main="ACI", departement="44", city="Saint-Nazaire", appetite=2
    ),
    Seat(key="rives-etti", name="Rives Intérim", main="ETTI", departement="44", city="Nantes", appetite=2),
    Seat(key="vilaine", name="Solidarité Emploi Vilaine", main="AI", departement="35", city="Redon", appetite=3),
    Seat(
        key="maroni",
        name="Chantiers du Maroni",
        main="ACI",
        departement="973",
        city="Saint-Laurent-du-Maroni",
        appetite=2,
    ),
    Seat(
        key="fournaise",
        name="Les Jardins de la Fournaise",
        main="ACI",
        departement="974",
        city="Saint-Pierre",
        appetite=2,
    ),
    Seat(key="madinina", name="Madinina Services", main="AI", departement="972", city="Fort-de-France", appetite=2),
    Seat(key="possibles", name="L’Atelier des Possibles", main="EBE", departement="79", city="Bressuire", appetite=2),
)

PEOPLE = (
    KnownPerson(
        structure="jardins",
        first="Claire",
        last="Morvan",
        email="c.morvan@jardins-pre-commun.example",
        title="directrice",
    ),
    KnownPerson(
        structure="tregor",
        first="Gwenaël",
        last="Tanguy",
        email="g.tanguy@recyclerie-tregor.example",
        title="directeur",
    ),
    KnownPerson(
        structure="ouest",
        first="Isabelle",
        last="Renou",
        email="i.renou@rives-ouest.example",
        title="directrice générale",
        scope=MandateScope.GROUP,
    ),
    KnownPerson(
        structure="vilaine", first="Yann", last="Kermarrec", email="y.kermarrec@deux-rives.example", title="président"
    ),
    KnownPerson(
        structure="ouest", first="Yann", last="Kermarrec", email="y.kermarrec@deux-rives.example", title="trésorier"
    ),
    KnownPerson(
        structure="vilaine",
        first="Laëtitia",
        last="Hamon",
        email="l.hamon@solidarite-emploi-vilaine.example",
        title="directrice",
    ),
    KnownPerson(
        structure="coupdmain", first="Denis", last="Bricard", email="d.bricard@coup-dmain-44.example", title="directeur"
    ),
    KnownPerson(
        structure="ardennes",
        first="Sylvie",
        last="Jacquemin",
        email="s.jacquemin@tremplin-ardennes.example",
        title="directrice",
    ),
    KnownPerson(
        structure="ptce", first="Romane", last="Auger", email="r.auger@pole-bocage.example", title="coordinatrice"
    ),
    KnownPerson(
        structure="ptce-reunion",
        first="Aurélie",
        last="Payet",
        email="a.payet@pole-hauts.example",
        title="coordinatrice",
    ),
)

ACCOUNTS = (
    ("Adhérente, directrice d’un chantier d’insertion", "c.morvan@jardins-pre-commun.example"),
    ("Adhérente, directrice d’un groupe et de ses structures", "i.renou@rives-ouest.example"),
    ("Adhérent, deux mandats dans deux régions", "y.kermarrec@deux-rives.example"),
    ("Adhérente sans délégation (Grand Est)", "s.jacquemin@tremplin-ardennes.example"),
    ("Coordinatrice d’un PTCE", "r.auger@pole-bocage.example"),
    ("Coordinatrice d’un PTCE, La Réunion", "a.payet@pole-hauts.example"),
    ("Déléguée, Bretagne", "m.lebihan@bretagne.federation.example"),
    ("Déléguée de deux régions, Guadeloupe et Guyane", "j.cabrion@guadeloupe.federation.example"),
    ("Juriste, droit social", "n.benali@federation.example"),
    ("Juriste, droit des affaires", "t.roy@federation.example"),
    ("Responsable du pôle", "h.garnier@federation.example"),
    ("Juriste partenaire, RTES", "s.delmas@reseau-partenaire.example"),
    ("Administration", "p.marchand@federation.example"),
)
"""Role in words and address; everybody else signs in with the same password too."""
