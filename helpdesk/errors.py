"""What an operation may refuse. Each carries a French message for its reader and an HTTP status."""


class HelpdeskError(Exception):
    """A refusal that its reader can understand and act on."""

    status = 400
    message = "La demande n’a pas pu être traitée."

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.message)
        self.message = message or self.message


class BadInput(HelpdeskError):
    """A value is missing or wrong; *field* names the input, so that the page can point to it."""

    status = 422
    message = "Une information manque ou n’est pas correcte."

    def __init__(self, message: str | None = None, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotAllowed(HelpdeskError):
    """The person sees the object, and may not do this with it."""

    status = 403
    message = "Votre compte ne permet pas cette action."


class NotFound(HelpdeskError):
    """The object does not exist, or is not the reader's to see: both look the same."""

    status = 404
    message = "Page introuvable."


class Conflict(HelpdeskError):
    """The object changed meanwhile; what was typed is kept."""

    status = 409
    message = "Cette question a changé pendant que vous écriviez. Votre texte est gardé."


class InvalidTransition(Conflict):
    """The action does not fit the present status, most often because somebody else was quicker."""

    message = "Cette action n’est plus possible : la question a changé d’état entre-temps."


class TooManyAttempts(HelpdeskError):
    """A throttle holds."""

    status = 429
    message = "Trop d’essais. Attendez quelques minutes, puis recommencez."
