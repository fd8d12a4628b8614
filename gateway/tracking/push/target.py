"""What a request says about where to push: httpStatusPush (Fax4A), with a URL of its own for each job. Pure."""

from dataclasses import dataclass

from pydantic import SecretStr

from gateway.fax4a import HttpStatusPush
from gateway.fax4a.model import AuthMethod
from gateway.tracking.push.tokens import PushTokens

PATH = "/push/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTarget:
    public_url: str
    tokens: PushTokens
    method: AuthMethod
    username: str
    password: SecretStr

    def of(self, job_id: str) -> HttpStatusPush:
        url = f"{self.public_url.rstrip('/')}{PATH}{self.tokens.token(job_id)}"
        if self.method is AuthMethod.NONE:
            return HttpStatusPush(target_url=url)
        return HttpStatusPush(
            target_url=url, principal=self.username, credentials=self.password, auth_method=self.method
        )
