"""The dashboard in Debian's Chromium, over a real daemon and the sandbox; axe-core finds what people can't use."""

import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from gateway.spool.migrations import upgrade
from tests.living.gateway import Gateway
from tests.web.many import fill

pytestmark = pytest.mark.once

playwright = pytest.importorskip("playwright.sync_api", reason="the group `test` of pyproject.toml has playwright")

Need = Callable[[str], str]
AXE = "axe-core@4.14.1"
PASSWORD = "correct horse"
SCRIPT = "<script>document.title='taken over'</script><img src=x onerror=\"document.title='taken over'\">"
# What WCAG 2.2 AA asks for; what axe calls best practice besides.
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")  # its event loop runs until it is stopped, and no test beside these could run one
def browser(need: Need) -> Iterator[Any]:
    chromium = need("chromium")  # first: without it the driver's own libraries may be missing too
    with playwright.sync_playwright() as driver:
        # As root, in a container, Chromium can't have a sandbox of its own.
        options = ["--no-sandbox"] if os.geteuid() == 0 else []
        started = driver.chromium.launch(executable_path=chromium, args=options)
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe(need: Need, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script that looks for what people can't use."""
    npm, directory = need("npm"), tmp_path_factory.mktemp("axe")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", AXE]
    done = subprocess.run(command, cwd=directory, capture_output=True, timeout=120, check=False)
    if done.returncode != 0:
        reason = f"npm can't install {AXE}: {done.stderr.decode(errors='replace')[-300:]}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return (directory / "node_modules" / "axe-core" / "axe.min.js").read_text("utf-8")


@pytest.fixture
def site(gateway: Gateway) -> Iterator["Site"]:
    gateway.sandbox.start()
    gateway.daemon.start()
    made = Site(gateway)
    yield made
    gateway.daemon.stop()
    gateway.sandbox.stop()
    assert made.faults == []


class Site:
    """The dashboard of a daemon that runs, and one login, `jana`."""

    def __init__(self, gateway: Gateway, role: str = "admin") -> None:
        self.gateway = gateway
        self.faults: list[str] = []  # what a console said; a refusal of the Content Security Policy is there too
        self.base = "http://" + gateway.daemon.wait_for("dashboard_listening")["address"]
        gateway.type("users", "add", "jana", "--role", role, typed=f"{PASSWORD}\n").check_returncode()

    def log_in(self, browser: Any, **options: Any) -> Any:
        """A page of a new browser in which nothing may go wrong."""
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.goto(self.base + "/jobs")
        page.locator("#name").fill("jana")
        page.locator("#password").fill(PASSWORD)
        page.locator("button.main").click()
        page.wait_for_url("**/jobs")
        return page

    def _note(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)


def test_an_operators_walk(site: Site, browser: Any, a_mail: Callable[..., EmailMessage]) -> None:
    gateway = site.gateway
    failed = gateway.send(a_mail(), "+4989990001@fax.local")
    page = site.log_in(browser)

    # A job comes and moves while its list is open; nobody reloads it.
    row = page.locator("tr", has_text="+49 89 990001")
    playwright.expect(row.get_by_text("failed")).to_be_visible(timeout=20_000)

    # It is found, and its pages are looked at.
    page.get_by_label("Search").fill("089 990001")
    page.locator("form.filters button.main").click()
    assert "find=089" in page.url
    page.get_by_role("link", name=failed[:8]).click()
    playwright.expect(page.get_by_text("The line was busy at every attempt.")).to_be_visible()
    page.get_by_role("link", name="Show the pages").click()
    assert page.locator(".sheets img").count() >= 2
    page.locator(".sheets a").first.click()
    image = page.locator(".sheet img")
    assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1728
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/pages/2?zoom=fit")
    page.keyboard.press("+")
    page.wait_for_url("**zoom=full")
    page.keyboard.press("Escape")
    page.wait_for_url("**/pages")

    # It is sent again, once.
    page.goto(f"{site.base}/jobs/{failed}")
    page.get_by_role("button", name="Send again…").click()
    page.get_by_role("button", name="Send again").click()
    playwright.expect(page.locator(".outcomes .good")).to_contain_text("sent again as")

    # Submission is paused; a job that waits is cancelled.
    page.goto(site.base + "/")
    page.get_by_role("button", name="Pause submission").click()
    playwright.expect(page.get_by_text("No fax is submitted")).to_be_visible()
    gateway.daemon.wait_for("paused", activity="submit")
    waiting = gateway.send(a_mail(), "+4989123499@fax.local")
    page.goto(site.base + "/jobs")
    page.get_by_label(f"Choose job {waiting[:8]}").check()
    page.get_by_role("button", name="Cancel…").click()
    page.get_by_role("button", name="Cancel the faxes").click()
    playwright.expect(page.locator(".outcomes .good")).to_contain_text("cancelled; its sender is told")
    page.goto(site.base + "/")
    page.get_by_role("button", name="Resume submission").click()
    _stands_in_the_audit_log(page, "login", "page", "retry", "pause", "cancel", "resume")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto(site.base + "/jobs")
    assert "/login" in page.url


def test_a_mail_is_tried_and_a_test_fax_sent(
    site: Site, browser: Any, a_mail: Callable[..., EmailMessage], tmp_path: Path
) -> None:
    gateway, page = site.gateway, site.log_in(browser)

    # Nothing of a mail that is tried is sent.
    before = len(gateway.jobs())
    (tmp_path / "mail.eml").write_bytes(a_mail().as_bytes())
    page.get_by_role("link", name="Try a mail").click()
    page.locator("#mail").set_input_files(tmp_path / "mail.eml")
    page.locator("#to").fill("089 123456")
    page.get_by_role("button", name="Try it").click()
    playwright.expect(page.get_by_role("heading", name="Would go to +49 89 123456")).to_be_visible()
    assert page.locator(".sheets img").count() >= 2
    assert len(gateway.jobs()) == before

    # A test fax is sent for real.
    page.get_by_role("link", name="Test fax").click()
    page.get_by_label("Fax number").fill("089 123456")
    page.get_by_label("Sender, who").fill("jana@example.com")
    page.get_by_role("button", name="Send the fax").click()
    playwright.expect(page.locator("h1 .badge")).to_have_text("sent", timeout=20_000)

    _stands_in_the_audit_log(page, "try", "test fax")


def _stands_in_the_audit_log(page: Any, *deeds: str) -> None:
    page.get_by_role("link", name="Audit log").click()
    for deed in deeds:
        assert page.get_by_role("cell", name=deed, exact=True).count() >= 1, deed


@pytest.mark.parametrize(("scheme", "locale"), [("light", "en-GB"), ("dark", "de-DE")])
def test_nobody_is_kept_out(
    site: Site, browser: Any, axe: str, a_mail: Callable[..., EmailMessage], scheme: str, locale: str
) -> None:
    job = site.gateway.send(a_mail(), "+4989990003@fax.local", "+4989123456@fax.local")
    site.gateway.wait_for_job()
    page = site.log_in(browser, color_scheme=scheme, locale=locale)
    page.set_viewport_size({"width": 1280, "height": 900})
    found = {}
    for path in (
        "/",
        "/jobs",
        "/jobs?find=nothing",
        f"/jobs/{job}",
        f"/jobs/{job}/pages",
        f"/jobs/{job}/pages/1",
        "/try",
        "/test",
        "/policy?to=089123456",
        "/policy?to=112",
        "/covers",
        "/settings",
        "/audit",
        "/done",
    ):
        page.goto(site.base + path)
        found[path] = _violations(page, axe)
    page.goto(site.base + "/jobs")
    page.get_by_role("checkbox").first.check()
    page.locator("button[value=retry]").click()
    found["ask"] = _violations(page, axe)
    stranger = browser.new_context(color_scheme=scheme, locale=locale).new_page()
    stranger.goto(site.base + "/login")
    found["login"] = _violations(stranger, axe)
    phone = site.log_in(
        browser, color_scheme=scheme, locale=locale, viewport={"width": 360, "height": 740}, is_mobile=True
    )
    for path in ("/", "/jobs", f"/jobs/{job}", "/settings", "/covers", "/audit"):
        phone.goto(site.base + path)
        found[f"phone {path}"] = _violations(phone, axe)
        assert phone.evaluate("document.documentElement.scrollWidth") <= 360, path
    assert {path: each for path, each in found.items() if each} == {}


def _violations(page: Any, axe: str) -> list[str]:
    page.evaluate(axe)
    result = page.evaluate("rules => axe.run(document, rules)", RULES)
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes']]}" for each in result["violations"]]


def test_without_a_script_everything_is_there(site: Site, browser: Any, a_mail: Callable[..., EmailMessage]) -> None:
    job = site.gateway.send(a_mail(), "+4989990001@fax.local")
    site.gateway.wait_for_job()
    page = site.log_in(browser, java_script_enabled=False)
    assert page.get_by_text("Times are UTC.").is_visible()
    page.get_by_role("link", name=job[:8]).click()
    page.get_by_role("link", name="Show the pages").click()
    assert page.locator(".sheets img").count() >= 2


def test_a_hostile_mail_is_text_in_a_real_browser(site: Site, browser: Any, tmp_path: Path) -> None:
    mail = EmailMessage()
    mail["From"] = f'"{SCRIPT.replace(chr(34), chr(39))}" <jana@example.com>'
    mail["Subject"] = SCRIPT
    mail["Message-ID"] = "<hostile@example.com>"
    mail.set_content(SCRIPT)
    mail.add_alternative(f"<p>Hello {SCRIPT}</p><meta http-equiv=refresh content='0;url=/login'>", subtype="html")
    mail.add_attachment(SCRIPT.encode(), maintype="text", subtype="plain", filename=f"{SCRIPT}.txt")
    job = site.gateway.send(mail)
    site.gateway.wait_for_job()
    page = site.log_in(browser)
    (tmp_path / "mail.eml").write_bytes(mail.as_bytes())
    for path in ("/jobs", f"/jobs/{job}", f"/jobs/{job}/pages", "/try"):
        page.goto(site.base + path)
        if path == "/try":
            page.locator("#mail").set_input_files(tmp_path / "mail.eml")
            page.get_by_role("button", name="Try it").click()
            page.wait_for_selector(".sheets img")
        page.wait_for_timeout(300)
        assert "taken over" not in page.title()
        assert page.locator("main script, main [onerror], main iframe, main meta").count() == 0
    page.goto(site.base + "/jobs")
    assert page.get_by_text(SCRIPT).count() == 1


PLACES = ("/", "/jobs", "/jobs?state=sent", "/jobs?sender=*@example.com", "/jobs?find=%2B49891050000", "/try", "/test")
FURTHER_PLACES = ("/policy?to=089123456", "/settings", "/covers", "/audit")


@pytest.mark.parametrize("count", [0, 1, 100_000])
def test_every_page_is_there_at_once_however_many_jobs_there_are(gateway: Gateway, browser: Any, count: int) -> None:
    """By the browser's own clock (Paint Timing, Navigation Timing): what is slow by itself is so three times."""
    spool = gateway.directory / "spool.db"
    upgrade(spool)
    fill(spool, count, datetime.now(UTC))
    gateway.configure(more="[delivery]\npaused = true\n")
    gateway.daemon.start()
    try:
        site = Site(gateway)
        page = site.log_in(browser)
        page.goto(site.base + "/jobs")
        stories = [each.get_attribute("href") for each in page.locator("main tbody a[href^='/jobs/']").all()[:1]]
        assert len(stories) == min(count, 1)
        for path in (*PLACES, *FURTHER_PLACES, *filter(None, stories)):
            for _ in range(3):
                page.goto(site.base + path)
                measured = page.evaluate(MEASURE)
                if measured["paint"] < 2000:
                    break
            assert measured["bytes"] < 150_000, (path, measured)
            assert measured["paint"] < 2000, (path, measured)
        assert site.faults == []
    finally:
        gateway.daemon.stop()


MEASURE = """() => new Promise((done) => new PerformanceObserver((list) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  const navigation = performance.getEntriesByType("navigation")[0];
  const fetched = performance.getEntriesByType("resource").reduce((sum, each) => sum + each.transferSize, 0);
  if (paint) done({bytes: navigation.transferSize + fetched, answer: navigation.responseStart, paint: paint.startTime});
}).observe({type: "paint", buffered: true}))"""
