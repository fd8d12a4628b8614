"""Reasons in German: each one that the code can write into the spool for a sender, and none that it can't."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gateway
from gateway.documents import sniff
from gateway.fax4a.outcome import describe
from gateway.notify.german import KINDS, NAMES, PREDICATES, SENTENCES
from gateway.notify.reasons import in_german, pattern, translated

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
# Never a word to a sender: only in a job's story, or not said at all.
UNSAID = {
    "scan.pdf stays as it is",
    f"attempt {VALUE}",
    f"from {VALUE}",
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

    def by_function(self, module: str, name: str) -> None:
        """What a function returns."""
        tree = _modules()[ROOM / module]
        function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name)
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                self._add(node.value, tree)

    def _add(self, node: ast.expr, tree: ast.Module) -> None:
        match node:
            case ast.Constant(value=str(text)):
                self.sentences.add(text)
            case ast.JoinedStr(values=parts):
                said = map("".join, product(*(_piece(part, tree) for part in parts)))
                # Without a word of its own it puts together what others say.
                self.sentences.update(each for each in said if re.search("[a-z]{2}", each))
            case ast.IfExp(body=one, orelse=other):
                self._add(one, tree)
                self._add(other, tree)
            case ast.Dict(values=values):
                for each in values:
                    self._add(each, tree)
            case ast.Name(id=name) | ast.Subscript(value=ast.Name(id=name)) if values := list(_assigned(name, tree)):
                for each in values:
                    self._add(each, tree)
            case _:
                self.passed_on.add(ast.unparse(node))


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
            return said.sentences or {VALUE}
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
    said.sentences |= {describe(TimeoutError(each)) for each in ("", *deadlines.sentences)}
    said.sentences |= {VALUE, f"{VALUE} try again"}  # an answer of the fax service, without words and with
    return said


def test_every_reason_has_its_german() -> None:
    said = of_documents().sentences | of_jobs().sentences
    assert {each for each in said - UNSAID if translated(each) is None} == set()


def test_every_reason_is_looked_at() -> None:
    """A call whose sentence comes from elsewhere is a new way for one to come."""
    assert of_documents().passed_on == PASSED_ON_OF_DOCUMENTS
    assert of_jobs().passed_on == PASSED_ON_OF_JOBS
    assert UNSAID - of_documents().sentences - of_jobs().sentences == set()


def test_no_german_is_left_over() -> None:
    documents, jobs = of_documents().sentences, of_jobs().sentences
    ends = {key: re.compile(f" {pattern(key).pattern}$") for key in PREDICATES}
    assert [key for key, end in ends.items() if not any(map(end.search, documents))] == []
    assert [key for key in SENTENCES if not any(pattern(key).fullmatch(each) for each in jobs)] == []
    source = (ROOM / "documents/unfolding.py").read_text("utf-8")
    said = [each for each in NAMES if not any(each in document for document in documents) and each not in source]
    assert said == []


def test_every_kind_of_document_has_its_german() -> None:
    said = {*sniff.DESCRIPTIONS.values(), *sniff.DOCUMENTS_IN_TEXT.values()}
    unknown = sniff.sniff(b"\xff\xfb\x90\0", declared_type="audio/mpeg", filename=None, charset=None).description
    assert said == {each for each in KINDS if "{" not in each}
    assert pattern("of the type {type}").fullmatch(unknown)


def test_german_takes_over_every_value() -> None:
    braces = re.compile(r"\{\w+\}")
    for catalogue in (PREDICATES, NAMES, KINDS, SENTENCES):
        assert [each for each, german in catalogue.items() if braces.findall(each) != braces.findall(german)] == []


@pytest.mark.parametrize(
    ("reason", "german"),
    [
        ("Befund 3.pdf is a damaged PDF", "Befund 3.pdf ist ein beschädigtes PDF"),
        ("attachment 2 is a damaged picture", "Anlage 2 ist ein beschädigtes Bild"),
        (
            "alles.zip: a file is of the type audio/mpeg, which can't be faxed; send it as a PDF",
            "alles.zip: eine Datei ist vom Typ audio/mpeg und lässt sich nicht faxen; bitte senden Sie ein PDF",
        ),
        (
            "the mail has too many documents; at most 50 can be faxed in one job",
            "Die Mail hat zu viele Dokumente; in einem Auftrag lassen sich höchstens 50 faxen",
        ),
        (
            "Re: Angebot: the mail's text is encrypted (PGP) and can't be read here; send it unencrypted",
            (
                "Re: Angebot: der Text der Mail ist verschlüsselt (PGP) und lässt sich hier nicht lesen; "
                "bitte senden Sie ihn unverschlüsselt"
            ),
        ),
        # A file may be called like a reason: the last one counts.
        ("a is a damaged PDF.zip is a damaged ZIP archive", "a is a damaged PDF.zip ist ein beschädigtes ZIP-Archiv"),
        ("no connection: TimeoutError: no connection within 0:00:20", "Keine Verbindung: aufgegeben nach 0:00:20"),
        (
            "no connection: ClientConnectorError: Cannot connect to host fax.example.com:443",
            "Keine Verbindung: „ClientConnectorError: Cannot connect to host fax.example.com:443“",
        ),
        ("503 Try again", "503 „Try again“"),
        ("503", "503"),
        ("500 Oops, before the request was sent whole", "500 „Oops“, bevor die Anfrage ganz gesendet war"),
        (
            "restored from a backup of 2026-07-01 12:00 UTC",
            "Aus einer Sicherung vom 2026-07-01, 12:00 UTC wiederhergestellt",
        ),
        ("no number available", "„no number available“"),
        ("what {an} earlier release: said", "„what {an} earlier release: said“"),
    ],
    ids=[f"case{number}" for number in range(14)],
)
def test_reasons_as_a_sender_reads_them(reason: str, german: str) -> None:
    assert in_german(reason) == german


@pytest.mark.parametrize("piece", [" is ", "is a PDF ", "a: ", "no connection: ", "503 ", "x is a, "])
@pytest.mark.parametrize("times", [100, 10_000])
def test_a_reason_that_goes_on_and_on_stays_as_it_is(piece: str, times: int) -> None:
    """A server may say anything, and a name be as long as a header: neither costs time nor breaks the mail."""
    endless = piece * times + "."
    assert in_german(endless).endswith(f"{endless[-50:]}“")


@given(st.lists(st.sampled_from([*PREDICATES, *SENTENCES, *NAMES, "scan.pdf", "{", ": "]), max_size=6).map(" ".join))
def test_whatever_was_said_is_told(said: str) -> None:
    assert in_german(said)
