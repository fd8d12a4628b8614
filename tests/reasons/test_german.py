"""Reasons in German: each one that the code can write into the spool or onto a cover, and none that it can't."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import gateway
from gateway.documents import pdf, sniff
from gateway.fax4a.outcome import describe
from gateway.reasons.german import CHANGES, KINDS, NAMES, PREDICATES, REWRITES, SENTENCES
from gateway.reasons.matching import change_in_german, pattern, translated

ROOM = Path(gateway.__file__).parent
VALUE = "503"  # stands for whatever a sentence is filled with

# What makes a reason, and which of its arguments is the sentence.
OF_DOCUMENTS = {"Fault": 0, "Unfaxable": 0}
OF_PAGES = {"RenderError": 1}
OF_MAILS = {"Problem": 0, "_problem": 0, "TooMuch": 0}
OF_JOBS = {
    "Note": 2,
    "NotArrived": 0,
    "PerhapsArrived": 0,
    "self.postpone": 1,
    "self._consequences.postpone": 1,
    "self._consequences.doubt": 1,
}
OF_TRIALS = {"Refused": 0, "NotTaken": 0}
# What is left out of a fax, or changed on it; and so are arguments called that hold it.
OF_CHANGES = {
    "Gathered": 2,
    "Sorted": 2,
    "Unpacked": 3,
    "CleanedHtml": 1,
    "_Draft": 4,
    "sentence": 0,
    "left_out.append": 0,
    "self.left_out.append": 0,
    "warnings.append": 0,
}
NAMED_CHANGES = {"left_out", "warnings"}
# Only why a word was not said, or no sentence at all.
UNSAID = {
    "scan.pdf stays as it is",
    f"{VALUE}: no address to report to",
    f"{VALUE}: NOTIFY asks for none",
}
# What is no sentence at its place: it was made elsewhere, is the fax service's own, or stands in a job's story alone.
PASSED_ON_OF_DOCUMENTS = {"error.reason", "reason", "sentence", "str(too_much)"}
PASSED_ON_OF_JOBS = {
    "_said(status, message)",
    "describe(error)",
    "detail",
    "outcome.reason",
    "why.sentence",
    "job.last_error or ''",
    "type(error).__name__",
    "', '.join((document.name for document in made.documents))",
    "', '.join(doubtful)",
    "alert.detail",
    "job.id",
    "request.reason",
    "warning",
    "str(answer)",
    "str(examined.refusal)",
    "str(refused)",
    "str(verdict.reply)",
}
PASSED_ON_OF_CHANGES = {
    "_clauses(small)",
    "_left_out(planned, job.options)",
    "_line(each, LONGEST_SENTENCE)",
    "cleaned.dropped",
    "content.left_out",
    "draft.warnings",
    "dropped",
    "files.left_out",
    "found.left_out",
    "inner.left_out",
    "left_out",
    "left_out[:MOST_SENTENCES]",
    "list(made.warnings)",
    "made.warnings",
    "others.left_out",
    "secured.left_out",
    "sentence(f'{each.name or 'an attachment'}: empty')",
    "sentence(f'{name}: {why}')",
    "unheeded(mail)",
}


class Said:
    """The sentences of some calls, with VALUE for what fills them; what is no literal stands in `passed_on`."""

    def __init__(self) -> None:
        self.sentences: set[str] = set()
        self.passed_on: set[str] = set()

    def by_calls(self, folder: str, calls: Mapping[str, int]) -> None:
        """Of every module in a folder, or of one module."""
        for path, tree in _modules().items():
            for call in _calls(path) if path.is_relative_to(ROOM / folder) else ():
                which = calls.get(_dotted(call.func))
                if which is not None and len(call.args) > which:
                    self._add(call.args[which], tree)

    def by_keywords(self, folder: str, names: Collection[str]) -> None:
        for path, tree in _modules().items():
            for call in _calls(path) if path.is_relative_to(ROOM / folder) else ():
                for each in call.keywords:
                    if each.arg in names:
                        self._add(each.value, tree)

    def by_function(self, module: str, name: str) -> None:
        """What a function returns or yields."""
        tree = _modules()[ROOM / module]
        function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
        for node in ast.walk(function):
            if isinstance(node, ast.Return | ast.Yield) and node.value is not None:
                self._add(node.value, tree)

    def _add(self, node: ast.expr, tree: ast.Module) -> None:
        match node:
            case ast.Constant(value=str(text)):
                self.sentences.add(text)
            case ast.JoinedStr(values=parts):
                said = map("".join, product(*(_piece(part, tree) for part in parts)))
                # Without a word of its own it puts together what others say.
                self.sentences.update(each for each in said if re.search("[a-z]{2}", each))
            case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) if values := list(_assigned(name, tree)):
                for each in values:
                    self._add(each, tree)
            case _:
                held = _held(node)
                if held is None:
                    self.passed_on.add(ast.unparse(node).replace('"', "'"))  # Pythons differ in their quotes
                for each in held or ():
                    self._add(each, tree)


def _held(node: ast.expr) -> list[ast.expr] | None:
    """What an expression is put together from, or chosen from; None: it is neither."""
    match node:
        case ast.Constant(value=None):
            return []
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return [one, other]
        case ast.Dict(values=several) | ast.Tuple(elts=several) | ast.List(elts=several):
            return several
        case ast.Starred(value=inner) | ast.Subscript(value=ast.Tuple() as inner) | ast.GeneratorExp(elt=inner):
            return [inner]
        case ast.Call(func=ast.Name(id="tuple"), args=several):
            return several
        case _:
            return None


@cache
def _modules() -> Mapping[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8")) for path in ROOM.rglob("*.py")}


@cache
def _calls(path: Path) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(_modules()[path]) if isinstance(node, ast.Call))


def _dotted(function: ast.expr) -> str:
    """`self.postpone`; empty where it is no plain name."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=name):
            return f"{_dotted(value)}.{name}"
        case _:
            return ""


