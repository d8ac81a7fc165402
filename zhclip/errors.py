"""The errors that zhclip raises, and the warnings that it gives.

    ZhclipError
      ConfigError              a configuration file or value
      DataError                training or evaluation data
      PictureError             one picture that cannot be read
      QueryError               a query that cannot be searched for
      TrainingError            a training run that cannot go on
      ModelError               a model or a checkpoint
        ModelNotFoundError       no such model
      LibraryError             a photo library
        LibraryNotFoundError     no such library, or nothing in it yet
        LibraryLockedError       another process holds it
        ModelMismatchError       it was made with another model
        FolderError              a folder to index is missing, or holds no pictures
        StoreError               its store failed on the way
        ServiceError             a zhclip service cannot be reached, is busy, or refuses

    ZhclipWarning
      TextCutWarning           a text was longer than the model reads
      SlowLibraryWarning       a library grew past what its store searches fast

Every message says what was wrong, with which value or file, and what to do.
"""


class ZhclipError(Exception):
    """Base of every error that zhclip raises on purpose.

    ``exit_status`` is what a command exits with: 2 where the request could not be
    carried out as given (the default), 1 where something failed on the way.

    Args:
        template: The message in English, with ``{names}`` where its values go. It is also what a
            catalogue knows the message by, so it is a literal at every ``raise``.
        values: The values by name; without any, the template is the message as it stands.
    """

    exit_status: int = 2

    def __init__(self, template: str = "", /, **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.template, self.values)


class ConfigError(ZhclipError):
    """A configuration file or value is wrong."""


class DataError(ZhclipError):
    """Training or evaluation data is missing or unusable."""


class PictureError(ZhclipError):
    """One picture cannot be read."""


class QueryError(ZhclipError):
    """A query cannot be searched for."""


class TrainingError(ZhclipError):
    """A training run cannot go on; what it had saved is kept."""

    exit_status = 1


class ModelError(ZhclipError):
    """A model or a checkpoint is wrong."""


class ModelNotFoundError(ModelError):
    """No model of that name, folder or file exists."""


class LibraryError(ZhclipError):
    """A photo library cannot do what was asked."""


class LibraryNotFoundError(LibraryError):
    """The library does not exist, or holds nothing yet."""


class LibraryLockedError(LibraryError):
    """Another process holds the library."""


class ModelMismatchError(LibraryError):
    """The library was made with another model."""


class FolderError(LibraryError):
    """A folder that is to be indexed is missing, cannot be read, or holds no pictures."""


class StoreError(LibraryError):
    """The store of a library failed while it was working: what was written before stays."""

    exit_status = 1


class ServiceError(LibraryError):
    """A zhclip service cannot be reached, is busy, or refuses."""

    exit_status = 1


class ZhclipWarning(UserWarning):
    """Base of every warning that zhclip gives."""


class TextCutWarning(ZhclipWarning):
    """A text was longer than the model reads; the end was left out."""


class SlowLibraryWarning(ZhclipWarning):
    """A library grew past the size that its store searches fast."""


def _rebuild(kind: type[ZhclipError], template: str, values: dict[str, object]) -> ZhclipError:
    return kind(template, **values)
