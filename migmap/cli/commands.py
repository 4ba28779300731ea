"""The commands, made from the registry and run through the workbench."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from migmap import __version__
from migmap.api import Analysis, Exporter, Problem, declared_fields, part, references_in

from . import report
from .answer import Answer
from .checking import check_command
from .complaints import told
from .explaining import explain_command
from .generated import FILE, FOLDER, NAME, command, option, options_of, positional, switch, values_of
from .joining import join_command
from .reading_options import AUDIENCE, decisions_of, reading_of, reading_options

_Listed = Literal["kinds", "analyses", "exporters", "plugins", "schemes", "rates", "needs"]
_CRS = option(
    "crs", metavar="EPSG:n", help_text="CRS of every input that states none, for example EPSG:4326."
)
_READING = option(
    "reading",
    metavar="INPUT=TEMPLATE",
    many=True,
    help_text="How an input is read: its option and a template (file or name), for example "
    "exposed=dtm.template.json, or the decisions themselves as JSON.",
)
_KEEP = option(
    "keep",
    metavar="CODE",
    many=True,
    help_text="Let out what is otherwise left out of files, such as household-positions. May be given "
    "several times.",
)
_OUT = option(
    "out",
    metavar="FILE",
    many=True,
    help_text="File to write; the ending picks the format. May be given several times.",
)
_IN = option(
    "in_", flag="--in", metavar="FILE", many=True, greedy=True, required=True, help_text="Files to put in."
)
_JSON = switch("json", "Print one JSON document instead of a summary.")
_FILE = positional("file", "FILE", "A file, or FILE::LAYER.")
_TARGET = positional("target", "OUT", "File to write; the ending picks the format.")
_FULL = switch("full", "Read everything, not only the header and the first 1,000 rows.")
_SAVE_TEMPLATE = option(
    "save_template", metavar="FILE", help_text="Write what was decided as a template for the next round."
)
_INFO = "Say what a file holds and what is odd about it."
_CONVERT = (
    "Write a file clean in another format: read as decided, mended where asked, every row accounted for."
)


def parsed(words: list[str], out: TextIO) -> Callable[[], Answer]:
    """The job that `words` ask for; Problem for a bad argument. out: where help and version go."""
    app = _app(words)
    # A fixed width where nobody watches, so that help is the same in every pipe.
    app.console = Console(file=out, highlight=False)
    try:
        called, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise told(error, words) from None
    return partial(_call, called, bound)


def _call(called: Callable[..., Any], bound: inspect.BoundArguments) -> Answer:
    answer = called(*bound.args, **bound.kwargs)
    # Help and version print for themselves.
    return answer if isinstance(answer, Answer) else Answer()


def _app(words: list[str]) -> App:
    app = App(
        name="migmap",
        help="Who is exposed to a hazard, and where services fall short, on one offline map.\n\n"
        "Without a command the window opens: migmap [FILE|PROJECT]...",
        version=f"migmap {__version__}",
        version_flags=["--version"],
        help_format="plaintext",
        usage="Usage: migmap [FILE|PROJECT]...  |  migmap COMMAND",
        result_action="return_value",
    )
    app.command(_demo, name="demo")
    app.command(command("info", _INFO, [_FILE, *reading_options(), _FULL, _JSON], _info), name="info")
    wanted = [_FILE, _TARGET, *reading_options(), _SAVE_TEMPLATE, AUDIENCE, _JSON]
    app.command(command("convert", _CONVERT, wanted, _convert), name="convert")
    app.command(check_command(), name="check")
    app.command(join_command(), name="join")
    first = words[0] if words else ""
    app.command(_run_app(filled=first == "run"), name="run")
    app.command(_export_app(filled=first == "export"), name="export")
    app.command(_recipe, name="recipe")
    app.command(explain_command(), name="explain")
    app.command(_list, name="list")
    return app


def _run_app(filled: bool) -> App:
    app = App(help="Run an analysis: exposure, service-gap, or one a plugin adds.", help_format="plaintext")
    if not filled:
        return app
    from migmap.app.registry import Registry

    analyses = Registry.load().analyses()
    for tool in analyses.values():
        options = [*options_of(declared_fields(tool.Params)), _CRS, _READING, _OUT, AUDIENCE, _JSON]
        app.command(command(tool.name, tool.summary, options, partial(_run, tool)), name=tool.name)
    app.default(_missing_word("analysis", tuple(analyses), "migmap run"))
    return app


def _export_app(filled: bool) -> App:
    app = App(help="Write files in another format, or as a map.", help_format="plaintext")
    if not filled:
        return app
    from migmap.app.registry import Registry

    exporters = {
        name: one for name, one in Registry.load().exporters().items() if one.takes != "run"
    }  # a run document needs a run
    for tool in exporters.values():
        options = [
            _IN,
            option(
                "out", metavar="FILE", required=True, help_text=f"File to write ({', '.join(tool.endings)})."
            ),
            *options_of(declared_fields(tool.Params)),
            _CRS,
            _KEEP,
            AUDIENCE,
        ]
        app.command(command(tool.name, tool.title, options, partial(_export, tool)), name=tool.name)
    app.default(_missing_word("format", tuple(exporters), "migmap export"))
    return app


def _missing_word(noun: str, known: tuple[str, ...], before: str) -> Callable[..., Answer]:
    """What answers when the word after `run` or `export` is none it knows."""

    def complain(*words: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> Answer:
        named = bool(words) and not words[0].startswith("-")
        title = f"There is no {noun} “{words[0]}”." if named else f"Which {noun}?"
        raise Problem(title, fix=f"One of: {', '.join(known)}. For example: {before} {known[0]} --help")

    return complain


# -- the commands ---------------------------------------------------------------------------------


def _run(tool: Analysis, given: dict[str, Any]) -> Answer:
    from migmap.app.recipe import to_text
    from migmap.app.workbench import Workbench

    fields = declared_fields(tool.Params)
    workbench = Workbench()
    outputs = list(given["out"])
    # Before the work: an hour of computing must not end at a mistyped folder.
    values = values_of(fields, given)
    workbench.check_targets(
        outputs, [*references_in(fields, values).values(), *workbench.other_files(tool.name, values)]
    )
    progress = report.progress_on_stderr()
    run = workbench.run(
        tool.name,
        values,
        crs=given["crs"],
        decisions=decisions_of(given["reading"], fields, values, workbench),
        audience=given["audience"] if outputs else None,
        progress=part(progress, 0.0, 0.8),
    )
    finish = part(progress, 0.8, 1.0)
    return _finished(workbench, run, outputs, given["audience"], given["json"], finish, to_text)


def _finished(
    workbench: Any,
    run: Any,
    outputs: list[str],
    audience: Sequence[str],
    as_json: bool,
    progress: Any,
    to_text: Callable[[Any], str],
) -> Answer:
    exported = workbench.export_run(run, outputs, audience=audience, progress=progress)
    run = replace(run, findings=(*run.findings, *exported.findings))
    paths = report.paths_text(exported.paths)
    progress(1.0, "Done")
    if as_json:
        return Answer(to_text(run.document(paths)))
    return Answer(report.run_summary(run.result.notes, run.findings, paths))


def _recipe(
    file: Annotated[FILE, Parameter(help="A run document (.json).")],
    /,
    *,
    out: Annotated[
        tuple[FILE, ...],
        Parameter(help="File to write; may be given several times.", negative=(), show_default=False),
    ] = (),
    audience: Annotated[
        tuple[NAME, ...],
        Parameter(
            help="Who the files are for, as the sharing agreement of an input names them.",
            negative=(),
            show_default=False,
        ),
    ] = (),
    json: Annotated[
        bool, Parameter(help="Print one JSON document instead of a summary.", negative=(), show_default=False)
    ] = False,
) -> Answer:
    """Run a saved run document again."""
    from migmap.app.recipe import to_text
    from migmap.app.workbench import Workbench

    # str itself: C libraries refuse what is derived from it.
    path, targets = str(file), [str(each) for each in out]
    workbench = Workbench()
    workbench.check_targets(targets, workbench.recipe_inputs(path))
    progress = report.progress_on_stderr()
    named = [str(each) for each in audience]
    run = workbench.recipe(path, audience=named if targets else None, progress=part(progress, 0.0, 0.8))
    return _finished(workbench, run, targets, named, json, part(progress, 0.8, 1.0), to_text)


def _export(tool: Exporter, given: dict[str, Any]) -> Answer:
    from migmap.app.workbench import Workbench

    target = Path(given["out"])
    workbench = Workbench()
    if target.suffix.lower() not in tool.endings:
        others = [
            f"migmap export {other.name}"
            for other in workbench.registry.exporters().values()
            if target.suffix.lower() in other.endings and other.takes != "run"
        ]
        raise Problem(
            f"“export {tool.name}” writes {' and '.join(tool.endings)} files; "
            f"{target.name} has another ending.",
            fix=f"Write that with: {' or '.join(others)}."
            if others
            else f"End the name in {' or '.join(tool.endings)}.",
        )
    workbench.check_targets([target], given["in_"])
    progress = report.progress_on_stderr()
    document = workbench.document_of_files(
        list(given["in_"]),
        crs=given["crs"],
        keep=tuple(given["keep"]),
        progress=part(progress, 0.0, 0.6),
    )
    options = values_of(declared_fields(tool.Params), given)
    done = workbench.export(
        document,
        target,
        exporter=tool.name,
        options=options,
        audience=given["audience"],
        progress=part(progress, 0.6, 1.0),
    )
    progress(1.0, "Done")
    findings = (*document.findings, *done.findings)
    return Answer(report.run_summary((), findings, report.paths_text(done.paths)).strip())


def _info(given: dict[str, Any]) -> Answer:
    from migmap.app.recipe import plain, to_text
    from migmap.app.workbench import Workbench

    workbench, path = Workbench(), given["file"]
    reading, said = reading_of(given, workbench, path)
    about = workbench.info(path, reading=reading, full=given["full"], progress=report.progress_on_stderr())
    about["findings"] = [*(plain(finding.as_json()) for finding in said), *about["findings"]]
    return Answer(to_text(about) if given["json"] else report.info_text(path, about))


def _convert(given: dict[str, Any]) -> Answer:
    from migmap.app.recipe import to_text
    from migmap.app.templates import Template, write_template
    from migmap.app.workbench import Workbench

    workbench, path = Workbench(), given["file"]
    reading, said = reading_of(given, workbench, path)
    progress = report.progress_on_stderr()
    done = workbench.convert(
        path, given["target"], reading=reading, audience=given["audience"], progress=progress
    )
    done = replace(done, findings=(*said, *done.findings))
    if given["save_template"]:
        probe, guess = workbench.probe(path, reading)
        target = Path(given["save_template"])
        decided = reading.changed(kind=guess.kind, roles={**guess.roles, **reading.roles})
        columns = tuple(column.name for column in probe.columns)
        name = target.name.removesuffix(".json").removesuffix(".template") or "template"
        write_template(Template(name=name, reading=decided, columns=columns), target)
        done = replace(done, paths=(*done.paths, target))
    progress(1.0, "Done")
    return Answer(to_text(done.document()) if given["json"] else report.converted_text(done))


def _demo(
    *,
    out: Annotated[
        FOLDER | None,
        Parameter(
            help="Folder to write to (default: migmap-demo). With it the window stays closed.",
            show_default=False,
        ),
    ] = None,
    window: Annotated[
        bool | None,
        Parameter(
            name="--window",
            negative="--no-window",
            help="Open the window afterwards, if there is a display (the default without --out).",
            show_default=False,
        ),
    ] = None,
) -> Answer:
    """Build the sample project and do the main job on it."""
    import os

    from migmap.app.workbench import Workbench

    from .window import may_open_by_itself, open_on

    made = Workbench().demo(str(out or "migmap-demo"), progress=report.progress_on_stderr())
    text = "\n".join(made.summary)
    # Whoever names a folder wants the files, perhaps from a script: no window unless asked for.
    wanted = out is None if window is None else window
    if not (wanted and may_open_by_itself(os.environ)):
        return Answer(text)
    return Answer(text, then=lambda: open_on([str(made.project)]))


def _list(
    what: Annotated[_Listed | None, Parameter(help="What to list; all by default.")] = None,
    profile: Annotated[
        str | None,
        Parameter(help="One of the schemes, rates or needs, by name: print it whole.", show_default=False),
    ] = None,
    /,
    *,
    out: Annotated[
        Path | None,
        Parameter(help="Write that one as a file, to be edited and used instead.", show_default=False),
    ] = None,
    json: Annotated[
        bool, Parameter(help="Print one JSON document instead of a table.", negative=(), show_default=False)
    ] = False,
) -> Answer:
    """List layer kinds, analyses, exporters, plugins, class schemes, displacement rates and needs."""
    from migmap.app.recipe import to_text

    from .listing import chosen, listing, listing_text, written

    if profile is not None or out is not None:
        one = chosen(what, profile)
        return Answer(written(one, out) if out is not None or not json else to_text(one.as_json()))
    from migmap.app.registry import Registry

    listed = listing(Registry.load())
    if json:
        return Answer(to_text(listed[what] if what else listed))
    return Answer(listing_text({what: listed[what]} if what else listed))
