"""Every page behind the login, and the least role that it takes. /login and /static/ are all that stands before it."""

from typing import Final

from gateway.spool.logins import Role
from gateway.web import (
    acting,
    auditing,
    covers,
    jobs,
    live,
    loaded,
    overview,
    policy,
    sheets,
    stopping,
    story,
    testing,
    trying,
)
from gateway.web.gate import Route
from gateway.web.signing_in import leave

_JOB = "/jobs/{id:[0-9a-f]{32}}"

ROUTES: Final = (
    Route("POST", "/logout", leave, Role.VIEWER),
    Route("GET", "/", overview.show, Role.VIEWER),
    Route("GET", "/events", live.events, Role.VIEWER),
    Route("POST", "/pause", stopping.switch, Role.OPERATOR),
    Route("GET", "/jobs", jobs.show, Role.VIEWER),
    Route("GET", _JOB, story.show, Role.VIEWER),
    Route("GET", _JOB + "/pages", sheets.pages, Role.OPERATOR),
    Route("GET", _JOB + r"/pages/{page:\d{1,4}}", sheets.page, Role.OPERATOR),
    Route("GET", _JOB + r"/pages/{page:\d{1,4}}.png", sheets.image, Role.OPERATOR),
    Route("GET", _JOB + r"/documents/{position:\d{1,4}}", sheets.document, Role.OPERATOR),
    Route("GET", _JOB + "/mail.eml", sheets.mail, Role.OPERATOR),
    Route("POST", "/jobs/ask", acting.ask, Role.OPERATOR),
    Route("POST", "/jobs/act", acting.act, Role.OPERATOR),
    Route("GET", "/done", acting.done, Role.OPERATOR),
    Route("GET", "/try", trying.form, Role.OPERATOR),
    Route("POST", "/try", trying.run, Role.OPERATOR, takes_file=True),
    Route("GET", r"/try/{key:[\w-]{22}}/{job:\d{1,3}}/{page:\d{1,4}}.png", trying.image, Role.OPERATOR),
    Route("GET", "/test", testing.form, Role.OPERATOR),
    Route("POST", "/test", testing.send, Role.OPERATOR),
    Route("GET", "/policy", policy.show, Role.OPERATOR),
    Route("GET", "/settings", loaded.show, Role.OPERATOR),
    Route("GET", "/covers", covers.show, Role.OPERATOR),
    Route("GET", r"/covers/{name:[\w-]{1,64}}.png", covers.image, Role.OPERATOR),
    Route("GET", "/audit", auditing.show, Role.ADMIN),
)
