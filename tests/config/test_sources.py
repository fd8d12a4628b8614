"""Where settings come from, which source wins, and what an operator reads when one is wrong."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import ConfigError, ListenAddress, Settings, find_config, load_settings, spool_path

EVERYTHING = """
hostname = "fax.example.com"
[smtp]
listen = ["127.0.0.1:8025", "[::1]:8025"]
domains = ["fax.local"]
relay_networks = ["127.0.0.0/8", "::1/128"]
proxy_networks = []
listen_legacy_tls = []
max_message_bytes = 36700160
verdict_seconds = 10
[lmtp]
listen = ["/run/fax-gateway/lmtp.sock"]
[submission]
listen = []
listen_tls = []
[tls]
certificate = ""
private_key = ""
min_version = "1.2"
[limits]
pages = 500
documents = 50
recipients = 100
depth = 100
[numbers]
default_region = "DE"
bare = "refuse"
strict = true
allow = ["+"]
deny = []
[cover]
template = "default"
when = "body"
send_as = "html"
drop_body = false
[retarus]
region = "de"
customer_number = "99999"
username = ""
password = ""
concurrency = 8
valid_for = "24h"
in_doubt_after = "2h"
on_doubt = "fail"
proxy = ""
duplicates_refused = false
[delivery]
paused = false
warn_after = "1h"
expire_after = "24h"
[report]
by = "retarus"
to = "sender"
on = "always"
language = "en"
image = "never"
image_format = "tiff"
[notify]
smarthost = "127.0.0.1:25"
sender = "postmaster@fax.example.com"
postmaster = "root@localhost"
[database]
url = "sqlite:///spool.db"
content = "auto"
content_dir = ""
[web]
listen = "127.0.0.1:8080"
public_url = ""
trusted_proxies = []
[metrics]
listen = "127.0.0.1:9108"
[push]
listen = ""
public_url = ""
[control]
socket = ""
[[profile]]
match = "*@sales.example.com"
csid = "+49 89 1234560"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(config: Path, text: str, **environ: str) -> Settings:
    config.write_text(text, encoding="utf-8")
    return load_settings(config, environ, None)


