"""What ``accelerate launch train/stage1.py`` and ``stage2.py`` run."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from zhclip.errors import ZhclipError
from zhclip.messages import gettext_noop, translate, translate_gettext

_OF_ARGPARSE = (
    gettext_noop("usage: "),
    gettext_noop("positional arguments"),
    gettext_noop("options"),
    gettext_noop("show this help message and exit"),
    gettext_noop("the following arguments are required: %s"),
    gettext_noop("unrecognized arguments: %s"),
    gettext_noop("expected one argument"),
    gettext_noop("argument %(argument_name)s: %(message)s"),
    gettext_noop("%(prog)s: error: %(message)s\n"),
    gettext_noop("invalid %(type)s value: %(value)r"),
)


def main(default: Path, description: str) -> None:
    """Read the command line, train, and exit: 2 for bad use, 1 for a failure on the way.

    Args:
        default: The configuration that is used when none is named.
        description: What the stage does, for ``--help``; a message of the catalogue.
    """
    translate_gettext()
    parser = argparse.ArgumentParser(
        description=translate(description),
        epilog=translate(
            "example: {command}",
            command="accelerate launch train/stage1.py --config configs/mini/stage1.yaml optimizer.batch_size=512",
        ),
    )
    parser.add_argument(
        "--config",
        type=Path,
        default=default,
        help=translate("YAML file (default: {path})", path=f"configs/{default.parent.name}/{default.name}"),
    )
    parser.add_argument(
        "overrides", nargs="*", metavar="section.key=value", help=translate("values that differ from the file's")
    )
    arguments = parser.parse_args()

    from transformers.utils import logging as transformers_logging

    from zhclip.training.config import load_config
    from zhclip.training.loop import train
    from zhclip.training.memory import keep_freed_memory

    logging.getLogger("accelerate").setLevel(logging.ERROR)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    keep_freed_memory()
    try:
        train(load_config(arguments.config, arguments.overrides))
    except ZhclipError as error:
        print(f"zhclip: {translate(str(error))}", file=sys.stderr)  # noqa: T201 - a command's output
        sys.exit(error.exit_status)
    except KeyboardInterrupt:
        stopped = translate("stopped; the same command goes on from the last checkpoint")
        print(f"zhclip: {stopped}", file=sys.stderr)  # noqa: T201
        sys.exit(130)