def _assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            yield node.value


def _piece(part: ast.expr, tree: ast.Module) -> set[str]:
    """A part of an f-string: what can stand there."""
    match part:
        case ast.Constant(value=text):
            return {str(text)}
        case ast.FormattedValue(value=ast.Name(id=name)) if values := list(_assigned(name, tree)):
            said = Said()
            for each in values:
                said._add(each, tree)
            return said.sentences - {""} or {VALUE}
        case ast.FormattedValue(value=ast.BoolOp(values=[*_, ast.Constant(value=str(otherwise))])):
            return {VALUE, otherwise}
        case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec))])):
            return {" ".join(VALUE for _ in spec.split(" "))}
        case _:
            return {VALUE}


@cache
def of_documents() -> Said:
    """Each with what it is said of; in front of it stands the label of a file, or our word for the mail."""
    said = Said()
    said.by_calls("", OF_DOCUMENTS)
    said.by_calls("documents/render/tiff.py", OF_PAGES)  # the others draw only what the gateway has written itself
    said.by_calls("mail", OF_MAILS)
    labelled = tuple(f"{each} " for each in (*NAMES, VALUE, f"{VALUE}:"))
    said.sentences = {each if each.startswith(labelled) else f"scan.pdf {each}" for each in said.sentences}
    return said


@cache
def of_jobs() -> Said:
    deadlines, said = Said(), Said()
    deadlines.by_function("fax4a/client.py", "_which_deadline")
    said.by_calls("", OF_JOBS)
    said.by_function("fax4a/outcome.py", "describe")
    said.by_calls("daemon", OF_TRIALS)
    said.sentences |= {describe(TimeoutError(each)) for each in ("", *deadlines.sentences)}
    # An answer of the fax service, without words and with; of a mail server, as ours to a mail that is tried.
    said.sentences |= {VALUE, f"{VALUE} try again", f"{VALUE} 5.7.1 no"}
    return said


@cache
def of_changes() -> Said:
    said, of_archives = Said(), Said()
    for room in ("mail", "documents", "intake"):
        said.by_calls(room, OF_CHANGES)
        said.by_keywords(room, NAMED_CHANGES)
    said.by_function("mail/decoration.py", "_clauses")
    said.by_function("intake/directives.py", "unheeded")
    of_archives.by_function("documents/archive.py", "_why_left_out")
    said.sentences |= {f"{VALUE}: {each}" for each in of_archives.sentences if each}
    return said


def test_every_reason_has_its_german() -> None:
    said = of_documents().sentences | of_jobs().sentences
    assert {each for each in said - UNSAID if translated(each) is None} == set()
    assert {each for each in of_changes().sentences if change_in_german(each) == each} == set()


def test_every_reason_is_looked_at() -> None:
    """A call whose sentence comes from elsewhere is a new way for one to come."""
    assert of_documents().passed_on == PASSED_ON_OF_DOCUMENTS
    assert of_jobs().passed_on == PASSED_ON_OF_JOBS
    assert of_changes().passed_on == PASSED_ON_OF_CHANGES
    assert UNSAID - of_documents().sentences - of_jobs().sentences == set()


def test_no_german_is_left_over() -> None:
    documents, jobs, changes = of_documents().sentences, of_jobs().sentences, of_changes().sentences
    ends = {key: re.compile(f" {pattern(key).pattern}$") for key in PREDICATES}
    assert [key for key, end in ends.items() if not any(map(end.search, documents))] == []
    assert [key for key in SENTENCES if not any(pattern(key).fullmatch(each) for each in jobs)] == []
    assert [key for key in CHANGES if not any(pattern(key).fullmatch(each) for each in changes)] == []
    source = (ROOM / "documents/unfolding.py").read_text("utf-8")
    named = documents | changes
    assert [each for each in NAMES if not any(each in sentence for sentence in named) and each not in source] == []


def test_every_kind_of_document_has_its_german() -> None:
    said = {*sniff.DESCRIPTIONS.values(), *sniff.DOCUMENTS_IN_TEXT.values()}
    unknown = sniff.sniff(b"\xff\xfb\x90\0", declared_type="audio/mpeg", filename=None, charset=None).description
    assert said == {each for each in KINDS if "{" not in each}
    assert pattern("of the type {type}").fullmatch(unknown)


def test_every_rewrite_has_its_german() -> None:
    said = Said()
    said.by_calls("documents", {"Sound": 1})
    assert said.passed_on == {"', '.join(reasons)", "rewrite"}  # what pdf.py does, and what a converter sends back
    assert said.sentences | {pdf.REPAIRED, pdf.UNLOCKED, pdf.WITHOUT_XFA} == set(REWRITES)


def test_german_takes_over_every_value() -> None:
    braces = re.compile(r"\{\w+\}")
    for catalogue in (PREDICATES, NAMES, KINDS, CHANGES, REWRITES, SENTENCES):
        assert [each for each, german in catalogue.items() if braces.findall(each) != braces.findall(german)] == []