def problems(config: Path, text: str, **environ: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        load(config, text, **environ)
    return [line.removeprefix(f"{config}: ") for line in str(error.value).splitlines()]


def test_every_key_of_the_public_surface_is_read(config: Path) -> None:
    settings = load(config, EVERYTHING)
    defaults = Settings()
    assert settings.smtp.listen == (ListenAddress("127.0.0.1", 8025), ListenAddress("::1", 8025))
    assert settings.retarus.valid_for == defaults.retarus.valid_for
    assert settings.numbers == defaults.numbers
    assert settings.limits == defaults.limits
    assert settings.tls == defaults.tls
    assert settings.push.listen is None
    assert settings.profile[0].csid == "+49 89 1234560"


def test_without_a_file_the_built_in_defaults_count() -> None:
    settings = load_settings(None, {}, None)
    assert settings == Settings()
    assert settings.smtp.relay_networks == (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def test_the_environment_wins_over_the_file(config: Path) -> None:
    environ = {
        "FAX_GATEWAY__SMTP__LISTEN": '["127.0.0.1:25"]',
        "FAX_GATEWAY__HOSTNAME": "other.example.com",
        "FAX_GATEWAY__NUMBERS__STRICT": "false",
        "FAX_GATEWAY__DELIVERY__WARN_AFTER": "5m",
        "FAX_GATEWAY_CONFIG": "not a key",
        "HOME": "/root",
    }
    settings = load(config, EVERYTHING, **environ)
    assert settings.smtp.listen == (ListenAddress("127.0.0.1", 25),)
    assert settings.hostname == "other.example.com"
    assert settings.numbers.strict is False
    assert settings.delivery.warn_after.total_seconds() == 300


@pytest.mark.parametrize("value", ["12345", "true", '["x"]', "null", "sec ret"])
def test_a_text_in_the_environment_is_a_text_whatever_json_it_looks_like(config: Path, value: str) -> None:
    environ = {"FAX_GATEWAY__RETARUS__PASSWORD": value, "FAX_GATEWAY__RETARUS__USERNAME": value}
    settings = load(config, "", **environ)
    assert settings.retarus.password.get_secret_value() == value
    assert settings.retarus.username == value


def test_a_secret_may_stand_in_a_file_of_its_own(config: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("sécret\nsecond line\n", encoding="utf-8")
    settings = load(config, '[retarus]\npassword_file = "password"\n')
    assert settings.retarus.password.get_secret_value() == "sécret"


def test_a_systemd_credential_wins_over_all(config: Path, tmp_path: Path) -> None:
    (tmp_path / "retarus.password").write_text("from systemd\n", encoding="utf-8")
    config.write_text('[retarus]\npassword = "from the file"\n', encoding="utf-8")
    settings = load_settings(config, {"FAX_GATEWAY__RETARUS__PASSWORD": "from the environment"}, tmp_path)
    assert settings.retarus.password.get_secret_value() == "from systemd"


def test_no_secret_is_shown(config: Path) -> None:
    settings = load(config, '[retarus]\npassword = "hunter2"\n')
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(problems(config, "[retarus]\npassword = { a = 'hunter2' }\n"))
    assert "hunter2" not in str(problems(config, "[retarus]\npassword = 'hunter2'\nha_url = 'http://a'\n"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[smtp]\nlistn = []\n", "smtp.listn is no key of the configuration; did you mean smtp.listen?"),
        ("[smpt]\n", "smpt is no key of the configuration"),
        ("[smtp]\nlisten = ['::1:25']\n", "smtp.listen.0 = '::1:25': write an IPv6 address in brackets: \"[::1]:25\""),
        ("[smtp]\nlisten = ['25']\n", "smtp.listen.0 = '25': write it as \"host:port\""),
        ("[smtp]\nlisten = ['a:99999']\n", "smtp.listen.0 = 'a:99999': write it as \"host:port\""),
        ("[smtp]\nrelay_networks = ['10.0.0.1/8']\n", "smtp.relay_networks.0 = '10.0.0.1/8': 10.0.0.1/8 has host"),
        ("[smtp]\ndomains = []\n", "smtp.domains = []: Tuple should have at least 1 item"),
        ("[retarus]\nvalid_for = '1 day'\n", "retarus.valid_for = '1 day': write a duration"),
        ("[retarus]\nregion = 'fr'\n", "retarus.region = 'fr': Input should be 'de', 'us', 'ch' or 'sg'"),
        ("[retarus]\nha_url = 'http://a'\n", "retarus: ha_url and datacenter_urls belong together"),
        (
            "[retarus]\nregion='de'\nha_url = 'http://a'\ndatacenter_urls={x='http://b'}\n",
            "retarus: set either region or ha_url",
        ),
        ("[tls]\ncertificate = '/c'\n", "tls: certificate and private_key belong together"),
        ("[report]\nto = 'nobody'\n", "report.to"),
        ("[numbers]\nallow = ['49']\n", "numbers.allow.0 = '49': String should match pattern"),
        ("[[profile]]\nmatch='*'\ncsid='123456789012345678901'\n", "profile.0.csid = '123456789012345678901': String"),
        ("[[profile]]\nmatch='*'\ntimezone='Mars/Base'\n", "profile.0.timezone = 'Mars/Base':"),
        ("[smtp]\nlisten=['127.0.0.1:25']\n[lmtp]\nlisten=['127.0.0.1:25']\n", "lmtp.listen and smtp.listen both have"),
        ("[smtp\n", "Expected ']'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_reason(config: Path, text: str, problem: str) -> None:
    found = problems(config, text)
    assert any(problem in each for each in found), found


def test_all_problems_are_told_at_once(config: Path) -> None:
    found = problems(
        config, "[smtp]\nlisten = ['x']\nnothing = 1\n[retarus]\nvalid_for = 'x'\npassword_file = 'gone'\n"
    )
    assert len(found) == 4
    assert "retarus.password_file = 'gone': No such file or directory" in found


def test_the_configuration_is_found_where_it_was_named(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.touch()
    other.touch()
    assert find_config(one, {"FAX_GATEWAY_CONFIG": str(other)}) == one
    assert find_config(None, {"FAX_GATEWAY_CONFIG": str(other)}) == other
    with pytest.raises(ConfigError, match="--config: there is no file"):
        find_config(tmp_path / "gone.toml", {})
    with pytest.raises(ConfigError, match="FAX_GATEWAY_CONFIG: there is no file"):
        find_config(None, {"FAX_GATEWAY_CONFIG": str(tmp_path / "gone.toml")})


@pytest.mark.parametrize(
    ("url", "config", "environ", "path"),
    [
        ("sqlite:///spool.db", "/etc/fax-gateway/config.toml", {}, "/etc/fax-gateway/spool.db"),
        ("sqlite:///spool.db", "/etc/f/c.toml", {"STATE_DIRECTORY": "/var/lib/f"}, "/var/lib/f/spool.db"),
        ("sqlite:///spool.db", "/etc/f/c.toml", {"STATE_DIRECTORY": "/var/lib/f:/var/lib/g"}, "/var/lib/f/spool.db"),
        ("sqlite:////srv/fax.db", "/etc/f/c.toml", {"STATE_DIRECTORY": "/var/lib/f"}, "/srv/fax.db"),
    ],
)
def test_a_relative_spool_lies_in_the_state_directory_else_beside_the_configuration(
    url: str, config: str, environ: dict[str, str], path: str
) -> None:
    settings = Settings.model_validate({"database": {"url": url}})
    assert spool_path(settings, Path(config), environ) == Path(path)
