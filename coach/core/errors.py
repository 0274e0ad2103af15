"""The errors that Coach shows to people. Raised anywhere, caught in five places (README, "How it works")."""


class CoachError(Exception):
    """A failure with words for a person: what happened, and what to do about it.

    `code` is the slug in JSON errors; `exit_code` is the process status.
    """

    code = "failure"
    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InvalidInput(CoachError):
    """Words, a file or an option that cannot be understood."""

    code = "invalid"
    exit_code = 2


class NotFound(CoachError):
    """No record has that id or name."""

    code = "not_found"
    exit_code = 3


class Busy(CoachError):
    """Another process holds the role or the lock."""

    code = "busy"
    exit_code = 4


class StoreClosed(CoachError):
    """The store cannot be opened: wrong or missing key, a corrupt file, a full disk. Nothing was changed."""

    code = "store_closed"
    exit_code = 5


class Unavailable(CoachError):
    """A part that Coach can live without is missing: a display, a bus, a model file, the network."""

    code = "unavailable"
    exit_code = 1


class ModelMissing(Unavailable):
    """A model's file or version is not there."""

    code = "model_missing"


class ModelBroken(Unavailable):
    """What should be a model is none: truncated, damaged, or another program's. Its baseline serves."""

    code = "model_broken"


class ModelForeign(ModelBroken):
    """A sound model that is not the one that was asked for: other inputs, outputs or shapes."""

    code = "model_foreign"
