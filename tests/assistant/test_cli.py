"""The command line as a person meets it: real files, a real library, what is printed and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from assistant import cli

LETTER = """Dear Mrs Quillfeather,

Your rent account FM-20114 is £86.20 in arrears. You must pay £10.00 each week from Monday 6 July 2026.

Please ring Jo Sandpiper on 01632 960155 if you cannot pay.
"""
NOTICE = "Bins in Kettlebeck are emptied on Fridays from 3 August 2026. Garden waste is not collected in January."


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "letter.txt").write_text(LETTER)
    (folder / "notice.md").write_text(NOTICE)
    return folder


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: object) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["council", *map(str, words)])
    code = 0
    try:
        cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.fixture
def council(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda *words: run(capsys, monkeypatch, *words)


def test_files_are_added_asked_and_removed(council: Any, files: Path) -> None:
    code, out, err = council("add", files)
    assert (code, err) == (0, "")
    assert out.count("added ") == 2

    code, out, _ = council("ask", "How much is in arrears on FM-20114?")
    assert code == 0
    assert "£86.20" in out
    assert "letter.txt" in out

    code, out, _ = council("search", "garden waste", "--json")
    assert json.loads(out)[0]["document_name"] == "notice.md"

    code, out, _ = council("remove", "letter.txt")
    assert (code, out) == (0, "removed    letter.txt\n")
    _, out, _ = council("list", "--json")
    assert [document["name"] for document in json.loads(out)] == ["notice.md"]
    _, out, _ = council("ask", "How much is in arrears on FM-20114?", "--json")
    assert json.loads(out)["draft"]["statements"] == []


def test_adding_again_changes_nothing(council: Any, files: Path) -> None:
    council("add", files)
    code, out, _ = council("add", files / "letter.txt", "--json")
    report = json.loads(out)
    assert code == 0
    assert [d["name"] for d in report["unchanged"]] == ["letter.txt"]
    assert report["added"] == report["refused"] == []


def test_a_refused_file_is_one_sentence_and_the_others_are_kept(council: Any, files: Path) -> None:
    (files / "empty.docx").touch()
    code, out, err = council("add", files)
    assert code == 1
    assert out.count("added ") == 2
    assert re.fullmatch(r"refused    .*empty\.docx.*\.\n", err)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["list"], "no workspace"),
        (["list", "-w", "nowhere"], "nowhere"),
        (["ask", "???"], "Nothing was asked"),
        (["remove", "nothing.txt"], "no workspace"),
    ],
)
def test_a_mistake_is_one_sentence_on_standard_error(council: Any, words: list[str], says: str) -> None:
    code, out, err = council(*words)
    assert (code, out) == (1, "")
    assert says in err
    assert err.startswith("council: ")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_a_setting_that_cannot_be_used_is_named(council: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNCIL_CHROMA_URL", "localhost")
    code, _, err = council("list")
    assert code == 1
    assert "COUNCIL_CHROMA_URL" in err


def test_wrong_use_exits_with_two(council: Any) -> None:
    assert council("ask")[0] == 2
    assert council("search", "x", "--limit", "0")[0] == 2


def test_every_command_that_answers_can_print_json() -> None:
    commands = get_command(cli.app).commands  # type: ignore[attr-defined]  # a group, and typer does not say so
    answering = {"add", "list", "workspaces", "remove", "reindex", "search", "ask", "demo", "doctor"}
    assert set(commands) == answering | {"ui", "models"}
    for name in answering:
        assert any("--json" in option.opts for option in commands[name].params), name


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; sys.argv = ['council', '--help']\n"
        "from assistant.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'numpy', 'chromadb', 'unstructured', 'streamlit', 'openai', 'langchain_core', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stderr.strip() == "[]"
