"""What the figures mean, in the words of the pages, of the files and of ``docs/delais.md``. Pure."""

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
            "des jours de calendrier. La médiane, le neuvième décile et la part tenue se comptent de date à date, à "
            "Paris : le jour de la réception est le jour 0. La moyenne se calcule à la seconde, pour que les parts de "
            "chacun s’additionnent."
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
            "une réponse en 10 jours ou moins, pour neuf questions sur dix. L’objectif qui compte est celui qui était "
            "en vigueur à la réception ; en jours ouvrés, c’est la date annoncée qui décide."
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
            "sous dix réponses, ni moyenne, ni médiane, ni pourcentage. Hors du pôle, un nombre inférieur à cinq n’est "
            "pas dit, ni celui qu’une soustraction ferait trouver."
        ),
    ),
)
"""Terms of the page « Délais » and of the annual report."""
