"""What is shipped works outside the checkout: the wheel in an empty venv."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]


def test_the_lock_pins_every_library_with_its_hashes() -> None:
    """`make lock` was called since pyproject.toml has changed."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    pinned: dict[str, str] = {}
    for entry in re.split(r"\n(?=[a-z])", (ROOT / ".packaging" / "requirements.lock").read_text()):
        match = re.match(r"([a-z0-9-]+)==([^ ]+)", entry)
        if match is not None:
            pinned[match[1]] = match[2]
            assert "--hash=sha256:" in entry, match[1]
    for requirement in map(Requirement, wanted):
        name = canonicalize_name(requirement.name)
        assert requirement.specifier.contains(pinned[name]), name


@pytest.mark.parametrize("script", ["postinst", "prerm", "postrm"])
def test_debians_shell_understands_the_packages_scripts(script: str) -> None:
    subprocess.run(["/bin/sh", "-n", ROOT / ".packaging" / "debian" / script], check=True, timeout=60)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("## [Unreleased]\n\nSchema of the spool: 4.\n", "it has no section of 1.2.0: "),
        ("## [1x2.0] - 2026-11-27\n\nSchema of the spool: 4.\n", "it has no section of 1.2.0: "),
        ("## [1.2.0]\n\nSchema of the spool: 4.\n", '"## [1.2.0]" has no date: '),
        ("## [1.2.0] - tomorrow\n\nSchema of the spool: 4.\n", '"## [1.2.0] - tomorrow" has no date: '),
        ("## [1.2.0] - 2026-11-27\n\n## [1.1.0]\n\nSchema of the spool: 4.\n", "does not say "),
        ("## [Unreleased]\n- x\n## [1.2.0] - 2026-11-27\nSchema of the spool: 4.\n", "stands under [Unreleased]"),
        ("## [Unreleased]\n\n## [1.2.0] - 2026-11-27\n\nThe second. Schema of the spool: 4.\n", ""),
    ],
    ids=["no section", "another version", "no date", "no real date", "no schema", "left above", "ready"],
)
def test_a_release_wants_its_section_of_the_change_log(text: str, said: str) -> None:
    command = [str(ROOT / ".packaging" / "check-changelog"), "1.2.0", "4"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == (1 if said else 0)
    assert said in done.stderr
    assert done.stderr.count("\n") == (1 if said else 0)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(directory), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    (built,) = directory.glob("*.whl")
    return built


def test_the_wheel_brings_the_templates_and_the_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for template in (ROOT / "templates").rglob("*.j2"):
        assert f"gateway/_templates/{template.relative_to(ROOT / 'templates')}" in names
    assert "gateway/spool/migrations/versions/0001_first_spool.py" in names
    assert "gateway/py.typed" in names


@pytest.mark.timeout(300)
def test_the_installed_command_runs_the_demo_from_the_root_directory(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True, timeout=60)
    install = [
        str(venv / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        str(wheel),
    ]
    subprocess.run(install, check=True, timeout=200)
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    demo = subprocess.run(
        [venv / "bin" / "fax-gateway", "demo"],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "the fax, as the recipient's machine prints it (3 pages)" in demo.stdout
