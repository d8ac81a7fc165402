"""What the documents tell people to type exists."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from zhclip.cli.main import app

REPOSITORY = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")


def commands(document: str) -> list[str]:
    """The lines of the shell examples of a document, without their comments."""
    blocks = re.findall(r"```bash\n(.*?)```", (REPOSITORY / document).read_text(encoding="utf-8"), re.DOTALL)
    return [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]


def check_zhclip(words: list[str]) -> None:
    command = typer.main.get_command(app)
    context = command.make_context("zhclip", words[:1], resilient_parsing=True)
    subcommand = command.get_command(context, words[0])  # type: ignore[attr-defined]
    assert subcommand is not None, f"no command {words[0]}"
    options = {option for parameter in subcommand.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


@pytest.mark.parametrize(("document", "line"), [(name, line) for name in READMES for line in commands(name)])
def test_a_command_of_the_readme_exists(document: str, line: str) -> None:
    program, *words = shlex.split(line)
    if program == "zhclip":
        check_zhclip(words)
    elif program == "make":
        assert re.search(rf"^{words[0]}:", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    elif program == "accelerate":
        assert words[0] == "launch"
        files = [words[1], *(words[place + 1] for place, word in enumerate(words) if word == "--config")]
        assert all((REPOSITORY / file).is_file() for file in files)
    else:
        assert line == "pip install ."


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


@pytest.mark.parametrize("document", READMES)
def test_the_python_of_a_readme_runs(document: str, tmp_path: Path) -> None:
    blocks = re.findall(r"```python\n(.*?)```", (REPOSITORY / document).read_text(encoding="utf-8"), re.DOTALL)
    samples = REPOSITORY / "zhclip" / "samples"
    pictures = tmp_path / "Pictures"
    pictures.mkdir()
    for name in ("sunset-sea.jpg", "dog-running.jpg", "coffee.jpg"):
        shutil.copy(samples / name, pictures)
    shutil.copy(samples / "dog-running.jpg", tmp_path / "dog.jpg")
    # The second example searches the library that the first one made.
    environment = {**os.environ, "HOME": str(tmp_path), "ZHCLIP_LIBRARY": "photos.db"}
    command = [sys.executable, "-W", "error::zhclip.errors.ZhclipWarning", "-c", "\n".join(blocks)]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    first = next(line for line in result.stdout.splitlines() if line.startswith("1 "))
    assert first.endswith("sunset-sea.jpg")


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
