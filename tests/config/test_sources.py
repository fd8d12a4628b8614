"""Where settings come from, which source wins, and what an operator reads when one is wrong."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from gateway.config import (
    ConfigError,
    ListenAddress,
    Settings,
    find_config,
    load_settings,
    spool_path,
    state_directory,
)

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


def test_every_key_of_the_public_surface_is_read_and_shows_its_default(config: Path) -> None:
    settings = load(config, EVERYTHING)
    assert settings.smtp.listen == (ListenAddress("127.0.0.1", 8025), ListenAddress("::1", 8025))
    assert settings.lmtp.listen == (Path("/run/fax-gateway/lmtp.sock"),)
    assert settings.profile[0].csid == "+49 89 1234560"
    differs = {name for name in Settings.model_fields if getattr(settings, name) != getattr(Settings(), name)}
    assert differs == {"hostname", "smtp", "lmtp", "retarus", "profile"}
    assert settings.retarus.region == "de"
    assert settings.retarus.model_copy(update={"region": None}) == Settings().retarus


def test_the_sandbox_is_reached_by_urls(config: Path) -> None:
    settings = load(
        config,
        """
        [retarus]
        ha_url = "http://127.0.0.1:9100/ha/rest/v1"
        datacenter_urls = { dc1 = "http://127.0.0.1:9100/dc1/rest/v1", dc2 = "http://127.0.0.1:9100/dc2/rest/v1" }
        """,
    )
    assert settings.retarus.ha_url == "http://127.0.0.1:9100/ha/rest/v1"
    assert list(settings.retarus.datacenter_urls) == ["dc1", "dc2"]


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


def test_lists_and_tables_in_the_environment_are_json(config: Path) -> None:
    environ = {
        "FAX_GATEWAY__SMTP__DOMAINS": '["fax.example.com"]',
        "FAX_GATEWAY__RETARUS__HA_URL": "https://ha.example.com/rest/v1",
        "FAX_GATEWAY__RETARUS__DATACENTER_URLS": '{"one": "https://one.example.com/rest/v1"}',
        "FAX_GATEWAY__LIMITS__PAGES": "7",
        "FAX_GATEWAY__PROFILE": '[{"match": "*", "csid": "1", "report": {"on": "failure"}}]',
    }
    settings = load(config, "", **environ)
    assert settings.smtp.domains == ("fax.example.com",)
    assert settings.retarus.datacenter_urls == {"one": "https://one.example.com/rest/v1"}
    assert settings.limits.pages == 7
    assert settings.profile[0].report.on == "failure"


def test_a_section_in_the_environment_lies_over_that_of_the_file(config: Path) -> None:
    text = '[smtp]\ndomains = ["keep.example.com"]\nverdict_seconds = 5\n'
    environ = {"FAX_GATEWAY__SMTP__VERDICT_SECONDS": "7", "FAX_GATEWAY__SMTP": '{"max_message_bytes": 2048}'}
    for variables in (environ, dict(reversed(environ.items()))):
        settings = load(config, text, **variables)
        assert settings.smtp.domains == ("keep.example.com",)
        assert settings.smtp.max_message_bytes == 2048
        assert settings.smtp.verdict_seconds == 7


def test_a_table_of_urls_is_one_value(config: Path) -> None:
    """A data centre of the file must not stay beside those of the environment."""
    urls = '{ha}\ndatacenter_urls = {{ old = "https://old.example.com/rest/v1" }}\n'
    settings = load(
        config,
        "[retarus]\n" + urls.format(ha='ha_url = "https://ha.example.com/rest/v1"'),
        FAX_GATEWAY__RETARUS__DATACENTER_URLS='{"new": "https://new.example.com/rest/v1"}',
    )
    assert list(settings.retarus.datacenter_urls) == ["new"]


def test_a_byte_order_mark_is_no_error(config: Path) -> None:
    assert load(config, "\ufeffhostname = 'fax.example.com'\n").hostname == "fax.example.com"


def test_relative_paths_are_beside_the_file_wherever_the_daemon_was_started(config: Path) -> None:
    text = '[cover]\ndirectory = "mine"\n[retarus]\nca_file = "/ca.pem"\n[database]\ncontent_dir = "content"\n'
    settings = load(config, text)
    assert settings.cover.directory == config.parent / "mine"
    assert settings.retarus.ca_file == Path("/ca.pem")
    assert settings.database.content_dir == config.parent / "content"
    settings = load(config, text, STATE_DIRECTORY="/var/lib/fax-gateway")
    assert settings.database.content_dir == Path("/var/lib/fax-gateway/content")


def test_a_secret_may_stand_in_a_file_of_its_own(config: Path, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("sécret\nsecond line\n", encoding="utf-8")
    settings = load(config, '[retarus]\npassword_file = "password"\n')
    assert settings.retarus.password.get_secret_value() == "sécret"
    settings = load(config, "", FAX_GATEWAY__NOTIFY__SMARTHOST_PASSWORD_FILE=str(tmp_path / "password"))
    assert settings.notify.smarthost_password.get_secret_value() == "sécret"


@pytest.mark.parametrize("in_file", ["password = 'file'", "password_file = 'password'", "password_file = 'gone'"])
@pytest.mark.parametrize(
    ("variable", "value", "secret"), [("PASSWORD", "variable", "variable"), ("PASSWORD_FILE", "password", "in a file")]
)
def test_a_secret_in_the_environment_wins_over_the_file(
    config: Path, tmp_path: Path, in_file: str, variable: str, value: str, secret: str
) -> None:
    (tmp_path / "password").write_text("in a file", encoding="utf-8")
    environ = {f"FAX_GATEWAY__RETARUS__{variable}": value}
    if "gone" in in_file:
        assert problems(config, f"[retarus]\n{in_file}\n", **environ)  # a name that leads nowhere is a mistake
        return
    assert load(config, f"[retarus]\n{in_file}\n", **environ).retarus.password.get_secret_value() == secret


def test_a_systemd_credential_wins_over_all(config: Path, tmp_path: Path) -> None:
    (tmp_path / "retarus.password").write_text("from systemd\n", encoding="utf-8")
    config.write_text('[retarus]\npassword = "from the file"\n', encoding="utf-8")
    settings = load_settings(config, {"FAX_GATEWAY__RETARUS__PASSWORD": "from the environment"}, tmp_path)
    assert settings.retarus.password.get_secret_value() == "from systemd"


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


def test_a_command_without_a_state_directory_takes_the_packaged_daemons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packaged, state = tmp_path / "etc" / "config.toml", tmp_path / "state"
    packaged.parent.mkdir()
    monkeypatch.setattr("gateway.config.sources.DEFAULT_PATH", packaged)
    monkeypatch.setattr("gateway.config.sources.PACKAGED_STATE", state)
    assert state_directory(packaged, {}) == packaged.parent  # no package is installed
    state.mkdir()
    assert state_directory(packaged, {}) == state
    assert state_directory(tmp_path / "other.toml", {}) == tmp_path
    assert state_directory(packaged, {"STATE_DIRECTORY": "/srv/fax"}) == Path("/srv/fax")
    settings = Settings()
    assert spool_path(settings, packaged, {}) == state / "spool.db"
    (packaged.parent / "spool.db").touch()  # of a daemon that knew no other place
    assert spool_path(settings, packaged, {}) == packaged.parent / "spool.db"
    (state / "spool.db").touch()
    assert spool_path(settings, packaged, {}) == state / "spool.db"


def test_postgresql_is_no_path() -> None:
    settings = Settings.model_validate({"database": {"url": "postgresql://fax:hunter2@db.example.com/fax"}})
    assert spool_path(settings, Path("/etc/f/c.toml"), {}) is None
