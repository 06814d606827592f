"""What the figures mean, in the words of the pages, of the files and of ``docs/delais.md``."""

from helpdesk.juri_ptce.reporting import DEFINITIONS as JURI_DEFINITIONS
from helpdesk.kb.queries import AVOIDED_DEFINITION

DEFINITIONS = (
    (
        "Questions reçues",
        (
            "les questions arrivées pendant la période, par tous les canaux, à la date de leur arrivée réelle et non "
            "de leur saisie. Un doublon n’est pas compté : c’est la même question."
        ),
    ),
    (
        "Délai brut",
        (
            "de la réception à la première réponse complète que l’on peut lire, par la délégation ou par le pôle. "
            "C’est le chiffre publié. Un accusé, une précision demandée, un appel ou une transmission n’est pas une "
            "réponse ; rien ne le remet à zéro, et une réouverture a son propre délai."
        ),
    ),
    (
        "Jours",
        (
            "des jours de calendrier. La médiane, le neuvième décile et la part dans l’objectif se comptent de date à "
            "date, à Paris : le jour de la réception est le jour 0. La moyenne se calcule à la seconde, pour que les "
            "parts de chacun s’additionnent."
        ),
    ),
    (
        "Délai net",
        (
            "le délai brut moins l’attente d’une précision de l’adhérent. Il figure à côté du délai brut et ne le "
            "remplace jamais."
        ),
    ),
    (
        "Qui avait la question",
        (
            "la délégation, le pôle, l’adhérent dont on attend une précision, le relais où la réponse attend le mot de "
            "la délégation. Les quatre font le délai brut, à la seconde. Sans délégation, le tri revient au pôle."
        ),
    ),
    (
        "Médiane",
        "la moitié des réponses a demandé moins de jours, l’autre moitié davantage.",
    ),
    (
        "Neuvième décile",
        "neuf réponses sur dix n’ont pas demandé plus de jours.",
    ),
    (
        "Objectif",
        (
            "une réponse dans les jours que vise le service, pour neuf questions sur dix. L’objectif qui "
            "compte est celui qui était en vigueur à la réception ; en jours ouvrés, c’est la date annoncée qui décide."
        ),
    ),
    (
        "À la date annoncée",
        (
            "la date donnée à l’adhérent est un jour ouvré, et une attente de sa part la repousse. Une réponse peut "
            "venir à cette date et dépasser l’objectif."
        ),
    ),
    (
        "Sans réponse",
        (
            "les questions de la période encore ouvertes, sans réponse à ce jour. Leur délai n’est pas connu et "
            "n’entre dans aucune moyenne : leur nombre et leur âge sont donnés avec elles. Celles qui attendent une "
            "précision de l’adhérent ne sont pas hors délai : leur compte est arrêté."
        ),
    ),
    (
        "Petits nombres",
        (
            "avec moins de dix réponses, ni moyenne, ni médiane, ni pourcentage. Hors du pôle, un nombre inférieur à "
            "cinq n’est pas dit, ni celui qu’on pourrait en déduire."
        ),
    ),
)
"""Terms of the page « Délais » and of the annual report."""

REPORT_DEFINITIONS = (
    *DEFINITIONS,
    (
        "Année",
        (
            "une question appartient à l’année où elle est arrivée, à Paris. Tant que l’année n’est pas finie, la "
            "comparaison porte sur les mêmes jours de l’année précédente ; une année où le service n’a pas reçu de "
            "question dès janvier n’est pas comparée."
        ),
    ),
    (
        "Questions urgentes",
        (
            "d’urgence 2 ou 3, confirmée ou non par une personne, telle qu’elle est retenue aujourd’hui. Les 24 heures "
            "se comptent à l’horloge, de la réception à la première réponse complète : un appel ou un accusé n’en est "
            "pas une."
        ),
    ),
    (
        "Rouvertes, corrigées",
        (
            "les questions de l’année rouvertes au moins une fois depuis, et celles dont la réponse a reçu un "
            "rectificatif publié. Chacune est comptée une fois."
        ),
    ),
    (
        "Satisfaction",
        (
            "le dernier avis donné sur chaque question de l’année, par la personne qui l’a posée ou une autre de sa "
            "structure. Le taux est celui des questions répondues."
        ),
    ),
    (
        "Résolues par la FAQ",
        (
            "une estimation, et non un compte : les questions de l’année closes parce qu’une fiche y répondait, plus "
            "les questions évitées."
        ),
    ),
    ("Questions évitées", AVOIDED_DEFINITION),
    (
        "Fiches",
        (
            "celles que les adhérents peuvent lire. Publiée : pour la première fois ; révisée : de nouveaux mots ; "
            "relue et confirmée : trouvée juste telle quelle. Chaque fiche est comptée une fois."
        ),
    ),
    (
        "Recherches sans résultat",
        (
            "les mots cherchés au moins cinq fois en vain. Ceux qui peuvent nommer quelqu’un ne sont pas gardés, et "
            "aucun ne l’est plus d’un an."
        ),
    ),
)
_TOLD_OF_JURI = {"PTCE accompagnés", "Séances tenues", "Questions répondues", "Délai"}
JURI_TERMS = tuple((f"Juri-PTCE : {term}", words) for term, words in JURI_DEFINITIONS if term in _TOLD_OF_JURI)
