"""The `council` command. Data goes to standard output, everything else to standard error.

Exit codes: 0 done; 1 it could not be done, or a file was refused (a sentence says why); 2 wrong use of the command
line; 130 interrupted, with everything finished so far kept.

Imports stay inside the commands, so that `council --help` starts at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ingestion.library import Progress, Workspace

app = typer.Typer(
    name="council",
    help="Drafts from council documents, every statement tied to the words it came from.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)
models = typer.Typer(help="Optional model files.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(models, name="models")

WorkspaceName = Annotated[
    str | None, typer.Option("--workspace", "-w", help="The team or case; COUNCIL_WORKSPACE, else “main”.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def main() -> None:
    """Run the command; a problem a person can mend becomes one sentence and exit code 1."""
    from ingestion.errors import CouncilError

    try:
        app()
    except CouncilError as problem:
        typer.echo(f"council: {problem}", err=True)
        sys.exit(1)
    except KeyboardInterrupt:
        typer.echo("council: stopped; what was finished is kept.", err=True)
        sys.exit(130)


@app.command()
def add(
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders of them.", show_default=False)],
    workspace: WorkspaceName = None,
    as_json: AsJson = False,
) -> None:
    """Read files into a workspace. A file that is there already changes nothing."""
    with _open(workspace, create=True) as place:
        report = place.add(paths, on_progress=_progress())
        _clear_progress()
        if as_json:
            _print_json(
                {
                    "workspace": place.name,
                    "added": [d.model_dump(mode="json") for d in report.added],
                    "unchanged": [d.model_dump(mode="json") for d in report.unchanged],
                    "refused": [{"path": str(r.path), "reason": r.reason} for r in report.refused],
                }
            )
        else:
            for document in report.added:
                typer.echo(f"added      {document.name}  ({_size_of(document)})")
            for document in report.unchanged:
                typer.echo(f"unchanged  {document.name}")
    for refusal in report.refused:
        typer.echo(f"refused    {refusal.reason}", err=True)
    if report.refused:
        raise typer.Exit(1)


@app.command("list")
def list_documents(workspace: WorkspaceName = None, as_json: AsJson = False) -> None:
    """List the documents of a workspace, or the workspaces when none is there yet."""
    with _open(workspace) as place:
        documents = place.documents()
        if as_json:
            _print_json([d.model_dump(mode="json") for d in documents])
            return
        for document in documents:
            typer.echo(f"{document.id[:12]}  {document.kind:12}  {document.name}  ({_size_of(document)})")


@app.command()
def workspaces(as_json: AsJson = False) -> None:
    """List the workspaces."""
    names = _library().workspaces()
    if as_json:
        _print_json(names)
    else:
        for name in names:
            typer.echo(name)


@app.command()
def remove(
    documents: Annotated[list[str], typer.Argument(help="File names, or the beginnings of ids.", show_default=False)],
    workspace: WorkspaceName = None,
    as_json: AsJson = False,
) -> None:
    """Remove documents from a workspace; nothing of them stays behind."""
    with _open(workspace) as place:
        removed = []
        for reference in documents:
            removed.append(place.remove(reference))
            if not as_json:
                typer.echo(f"removed    {removed[-1].name}")
        if as_json:
            _print_json([d.model_dump(mode="json") for d in removed])


@app.command()
def reindex(workspace: WorkspaceName = None, as_json: AsJson = False) -> None:
    """Make all vectors and the Chroma index of a workspace anew from its stored passages."""
    with _open(workspace) as place:
        passages = place.reindex(on_progress=_progress())
        _clear_progress()
        if as_json:
            _print_json({"workspace": place.name, "passages": passages})
        else:
            typer.echo(f"indexed    {passages} passages of “{place.name}”")


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="Words, names, references, a postcode, “an exact phrase”.")],
    workspace: WorkspaceName = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many passages.")] = 10,
    document: Annotated[list[str] | None, typer.Option(help="Only in this document; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option(help="Only notes from this day, such as 2026-04-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Only notes up to this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find the passages nearest to a query, by meaning and by words."""
    from assistant.citations import place_of

    with _open(workspace) as place:
        hits = place.search(query, limit=limit, where=_filter(place, document, since, until))
        if as_json:
            _print_json([hit.model_dump(mode="json") for hit in hits])
            return
        for hit in hits:
            where = place_of(place.element(hit.passage.document_id, hit.passage.parts[0].element_id))
            typer.echo(f"{hit.score:.2f}  {hit.document_name}{', ' if where else ''}{where}")
            typer.echo(_indent(hit.passage.text))
    if not hits:
        typer.echo("Nothing found.", err=True)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question, in plain words.")],
    workspace: WorkspaceName = None,
    document: Annotated[list[str] | None, typer.Option(help="Only in this document; may be repeated.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the documents, in their words, with file and page."""
    from assistant.pipeline import run
    from assistant.tasks.ask import Ask
    from assistant.tasks.ask.show import as_text

    task = Ask(question=question)
    with _open(workspace) as place:
        checked = run(task.model_copy(update={"where": _filter(place, document)}), place)
        if as_json:
            _print_json(checked.model_dump(mode="json"))
        else:
            typer.echo(as_text(checked, place))


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the results go.")] = Path("out"),
    as_json: AsJson = False,
) -> None:
    """Read the bundled sample documents and answer questions on them."""
    from assistant import demo as main_job

    results = main_job.run_demo(out, say=(lambda _: None) if as_json else typer.echo)
    if as_json:
        _print_json(results)


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is installed, what is missing and how to get it; exit code 1 when something is broken."""
    from assistant import doctor as examination
    from assistant.settings import Settings

    checks = examination.examine(Settings.from_environment())
    if as_json:
        _print_json([check._asdict() for check in checks])
    else:
        for check in checks:
            typer.echo(f"{check.state:8}  {check.subject}: {check.detail}")
    if any(check.state == "broken" for check in checks):
        raise typer.Exit(1)


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port on this machine.")] = 8501,
) -> None:
    """Start the web app on this machine."""
    import subprocess

    raise typer.Exit(subprocess.run([sys.executable, "-m", "ui", str(port)], check=False).returncode)


@models.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="minilm: finds paraphrases that words alone miss.")],
    timeout: Annotated[int, typer.Option(min=1, help="Give up after this many seconds.")] = 300,
) -> None:
    """Fetch model files once; the product works without them."""
    from ingestion.models import fetch_minilm

    if name != "minilm":
        raise typer.BadParameter(f"there is no model called “{name}”; choose minilm")
    folder = fetch_minilm(timeout_seconds=timeout, on_progress=lambda step: typer.echo(step, err=True))
    typer.echo(folder)


def _library() -> Any:
    from assistant.settings import Settings

    return Settings.from_environment().library()


def _open(name: str | None, *, create: bool = False) -> Workspace:
    from assistant.settings import Settings

    settings = Settings.from_environment()
    return settings.library().workspace(name or settings.workspace, create=create)


def _filter(place: Workspace, documents: list[str] | None, since: str | None = None, until: str | None = None) -> Any:
    from pydantic import ValidationError

    from ingestion.types import Filter

    ids = tuple(place.document(reference).id for reference in documents or ())
    try:
        return Filter.model_validate({"document_ids": ids, "since": since, "until": until})
    except ValidationError as err:
        raise typer.BadParameter("write a day as year-month-day, such as 2026-04-01") from err


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _size_of(document: Any) -> str:
    pages = f"{document.pages} pages, " if document.pages else ""
    return f"{pages}{document.elements} elements, {document.passages} passages"


def _indent(text: str) -> str:
    return "".join(f"      {line}\n" for line in text.splitlines())


def _progress() -> Any:
    """A line that rewrites itself on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return None

    def show(step: Progress) -> None:
        name = step.path.name if step.path else ""
        sys.stderr.write(f"\r\x1b[2K{step.stage} {step.done}/{step.total} {name[:60]}")
        sys.stderr.flush()

    return show


def _clear_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[2K")


if __name__ == "__main__":
    main()
