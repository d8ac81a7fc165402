"""What the documents tell people to type works."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer
import yaml

from zhclip.cli.main import app
from zhclip.search import Library
from zhclip.search.picture_wire import WhyRequest
from zhclip.search.wire import SearchRequest
from zhclip.server.app import create_service
from zhclip.server.settings import Settings
from zhclip.training.config import load_config

REPOSITORY = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
WRITTEN_OTHERWISE = ("cli.md", "mini.md")  # what --help says, and a record
DOCUMENTS = (
    *READMES,
    *(f"docs/{file.name}" for file in sorted((REPOSITORY / "docs").glob("*.md")) if file.name not in WRITTEN_OTHERWISE),
)


def blocks(document: str, language: str) -> list[str]:
    """The examples of a document in a language."""
    text = (REPOSITORY / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def commands(document: str) -> list[str]:
    """The lines of the shell examples of a document, without their comments, each whole."""
    joined = "".join(blocks(document, "bash")).replace("\\\n", " ")
    lines = [re.sub(r"\s+#.*", "", line).strip() for line in re.sub(r"(?m)^#.*\n", "", joined).splitlines()]
    whole, rest = [], ""
    for line in filter(None, lines):
        rest = f"{rest} {line}" if rest else line
        if rest.count("'") % 2 == 0:
            whole.append(rest)
            rest = ""
    return whole


NOT_RUN = {
    r"make |pip install": "sets up an environment",
    r"accelerate launch": "trains for minutes",
    r"zhclip (demo|serve)|zhclip index .*--watch": "goes on until Ctrl-C",
    r"--server": "needs a service",
    r"http://host:19530": "needs a Milvus server",
    r"ViT-B-16|MUGE": "needs a model or data that is downloaded",
    r"zhclip convert|runs/mini": "needs a model that was trained",
    r"curl ": "needs a service; its address and body are checked",
}
"""Commands whose arguments are parsed, but which are not run, and why."""
NOT_RUN_PYTHON = {
    r'load_model\("ViT-B-16"\)|cn_clip': "needs a model that is downloaded",
    r"RemoteLibrary": "needs a service",
}
"""Examples that are compiled, but not run, and why."""
PREAMBLE = """
from pathlib import Path
import zhclip
from PIL import Image
from zhclip import Library, Part, Query
from zhclip.search import Where
library = Library("photos.db")
hit = library.search(Path("dog.jpg"))[0]
image = Image.open("dog.jpg")
"""
"""What fragments take from what stands around them."""


def reason_not_to_run(example: str, reasons: dict[str, str]) -> str | None:
    """Why an example is not run, where it is not."""
    return next((reason for pattern, reason in reasons.items() if re.search(pattern, example)), None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as the documents' readers have it: pictures, texts and a library."""
    folder = tmp_path_factory.mktemp("home")
    samples = REPOSITORY / "zhclip" / "samples"
    (folder / "Pictures" / "2024").mkdir(parents=True)
    for name in ("sunset-sea.jpg", "dog-running.jpg", "coffee.jpg", "snow-mountain.jpg"):
        shutil.copy(samples / name, folder / "Pictures")
    shutil.copy(samples / "fireworks.jpg", folder / "Pictures" / "2024")
    (folder / "Pictures" / "coffee.txt").write_text("外婆家的咖啡", encoding="utf-8")
    for name in ("dog.jpg", "cat.jpg", "car.jpg", "other.jpg", "street.jpg"):
        shutil.copy(samples / "dog-running.jpg", folder / name)
    (folder / "captions.txt").write_text("一只狗\na cup of coffee\n", encoding="utf-8")
    for label in ("dog", "coffee"):
        (folder / "photos-by-class" / label).mkdir(parents=True)
    shutil.copy(samples / "dog-running.jpg", folder / "photos-by-class" / "dog")
    shutil.copy(samples / "coffee.jpg", folder / "photos-by-class" / "coffee")
    run_python('import zhclip\nwith zhclip.Library() as library: library.add("~/Pictures")', folder)
    return folder


