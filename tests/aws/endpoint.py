"""A stand-in for every AWS endpoint, on loopback."""

from __future__ import annotations

import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

from tests.aws.wire import NOW

IDENTITY = (
    "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws-cn:iam::111111111111:user/ann</Arn>"
    "<UserId>x</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
)


class Server(ThreadingHTTPServer):
    """Answers the few operations the tests call and remembers what reached it."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, str], str]] = []
        self.assumed = 0
        self.expiry = NOW + timedelta(hours=1)
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def actions(self) -> list[str]:
        return [parse_qs(body).get("Action", [target])[0] for target, _, body in self.seen]


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self.server.seen.append((self.headers.get("X-Amz-Target", self.path), dict(self.headers), body))
        answer = self.answer(body).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_PUT = do_DELETE = do_HEAD = do_POST  # noqa: N815 - the names http.server looks for

    def answer(self, body: str) -> str:
        if "Action=GetCallerIdentity" in body:
            return IDENTITY
        if "Action=AssumeRole" in body:
            self.server.assumed += 1
            return (
                "<AssumeRoleResponse><AssumeRoleResult><Credentials>"
                f"<AccessKeyId>ASIAROLE{self.server.assumed:012d}</AccessKeyId>"
                "<SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken>"
                f"<Expiration>{self.server.expiry:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>"
                "</AssumeRoleResult></AssumeRoleResponse>"
            )
        if self.command == "GET":
            return "<ListAllMyBucketsResult></ListAllMyBucketsResult>"
        return json.dumps({"Accounts": []})

    def log_message(self, *_: object) -> None:
        """Quiet."""
