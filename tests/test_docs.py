"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.demo import QUESTIONS
from assistant.settings import Settings

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
TREE = README.split("## The tree")[1].split("```")[1]


def test_every_file_the_tree_names_is_there() -> None:
    folder = ROOT
    for line in TREE.strip().splitlines():
        indented = line.startswith("  ")
        names = re.split(r" {2,}", line.strip())[0].split()
        for name in (n for n in names if "." in n or n.endswith("/")):
            assert ((folder if indented else ROOT) / name).exists(), name
        if not indented:
            folder = ROOT / names[0]


def test_the_true_output_shows_the_questions_the_demo_asks() -> None:
    assert all(f"Question: {question}" in README for question in QUESTIONS)


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"embeddings_model", "embeddings_key"}))
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"COUNCIL_{name.upper()}" in README


def test_every_make_target_the_readme_names_is_made() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"\bmake ([a-z-]+)", README)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE) or target in ("as", "it", "in"), target


def test_the_project_names_no_path_of_the_machine_it_was_made_on() -> None:
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "Makefile", ROOT / "requirements.lock"):
        assert not re.search(r"/(?:home|root|tmp|work)/", path.read_text(encoding="utf-8")), path
