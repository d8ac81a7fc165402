"""The errors that zhclip raises, and the warnings that it gives.

    ZhclipError
      ConfigError              a configuration file or value
      DataError                training or evaluation data
      PictureError             one picture that cannot be read
        PictureGoneError         a picture of a library whose file is gone
      QueryError               a query that cannot be searched for
      TrainingError            a training run that cannot go on
      ModelError               a model or a checkpoint
        ModelNotFoundError       no such model
      LibraryError             a photo library
        LibraryNotFoundError     no such library, or nothing in it yet
        LibraryLockedError       it is in use where it cannot be shared
        ModelMismatchError       it was made with another model
        FolderError              a folder to index is missing, or holds no pictures
        TableError               a file to import is damaged, or is not what an export writes
        StoreError               its store failed on the way
        ServiceError             a zhclip service cannot be reached, is busy, or refuses

    ZhclipWarning
      TextCutWarning           a text was longer than the model reads
      UnknownTextWarning       the model knows no word of a text
      SlowLibraryWarning       a library grew past what its store searches fast

Every message says what was wrong, with which value or file, and what to do.
"""

from zhclip.messages import Message


class _Explained(Exception):  # noqa: N818 - warnings are of it, too
    """An exception that says a :class:`~zhclip.messages.Message`.

    Args:
        template: The message in English, with ``{names}`` where its values go. It is also what the
            catalogue knows the message by, so it is a literal at every ``raise``.
        values: The values by name; without any, the template is the message as it stands.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        self.message = Message(template, **values)
        super().__init__(self.message)

    def __str__(self) -> Message:
        return self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message)

    @property
    def template(self) -> str:
        """The message without its values."""
        return self.message.template

    @property
    def values(self) -> dict[str, object]:
        """The values by name."""
        return self.message.values


class ZhclipError(_Explained):
    """Base of every error that zhclip raises on purpose.

    ``code`` is what a program knows the kind of the error by; it stays the same from version to version.
    ``exit_status`` is what a command exits with: 2 where the request could not be
    carried out as given (the default), 1 where something failed on the way.
    """

    code: str = "failed"
    exit_status: int = 2


class ConfigError(ZhclipError):
    """A configuration file or value is wrong."""

    code = "invalid_configuration"


class DataError(ZhclipError):
    """Training or evaluation data is missing or unusable."""

    code = "invalid_data"


class PictureError(ZhclipError):
    """One picture cannot be read."""

    code = "invalid_picture"


class PictureGoneError(PictureError):
    """A picture of a library has no file any more that may be opened."""

    code = "picture_gone"


class QueryError(ZhclipError):
    """A query cannot be searched for."""

    code = "invalid_query"


class TrainingError(ZhclipError):
    """A training run cannot go on; what it had saved is kept."""

    code = "training_failed"
    exit_status = 1


class ModelError(ZhclipError):
    """A model or a checkpoint is wrong."""

    code = "model"


class ModelNotFoundError(ModelError):
    """No model of that name, folder or file exists."""

    code = "no_model"


class LibraryError(ZhclipError):
    """A photo library cannot do what was asked."""

    code = "library"


class LibraryNotFoundError(LibraryError):
    """The library does not exist, or holds nothing yet."""

    code = "no_library"


class LibraryLockedError(LibraryError):
    """The library is in use where it cannot be shared: on another machine, say, or by a process that holds it alone."""

    code = "library_locked"


class ModelMismatchError(LibraryError):
    """The library was made with another model."""

    code = "model_mismatch"


class FolderError(LibraryError):
    """A folder that is to be indexed is missing, cannot be read, or holds no pictures."""

    code = "invalid_folder"


class TableError(LibraryError):
    """A file that is to be imported is damaged, or is not what an export writes; the library is as before."""

    code = "invalid_table"
    exit_status = 1


class StoreError(LibraryError):
    """The store of a library failed while it was working: what was written before stays."""

    code = "store_failed"
    exit_status = 1


class ServiceError(LibraryError):
    """A zhclip service cannot be reached, is busy, or refuses."""

    code = "service"
    exit_status = 1


class ZhclipWarning(_Explained, UserWarning):
    """Base of every warning that zhclip gives."""


class TextCutWarning(ZhclipWarning):
    """A text was longer than the model reads; the end was left out."""


class UnknownTextWarning(ZhclipWarning):
    """The model knows no word of a text; nothing is found for it with confidence."""


class SlowLibraryWarning(ZhclipWarning):
    """A library grew past the size that its store searches fast."""


def error_kinds(base: type[ZhclipError] = ZhclipError) -> dict[str, type[ZhclipError]]:
    """List the errors by their codes.

    Args:
        base: The error whose kinds are listed, itself included.
    """
    kinds = {base.code: base} if "code" in vars(base) else {}
    for kind in base.__subclasses__():
        kinds |= error_kinds(kind)
    return kinds


def _rebuild(kind: type[_Explained], message: Message) -> _Explained:
    return kind(message.template, **message.values)
