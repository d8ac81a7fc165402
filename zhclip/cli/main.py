"""The ``zhclip`` command: its commands, and how errors and warnings reach the terminal."""

from __future__ import annotations

import os
import sys
import warnings
from importlib.metadata import version
from typing import Annotated, TextIO

import typer

from zhclip.cli.calibrate import calibrate
from zhclip.cli.classify import classify
from zhclip.cli.convert import convert, export_onnx
from zhclip.cli.data import check
from zhclip.cli.demo import demo
from zhclip.cli.describe import describe
from zhclip.cli.evaluate import evaluate
from zhclip.cli.index import index, reindex, remove
from zhclip.cli.moving import export, import_, migrate
from zhclip.cli.search import search
from zhclip.cli.serve import serve
from zhclip.cli.status import status
from zhclip.cli.usage import Command, Group, QueryCommand, refusal
from zhclip.cli.why import why
from zhclip.errors import ZhclipError, ZhclipWarning
from zhclip.messages import translate, translate_gettext

INTERRUPTED = 130
PICTURES = translate("Your pictures")
MODELS = translate("Models")


def examples(*lines: str) -> str:
    """The examples at the end of a command's help."""
    return "\n\n".join([translate("Examples:"), *(f"  {line}" for line in lines)])


app = typer.Typer(
    cls=Group,
    help=translate("Search your pictures in Chinese and English, on your own machine."),
    epilog=examples("zhclip index ~/Pictures", "zhclip search 夕阳 大海 沙滩", "zhclip demo"),
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(
    cls=Command,
    help=translate("Put the pictures of folders into the library, or bring it up to date."),
    epilog=examples("zhclip index ~/Pictures", "zhclip index ~/Pictures /mnt/photos --library photos.db"),
    rich_help_panel=PICTURES,
)(index)
app.command(
    cls=QueryCommand,
    help=translate("Find pictures by words in Chinese, English or both, by pictures, or by all of these."),
    epilog=examples(
        "zhclip search 夕阳 大海 沙滩",
        "zhclip search a dog running on grass --top-k 5",
        "zhclip search --image dog.jpg --json",
        "zhclip search 街景 --image car.jpg:2 --exclude 人",
        "zhclip search 花 --also 蜜蜂:2 --orientation landscape --taken-from 2024-05",
        "zhclip search 狗 --also 海滩 --every",
        "zhclip search a beach without people --near 18.25,109.5 --within 50",
    ),
    rich_help_panel=PICTURES,
)(search)
app.command(
    cls=Command,
    help=translate("Find the captions that describe a picture: among the library's, or in a list."),
    epilog=examples("zhclip describe dog.jpg", "zhclip describe dog.jpg --captions captions.txt"),
    rich_help_panel=PICTURES,
)(describe)
app.command(
    cls=QueryCommand,
    help=translate("Say why a picture fits a query: which words carried it, and where in the picture they are."),
    epilog=examples('zhclip why "雪地里的一只狗" dog.jpg', 'zhclip why "a red car" car.jpg --out heat.png'),
    rich_help_panel=PICTURES,
)(why)
app.command(
    cls=Command,
    help=translate("Open the library as a web page on this machine."),
    epilog=examples("zhclip demo", "zhclip demo --samples", "zhclip demo --library photos.db --port 8000"),
    rich_help_panel=PICTURES,
)(demo)
app.command(
    cls=Command,
    help=translate("Serve the library to other programs over HTTP, and the page with it."),
    epilog=examples(
        "zhclip serve", "zhclip serve --host 0.0.0.0 --token SECRET --auth me:SECRET", "zhclip serve --no-page"
    ),
    rich_help_panel=PICTURES,
)(serve)
app.command(
    cls=Command,
    help=translate("Show what the library holds."),
    epilog=examples("zhclip status", "zhclip status --failed", "zhclip status --json"),
    rich_help_panel=PICTURES,
)(status)
app.command(
    cls=Command,
    help=translate("Take pictures out of the library; the files stay."),
    epilog=examples("zhclip remove ~/Pictures/old", "zhclip remove dog.jpg"),
    rich_help_panel=PICTURES,
)(remove)
app.command(
    cls=Command,
    help=translate("Embed the library's pictures with another model; the old one answers until it is done."),
    epilog=examples("zhclip reindex --model ViT-B-16", "zhclip reindex"),
    rich_help_panel=PICTURES,
)(reindex)
app.command(
    cls=Command,
    help=translate("Copy the library to another file or a Milvus server, and check the copy."),
    epilog=examples("zhclip migrate --to http://127.0.0.1:19530", "zhclip migrate --to /mnt/disk/photos.db"),
    rich_help_panel=PICTURES,
)(migrate)
app.command(
    cls=Command,
    help=translate("Write the library's pictures and vectors to a Parquet file."),
    epilog=examples("zhclip export photos.parquet"),
    rich_help_panel=PICTURES,
)(export)
app.command(
    "import",
    cls=Command,
    help=translate("Read a Parquet file that zhclip export wrote into the library."),
    epilog=examples("zhclip import photos.parquet --library photos.db"),
    rich_help_panel=PICTURES,
)(import_)
app.command(
    "eval",
    cls=Command,
    help=translate("Measure a model: recall over captioned pictures, or zero-shot accuracy over labelled ones."),
    epilog=examples(
        "zhclip eval val.jsonl",
        "zhclip eval MUGE/valid_texts.jsonl --model finetuned.pt --predictions predictions",
        "zhclip eval photos-by-class --zero-shot --output report",
    ),
    rich_help_panel=MODELS,
)(evaluate)
app.command(
    cls=Command,
    help=translate("Say which of some names fits each picture best, or that none does."),
    epilog=examples(
        "zhclip classify cat.jpg --labels '猫,狗,a horse'", "zhclip classify *.jpg --labels-file labels.txt"
    ),
    rich_help_panel=MODELS,
)(classify)
app.command(
    cls=Command,
    help=translate("Convert a model between Chinese-CLIP's .pt file and a transformers folder."),
    epilog=examples("zhclip convert finetuned.pt my-model", "zhclip convert my-model finetuned.pt"),
    rich_help_panel=MODELS,
)(convert)
app.command(
    "export-onnx",
    cls=Command,
    help=translate("Write a model as ONNX files, which run without PyTorch."),
    epilog=examples("zhclip export-onnx mini-onnx", "zhclip export-onnx b16-onnx --model ViT-B-16"),
    rich_help_panel=MODELS,
)(export_onnx)

app.command(
    cls=Command,
    help=translate("Learn what a model's scores mean, so that a search can say that nothing fits."),
    epilog=examples(
        "zhclip calibrate val.jsonl --model my-model --plot reliability.png",
        "zhclip calibrate val.jsonl --labelled objects.jsonl:val --model my-model",
    ),
    rich_help_panel=MODELS,
)(calibrate)

data = typer.Typer(cls=Group, help=translate("Look into training data."))
data.command(
    cls=Command,
    help=translate("Read all data of a training run once, and say what is wrong with it."),
    epilog=examples(
        "zhclip data check configs/mini/stage1.yaml",
        "zhclip data check stage1.yaml data.filters.min_side=64 --json",
    ),
)(check)
app.add_typer(data, name="data", rich_help_panel=MODELS)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"zhclip {version('zhclip')}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help=translate("Print the version."))
    ] = False,
) -> None:
    """Print the help where no command is given."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main() -> None:
    """Run the command line and exit: 0 done, 2 could not be done as asked, 1 failed on the way, 130 interrupted."""
    debug = bool(os.environ.get("ZHCLIP_DEBUG"))
    translate_gettext()
    for stream in (sys.stdout, sys.stderr):
        # A file name may hold what the terminal's encoding does not.
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    warnings.showwarning = _show_warning
    if not debug:
        # Other libraries' warnings are for developers.
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", ZhclipWarning)
    try:
        result = app(prog_name="zhclip", standalone_mode=False)
        if result == INTERRUPTED:
            _say(translate("stopped; what is done stays"))
        sys.exit(result)
    except KeyboardInterrupt:
        _say(translate("stopped; what is done stays"))
        sys.exit(INTERRUPTED)
    except typer.TyperException as error:
        _say(translate("{problem} (see zhclip --help)", problem=refusal(error)))
        sys.exit(error.exit_code)
    except ZhclipError as error:
        if debug:
            raise
        _say(translate(str(error)))
        sys.exit(error.exit_status)
    except Exception as error:
        if debug:
            raise
        _say(
            translate("unexpected error: {kind}: {error} (see ZHCLIP_DEBUG=1)", kind=type(error).__name__, error=error)
        )
        sys.exit(1)


def _say(message: str) -> None:
    print(f"zhclip: {' '.join(message.split())}", file=sys.stderr)  # noqa: T201


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    text = translate(str(message)) if issubclass(category, ZhclipWarning) else f"{category.__name__}: {message}"
    _say(translate("warning: {text}", text=text))
