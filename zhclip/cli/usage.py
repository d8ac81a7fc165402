"""Commands whose help and refusals speak both languages, and that take words as people type them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption, UsageError
from typer.core import TyperCommand, TyperGroup

from zhclip.errors import QueryError
from zhclip.messages import Message, gettext_noop, system_language, translate
from zhclip.validation import problem

if TYPE_CHECKING:
    import typer
    from typer._click.core import Context, Parameter
    from typer._click.formatting import HelpFormatter

_OF_TYPER = (
    # What it says with gettext.
    gettext_noop("Arguments"),
    gettext_noop("Options"),
    gettext_noop("Commands"),
    gettext_noop("(dynamic)"),
    gettext_noop("(deprecated) "),
    gettext_noop("[default: {}]"),
    gettext_noop("default: {default}"),
    gettext_noop("[env var: {}]"),
    gettext_noop("env var: {var}"),
    gettext_noop("[required]"),
    gettext_noop("required"),
    gettext_noop("Aborted."),
    gettext_noop("Aborted!"),
    gettext_noop("Error"),
    gettext_noop("Try [blue]'{command_path} {help_option}'[/] for help."),
    gettext_noop("Missing command."),
    gettext_noop("No such command {name!r}."),
    # What it says in English alone.
    gettext_noop("[OPTIONS]"),
    gettext_noop("COMMAND [ARGS]..."),
    gettext_noop("Show this message and exit."),
    gettext_noop("Install completion for the current shell."),
    gettext_noop("Show completion for the current shell, to copy it or customize the installation."),
    gettext_noop("Install completion for the specified shell."),
    gettext_noop("Show completion for the specified shell, to copy it or customize the installation."),
    gettext_noop("<str>"),
    gettext_noop("<list[str]>"),
    gettext_noop("<path>"),
    gettext_noop("<list[path]>"),
    gettext_noop("<int>"),
    gettext_noop("<int range>"),
    gettext_noop("<float>"),
    gettext_noop("<float range>"),
    gettext_noop("<bool>"),
    gettext_noop("DAY"),
    gettext_noop("FILE[:WEIGHT]"),
    gettext_noop("KM"),
    gettext_noop("LAT,LON"),
    gettext_noop("QUERY"),
    gettext_noop("TEXT[:WEIGHT]"),
    gettext_noop("URL"),
    gettext_noop("USER:PASSWORD"),
)
_WORD_TO_EXCLUDE = re.compile(r"-([^\W\d_A-Za-z].*|[A-Za-z][A-Za-z'’-]*[A-Za-z])", re.DOTALL)
"""``-人`` and ``-people``; but ``-k`` and ``-k5`` are options."""


class _Spoken:
    """What both kinds of command have in common."""

    def get_params(self, ctx: Context) -> list[Parameter]:
        """The parameters, with help in the system's language."""
        params: list[Any] = super().get_params(ctx)  # type: ignore[misc]
        if system_language() == "zh":
            for param in params:
                param.help = translate(param.help or "")
                if param.param_type_name == "option":
                    param.metavar = translate(param.metavar or param.display_type(ctx))
        return params

    def format_usage(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the line of usage."""
        pieces = [translate(piece) for piece in self.collect_usage_pieces(ctx)]  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=translate("Usage: "))

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Take arguments, where all of them are UTF-8."""
        _check_utf8(args)
        rest: list[str] = super().parse_args(ctx, self.prepared(ctx, args))  # type: ignore[misc]
        _check_utf8(_texts(ctx.params.values()))  # of the environment
        return rest

    def prepared(self, ctx: Context, args: list[str]) -> list[str]:
        """The arguments as Click is to see them."""
        return args


class Command(_Spoken, TyperCommand):
    """A command."""


class Group(_Spoken, TyperGroup):
    """A command that has commands."""


class QueryCommand(Command):
    """A command that is given a query: a word with a minus before it is one to exclude, and no option."""

    def prepared(self, ctx: Context, args: list[str]) -> list[str]:
        """The arguments, with a full-width minus before words to exclude, which Click passes on."""
        taking = {name for param in self.get_params(ctx) if _takes_value(param) for name in param.opts}
        prepared: list[str] = []
        before = ""
        for place, argument in enumerate(args):
            if argument == "--":
                return [*prepared, *args[place:]]
            is_word = before not in taking and _WORD_TO_EXCLUDE.fullmatch(argument)
            prepared.append(f"－{argument[1:]}" if is_word else argument)
            before = "" if before in taking else argument
        return prepared


def refusal(error: typer.TyperException) -> Message:
    """What is wrong with the arguments of a command, as Typer says it, but in both languages."""
    if isinstance(error, NoSuchOption):
        if error.possibilities:
            near = ", ".join(sorted(error.possibilities))
            return Message("No such option: {option} (Possible options: {near})", option=error.option_name, near=near)
        return Message("No such option: {option}", option=error.option_name)
    if isinstance(error, MissingParameter):
        if error.param is not None and error.param.param_type_name == "argument":
            return Message("Missing argument {name}", name=_name(error))
        return Message("Missing option {name}", name=_name(error))
    if isinstance(error, BadParameter):
        return Message("Invalid value for {name}: {problem}", name=_name(error), problem=_problem(error))
    if isinstance(error, BadOptionUsage):
        if "requires" in error.message:
            return Message("Option {option!r} requires a value", option=error.option_name)
        return Message("Option {option!r} does not take a value", option=error.option_name)
    if isinstance(error, UsageError) and (
        extra := re.fullmatch(r"Got unexpected extra argument.*? \((.*)\)", error.message)
    ):
        return Message("Got unexpected extra arguments: {arguments}", arguments=extra[1])
    if close := re.fullmatch(r"(.*?)[。.]* Did you mean (.*)\?", error.message):
        return Message("{problem}. Did you mean {near}?", problem=close[1], near=close[2])
    return Message(error.format_message())


def _name(error: BadParameter) -> str:
    return str(error.param_hint or (error.param.get_error_hint() if error.param is not None else ""))


def _problem(error: BadParameter) -> Message:
    for pattern, template in (
        (r"'.*' is not one of (?P<choices>.*)\.", gettext_noop("should be one of {choices}")),
        (r"\w+ (?P<path>'.*') does not exist\.", gettext_noop("there is no {path}; check the path")),
        (r"\w+ (?P<path>'.*') is a file\.", gettext_noop("{path} is a file, not a folder")),
        (r"\w+ (?P<path>'.*') is a directory\.", gettext_noop("{path} is a folder, not a file")),
        (
            r"\w+ (?P<path>'.*') is not (?:read|writ)able\.",
            gettext_noop("{path} may not be used; check its permissions"),
        ),
    ):
        if found := re.fullmatch(pattern, error.message.removeprefix("Value error, "), re.DOTALL):
            return Message(template, **found.groupdict())
    if isinstance(error.__cause__, ValidationError):
        return problem(error.__cause__.errors()[0])
    return Message(error.message)


def _takes_value(param: Any) -> bool:
    return param.param_type_name == "option" and not param.is_flag and not param.count


def _texts(values: Any) -> Iterator[str]:
    for value in values:
        if isinstance(value, list | tuple):
            yield from _texts(value)
        elif isinstance(value, str | os.PathLike):
            yield os.fspath(value)


def _check_utf8(texts: Any) -> None:
    for text in texts:
        try:
            text.encode()
        except UnicodeEncodeError:
            given = os.fsencode(text)
            try:
                meant = given.decode("gb18030")
            except UnicodeDecodeError:
                raise QueryError(
                    "the argument {given} is not UTF-8; give it in UTF-8", given=str(given)[2:-1]
                ) from None
            raise QueryError(
                "the argument {given} is not UTF-8 but GBK, perhaps ({meant}); give it in UTF-8 "
                "(the terminal's encoding and LANG decide)",
                given=str(given)[2:-1],
                meant=meant,
            ) from None
