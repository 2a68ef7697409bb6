"""Every command that the documents print is one that works."""

import re
import shlex
from pathlib import Path

import pytest
import typer

from genval_assets.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def commands(word: str) -> list[tuple[str, str]]:
    """Return (document, command) for each line of a shell block that begins with the word."""
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", document.read_text(), re.M | re.S):
            for line in re.split(r"\n|&&", block.replace("\\\n", " ")):
                command = line.split("  #")[0].strip().removeprefix(".venv/bin/")
                found += [(document.name, command)] * command.startswith(word + " ")
    return found


def test_the_readme_prints_commands():
    assert {"demo", "init", "top-up", "dev", "sql"} <= {line.split()[1] for _, line in commands("genval")}


@pytest.mark.parametrize(("document", "line"), commands("genval"))
def test_every_genval_command_is_understood(document, line):
    group = typer.main.get_command(app)
    _, verb, *arguments = shlex.split(line)
    context = group.make_context("genval", [verb], resilient_parsing=True)
    command = group.get_command(context, verb)
    assert command is not None, f"{document}: no verb {verb!r}"
    parser = command.make_parser(context)
    parser.parse_args(list(arguments))


@pytest.mark.parametrize(("document", "line"), commands("make"))
def test_every_make_target_exists(document, line):
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M)
    assert set(line.split()[1:2]) <= set(targets), f"{document}: {line}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda d: d.name)
def test_every_link_and_picture_of_a_document_is_there(document):
    for target in re.findall(r"\]\(([^)#\s]+)", document.read_text()):
        if not target.startswith(("http://", "https://")):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"