def run_python(code: str, home: Path) -> str:
    """Run code as somebody at home; what it printed."""
    environment = {**os.environ, "HOME": str(home), "ZHCLIP_LIBRARY": "photos.db", "LC_ALL": "C.UTF-8"}
    strict = "import warnings, zhclip.errors\nwarnings.simplefilter('error', zhclip.errors.ZhclipWarning)\n"
    command = [sys.executable, "-c", strict + code]
    result = subprocess.run(command, cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_python_of_a_document_runs(document: str, home: Path) -> None:
    for block in blocks(document, "python"):
        compile(block, document, "exec")
    run = [block for block in blocks(document, "python") if reason_not_to_run(block, NOT_RUN_PYTHON) is None]
    if run:
        run_python("\n".join([PREAMBLE, *run]), home)


def test_the_readme_finds_the_sunset(home: Path) -> None:
    printed = run_python(blocks("README.md", "python")[0], home)
    assert next(line for line in printed.splitlines() if line.startswith("1 ")).endswith("sunset-sea.jpg")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_commands_of_a_document_run(document: str, home: Path) -> None:
    run = [line for line in commands(document) if reason_not_to_run(line, NOT_RUN) is None]
    assert all(line.startswith("zhclip ") for line in run)
    arguments = [
        [str(Path(word).expanduser()) if word.startswith("~") else word for word in shlex.split(line)[1:]]
        for line in run
    ]
    # One process for all of them: each alone would load its libraries anew.
    code = f"""
from pathlib import Path
from zhclip.cli.main import app
for words in {arguments!r}:
    words = [word.replace({str(Path.home())!r}, str(Path.home())) for word in words]
    print(*words, flush=True)
    status = app(words, prog_name="zhclip", standalone_mode=False)
    assert not status, (words, status)
"""
    if run:
        run_python(code, home)


@pytest.mark.parametrize(("document", "line"), [(name, line) for name in DOCUMENTS for line in commands(name)])
def test_a_command_of_a_document_exists(document: str, line: str) -> None:
    program, *words = shlex.split(line)
    if program == "zhclip":
        check_zhclip(words)
    elif program == "make":
        assert re.search(rf"^{words[0]}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    elif program == "accelerate":
        assert words[0] == "launch"
        files = [words[1], *(words[place + 1] for place, word in enumerate(words) if word == "--config")]
        assert all((REPOSITORY / file).is_file() for file in files)
    elif program == "curl":
        check_curl(words)
    else:
        assert line == "pip install ."


def check_zhclip(words: list[str]) -> None:
    """Parse the arguments of a command as it does, and stop there."""
    command, name = typer.main.get_command(app), "zhclip"
    context = command.make_context(name, words[:1], resilient_parsing=True)
    while hasattr(command, "commands"):
        name, *words = words
        command = command.commands[name]
        context = command.make_context(
            name, [] if hasattr(command, "commands") else words, context, resilient_parsing=hasattr(command, "commands")
        )


def check_curl(words: list[str]) -> None:
    """Check that the service has the address of a request, and that its JSON is a request."""
    address = urlsplit(next(word for word in words if word.startswith("http")))
    paths = create_service(Library("nowhere.db"), Settings()).openapi()["paths"]
    assert any(re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), address.path) for path in paths)
    models = {"/v1/search": SearchRequest, "/v1/why": WhyRequest}
    bodies = [words[place + 1] for place, word in enumerate(words) if word == "-d"]
    bodies += [word.removeprefix("request=") for word in words if word.startswith("request=")]
    for body in bodies:
        models[address.path].model_validate_json(body.replace('"ID"', f'"{"0" * 32}"'))


@pytest.mark.parametrize("block", blocks("docs/data.md", "yaml"))
def test_the_configurations_of_the_documents_are_valid(block: str, tmp_path: Path) -> None:
    section = yaml.safe_load(block)["data"]
    sample = yaml.safe_load((REPOSITORY / "configs" / "sample" / "stage1.yaml").read_text(encoding="utf-8"))
    sample["data"] |= section
    (tmp_path / "stage1.yaml").write_text(yaml.safe_dump(sample), encoding="utf-8")
    load_config(tmp_path / "stage1.yaml")


def test_both_readmes_show_the_same_commands_and_files() -> None:
    english, chinese = READMES
    assert commands(english) == commands(chinese)
    assert {link.replace(".zh-CN", "") for link in links(english) | {english}} == {
        link.replace(".zh-CN", "") for link in links(chinese) | {chinese}
    }


def links(document: str) -> set[str]:
    return set(re.findall(r"\]\(([^)]+)\)", (REPOSITORY / document).read_text(encoding="utf-8")))


@pytest.mark.parametrize("document", READMES)
def test_the_links_of_a_readme_lead_somewhere(document: str) -> None:
    assert [link for link in links(document) if not (REPOSITORY / link).exists()] == []


def test_the_reference_of_the_commands_is_what_help_says(tmp_path: Path) -> None:
    written = tmp_path / "cli.md"
    subprocess.run(
        [sys.executable, "-m", "typer", "zhclip.cli.main", "utils", "docs", "--name", "zhclip", "--output", written],
        env={**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8"},
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    assert written.read_text() == (REPOSITORY / "docs" / "cli.md").read_text(), "run: make docs"
