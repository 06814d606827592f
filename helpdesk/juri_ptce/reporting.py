"""What the figures of a period mean. Pure."""

DEFINITIONS = (
    ("PTCE accompagnés", "les PTCE différents qui ont posé une question, ou eu un échange, pendant la période."),
    ("Séances tenues", "les séances ouvertes dont l’après-midi est passé ; une séance annulée n’en est pas une."),
    ("Questions reçues", "les questions des PTCE arrivées pendant la période, par écrit d’abord, doublons exclus."),
    (
        "Questions répondues",
        (
            "celles d’entre elles qui ont une réponse, quel que soit le jour de la réponse. Une question traitée de "
            "vive voix est comptée au téléphone ou en visioconférence, d’après son dernier échange tenu ; les autres, "
            "par écrit."
        ),
    ),
    (
        "Délai",
        (
            "de la réception réelle de la question à la première réponse complète, en jours de calendrier, écrite ou "
            "compte rendu d’un échange ; le délai net en retire l’attente de précisions du PTCE. "
            "Les questions sans réponse n’y entrent pas : leur nombre est donné à côté."
        ),
    ),
    ("Absence", "le PTCE n’est pas venu, et n’avait pas prévenu. Aucune suite n’y est attachée."),
    (
        "Annulation tardive",
        "le PTCE a prévenu le jour même. Elle n’est ni une absence, ni une annulation faite à temps.",
    ),
    ("Annulation par le service", "la séance ou l’échange est annulé par le pôle, ou la question a trouvé sa fin."),
    ("Échange déplacé", "compté une fois à chaque déplacement ; l’échange qui suit est compté pour lui-même."),
    ("Liste d’attente", "les inscriptions sur la liste d’une séance de la période, et ce qu’elles sont devenues."),
)
"""In the words of the page and of ``docs/juri-ptce.md``."""
