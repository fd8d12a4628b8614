"""What an operator reads when the configuration is wrong: one line a problem, with where, key, value and reason."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import ConfigError, load_settings

DURATION = 'write a duration as a whole number and s, m, h or d: "30s", "10m", "2h", "7d"'
ADDRESS = 'write it as "host:port", an IPv6 address in brackets: "[::1]:8025"'
NETWORK = 'write a network as "192.0.2.0/24" or "2001:db8::/32"'
BASE_URL = "write an http(s) URL without login and query that ends in /rest/v1"

Lines = Callable[..., list[str]]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """The lines that a file and an environment bring; the file's name is FILE in them."""
    path = tmp_path / "config.toml"

    def read(text: str, **environ: str) -> list[str]:
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError) as error:
            load_settings(path, environ, tmp_path)
        return [line.replace(str(path), "FILE") for line in str(error.value).splitlines()]

    return read


@pytest.mark.parametrize(
    ("text", "line"),
    [
        # keys
        ("[smtp]\nlistn=[]", "smtp.listn is no key of the configuration; did you mean smtp.listen?"),
        ("[smpt]", "smpt is no key of the configuration; did you mean smtp?"),
        ("[smtp]\nsmarthost='a:25'", "smtp.smarthost is no key of the configuration; did you mean notify.smarthost?"),
        ("domains=['a']", "domains is no key of the configuration; did you mean smtp.domains?"),
        ("[zzz]", "zzz is no key of the configuration"),
        ("[retarus]\npasword_file='x'",
         "retarus.pasword_file is no key of the configuration; did you mean retarus.password_file?"),
        ("[[profile]]\nmatch='*'\ncsidd='1'",
         "profile.0.csidd is no key of the configuration; did you mean profile.0.csid?"),
        ("[[profile]]\nmatch='*'\nreport={too='from'}",
         "profile.0.report.too is no key of the configuration; did you mean profile.0.report.to?"),
        ("[[profile]]\ncsid='1'", 'profile.0: needs match, networks or both; match = "*" is everybody'),
        # kinds
        ("smtp=5", "smtp: this is a section, it needs keys of its own"),
        ("profile=[5]", "profile.0: this is a section, it needs keys of its own"),
        ("[numbers]\nstrict='yes'", 'numbers.strict = "yes": write true or false'),
        ("[numbers]\nstrict=1", "numbers.strict = 1: write true or false"),
        ("[limits]\npages=true", "limits.pages = true: write a whole number"),
        ("[limits]\npages='5'", 'limits.pages = "5": write a whole number'),
        ("[limits]\npages=1.5", "limits.pages = 1.5: write a whole number"),
        ("[limits]\npages=0", "limits.pages = 0: must be at least 1"),
        ("[limits]\ndepth=251", "limits.depth = 251: must be at most 250"),
        ("hostname=5", 'hostname = 5: write a text: "..."'),
        ("[cover]\ndirectory=5", 'cover.directory = 5: write a path: "/..."'),
        ("[smtp]\ndomains='fax.local'", 'smtp.domains = "fax.local": write a list: [...]'),
        ("[smtp]\ndomains=[]", "smtp.domains = []: needs at least one"),
        ("[retarus]\nregion='fr'", 'retarus.region = "fr": write one of "de", "us", "ch", "sg"'),
        ("[retarus]\ndatacenter_urls=5", "retarus.datacenter_urls = 5: write a table: { name = ... }"),
        # forms
        ("hostname='fax gateway'", 'hostname = "fax gateway": write a host name: fax.example.com'),
        ("hostname='a\\r\\nb'".replace("'", '"'), 'hostname = "a\\r\\nb": write a host name: fax.example.com'),
        ("[smtp]\ndomains=['@fax.local']", 'smtp.domains.0 = "@fax.local": write a domain: fax.example.com'),
        ("[smtp]\nlisten=['::1:25']", 'smtp.listen.0 = "::1:25": write an IPv6 address in brackets: "[::1]:25"'),
        ("[smtp]\nlisten=['25']", f'smtp.listen.0 = "25": {ADDRESS}'),
        ("[smtp]\nlisten=['a:25', 'a:99999']", f'smtp.listen.1 = "a:99999": {ADDRESS}'),
        ("[smtp]\nlisten=[25]", f"smtp.listen.0 = 25: {ADDRESS}"),
        ("[lmtp]\nlisten=[5]", f"lmtp.listen.0 = 5: {ADDRESS}"),
        ("[notify]\nsmarthost='a:0'", 'notify.smarthost = "a:0": port 0 is no port that can be connected to'),
        ("[smtp]\nrelay_networks=['10.0.0.1/8']",
         f'smtp.relay_networks.0 = "10.0.0.1/8": 10.0.0.1/8 has host bits set; {NETWORK}'),
        ("[smtp]\nrelay_networks=['lan']", f'smtp.relay_networks.0 = "lan": {NETWORK}'),
        ("[retarus]\nvalid_for='1 day'", f'retarus.valid_for = "1 day": {DURATION}'),
        ("[retarus]\nvalid_for=60", f"retarus.valid_for = 60: {DURATION}"),
        ("[retarus]\nvalid_for='0s'", 'retarus.valid_for = "0s": must be longer than nothing'),
        ("[delivery]\nwarn_after='367d'", 'delivery.warn_after = "367d": at most 366d'),
        ("[numbers]\ndefault_region='XX'",
         'numbers.default_region = "XX": write the two letters of a country (ISO 3166-1): "DE"'),
        ("[numbers]\nallow=['49']",
         'numbers.allow.0 = "49": write the begin of a number in E.164: "+49", "+" for all'),
        ("[report]\nto='nobody'",
         'report.to = "nobody": write "sender", "from", "reply-to" or a mail address'),
        ("[notify]\nsender='fax'", 'notify.sender = "fax": write a mail address: name@example.com'),
        ("[cover]\ntemplate='../x'", 'cover.template = "../x": write a template\'s name: letters, digits, - and _'),
        ("[database]\nurl='sqlite:///:memory:'",
         'database.url = "sqlite:///:memory:": write "sqlite:///spool.db" or "postgresql://user@host/database"'),
        ("[retarus]\nusername='a:b'", 'retarus.username = "a:b": a login holds no colon'),
        ("[retarus]\ncustomer_number='1/2'",
         'retarus.customer_number = "1/2": write letters and digits: it is a part of URLs'),
        ("[retarus]\nha_url='http://a'", f'retarus.ha_url = "http://a": {BASE_URL}'),
        ("[retarus]\ndatacenter_urls={x='http://a'}", f"retarus.datacenter_urls.x: {BASE_URL}"),
        ("[[profile]]\nmatch='*'\ncsid='123456789012345678901'",
         'profile.0.csid = "123456789012345678901": at most 20 characters'),
        ("[[profile]]\nmatch='*'\nbilling_code='" + 81 * "1" + "'",
         'profile.0.billing_code = "' + 76 * "1" + "...: at most 80 characters"),
        ("documents.converter = 'convert.sock'",
         'documents.converter = "convert.sock": write "children" or the whole path of a socket'),
        ("[[profile]]\nmatch='*'\ntimezone='Mars/Base'",
         'profile.0.timezone = "Mars/Base": no such time zone; write it as "Europe/Berlin"'),
        ("[[profile]]\nmatch='*'\nheader='100%'",
         'profile.0.header = "100%": unknown control character after %; a percent sign itself is %%'),
        ("[[profile]]\nmatch='*'\nlanguage='en'\nreport={language='de'}",
         "profile.0: language and report.language are one setting: set one of them"),
        # keys that contradict each other
        ("[retarus]\nregion='de'\nha_url='http://a/rest/v1'\ndatacenter_urls={x='http://b/rest/v1'}",
         "retarus: set either region or ha_url with datacenter_urls, not both"),
        ("[retarus]\nha_url='http://a/rest/v1'",
         "retarus: ha_url and datacenter_urls belong together: set both or neither"),
        ("[retarus]\nclient_key='/k'",
         "retarus: client_certificate and client_key belong together: set both or neither"),
        ("[tls]\ncertificate='/c'", "tls: certificate and private_key belong together: set both or neither"),
        ("[smtp]\nlisten=['127.0.0.1:25']\n[lmtp]\nlisten=['127.0.0.1:25']",
         "lmtp.listen and smtp.listen both have 127.0.0.1:25"),
        ("[smtp]\nlisten=['0.0.0.0:25', '127.0.0.1:25']", "smtp.listen has 127.0.0.1:25, smtp.listen has 0.0.0.0:25"),
        ("[web]\nlisten='[::]:9108'\n[metrics]\nlisten='[::1]:9108'",
         "metrics.listen has [::1]:9108, web.listen has [::]:9108"),
        # secrets' files
        ("[retarus]\npassword_file='gone'", 'retarus.password_file = "gone": No such file or directory'),
        ("[retarus]\npassword_file='.'", 'retarus.password_file = ".": Is a directory'),
        ("[retarus]\npassword_file=5", 'retarus.password_file: write a path: "/..."'),
        ("[retarus]\npassword='a'\npassword_file='b'",
         "retarus.password_file: retarus.password is set too; set one of them"),
        # no TOML at all
        ("[smtp", "this is no TOML: Expected ']' at the end of a table declaration (at end of document)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(lines: Lines, text: str, line: str) -> None:
    assert lines(text) == [f"FILE: {line}"]


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("FOO__BAR", "1", "foo is no key of the configuration"),
        ("SMTP__LISEN", "[]", "smtp.lisen is no key of the configuration; did you mean smtp.listen?"),
        ("SMTP__DOMAINS", "fax.local",
         "smtp.domains is a list or a table: write it as JSON (Expecting value: line 1 column 1 (char 0))"),
        ("SMTP__DOMAINS", '["@"]', 'smtp.domains.0 = "@": write a domain: fax.example.com'),
        ("NUMBERS__STRICT", "yes", 'numbers.strict = "yes": write true or false'),
        ("LIMITS__PAGES", "many", 'limits.pages = "many": write a whole number'),
        ("DELIVERY__WARN_AFTER", "1w", f'delivery.warn_after = "1w": {DURATION}'),
        ("RETARUS__PASSWORD_FILE", "gone", 'retarus.password_file = "gone": No such file or directory'),
        ("HOSTNAME__X", "1", "hostname has no keys"),
    ],
)  # fmt: skip
def test_a_bad_variable_is_named(lines: Lines, variable: str, value: str, line: str) -> None:
    name = f"FAX_GATEWAY__{variable}"
    assert lines("", **{name: value}) == [f"{name}: {line}"]


def test_two_variables_can_contradict_each_other(lines: Lines) -> None:
    environ = {"FAX_GATEWAY__SMTP__VERDICT_SECONDS": "5", "FAX_GATEWAY__SMTP": "5"}
    assert lines("", **environ) == [
        "FAX_GATEWAY__SMTP__VERDICT_SECONDS: another variable sets smtp, and not to a table",
        "FAX_GATEWAY__SMTP: smtp: this is a section, it needs keys of its own",
    ]


def test_all_problems_are_told_at_once(lines: Lines) -> None:
    found = lines(
        "[smtp]\nlisten = ['x']\nnothing = 1\n[retarus]\nvalid_for = 'x'\npassword_file = 'gone'\n",
        FAX_GATEWAY__LIMITS__PAGES="0",
    )
    assert [line.split(" ")[:2] for line in found] == [
        ["FILE:", "retarus.password_file"],
        ["FILE:", "smtp.listen.0"],
        ["FILE:", "smtp.nothing"],
        ["FAX_GATEWAY__LIMITS__PAGES:", "limits.pages"],
        ["FILE:", "retarus.valid_for"],
    ]


@pytest.mark.parametrize(
    "text",
    [
        "[retarus]\npassword = { a = 'hunter2' }",
        "[retarus]\npassword = ['hunter2']",
        "[retarus]\npassword = 'hunter2'\nregion = 'de'\nha_url = 'http://a/rest/v1'",
        "[retarus]\npasswort = 'hunter2'",
        "retarus = ['hunter2']",
        "[notify]\nsmarthost_password = 1\nsmarthost_pass = 'hunter2'",
        "[retarus]\nproxy = 'http://fax:hunter2@proxy.example.com:3128'",
        "[retarus]\nproxy = 'fax:hun@ter/hunter2@proxy.example.com:3128'",
        "[retarus]\nha_url = 'https://fax:hunter2@a.example.com/rest/v1'",
        "[retarus]\ndatacenter_urls = { a = 'https://fax:hunter2@a.example.com/rest/v1' }",
        "[database]\nurl = 'postgres://fax:hunter2@db.example.com/fax'",
        "[retarus]\npassword = 'hunter2'\npassword_file = 'x'",
    ],
)
def test_no_secret_is_in_an_error(lines: Lines, text: str) -> None:
    assert "hunter2" not in "\n".join(lines(text))


def test_no_secret_is_in_an_error_about_the_environment(lines: Lines) -> None:
    environ = {
        "FAX_GATEWAY__RETARUS": '{"password": "hunter2", "region": ["hunter2"',
        "FAX_GATEWAY__RETARUS__PROXY": "fax:hunter2@proxy",
        "FAX_GATEWAY__PASSWORD": "hunter2",
    }
    assert "hunter2" not in "\n".join(lines("", **environ))


@pytest.mark.parametrize(("content", "reason"), [(b"", "its first line is empty"), (b"\xff\n", "is not UTF-8")])
def test_a_bad_secret_file_is_named(lines: Lines, tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    assert lines("[retarus]\npassword_file = 'secret'") == [f'FILE: retarus.password_file = "secret": {reason}']
    (tmp_path / "retarus.password").write_bytes(content)
    assert lines("") == [f"credential retarus.password: {reason}"]


def test_no_secret_is_in_a_settings_repr(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[retarus]\npassword = 'hunter2'\nproxy_password = 'hunter2'\n[notify]\nsmarthost_password = 'hunter2'\n"
        "[database]\nurl = 'postgresql://fax:hunter2@db.example.com/fax'\n",
        encoding="utf-8",
    )
    assert "hunter2" not in repr(load_settings(path, {}, None))


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^/nowhere/config\.toml: No such file or directory$"):
        load_settings(Path("/nowhere/config.toml"), {}, None)
    path = tmp_path / "config.toml"
    path.write_bytes(b"hostname = '\xff'")
    with pytest.raises(ConfigError, match=r"config\.toml: this is no TOML: 'utf-8' codec can't decode byte 0xff"):
        load_settings(path, {}, None)
