"""An OpenID Connect provider on loopback: discovery, keys, code flow with PKCE, logout.

Who logs in is what the test says; the login page is left out, the browser is sent straight back.
`minted` is called with the claims before they are signed, so that a test can spoil them.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CLIENT_ID = "chainlight-tests"
CLIENT_SECRET = "not a secret, it is a stub"
BASIC = "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


FILE = """
[auth]
redirect_uri = "{url}/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "{client_id}"
client_secret = "{client_secret}"
server_metadata_url = "{provider}/.well-known/openid-configuration"

[chainlight]
allowed_emails = ["ada@example.com"]
allowed_domains = ["shop.example"]
"""
"""What `--oidc` is given."""


@dataclass
class Provider:
    """The provider's state; `identity` is who logs in next."""

    url: str
    identity: dict[str, Any] = field(default_factory=dict)
    minted: Callable[[dict[str, Any]], dict[str, Any]] = lambda claims: claims
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    logged_out: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing_key: RSAKey = field(init=False)

    def __post_init__(self) -> None:
        self.signing_key = self.key

    def discovery(self) -> dict[str, Any]:
        """Return what clients read first."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def code_for(self, query: dict[str, str]) -> str:
        """Return the address that a browser is sent back to, with a code to be used once."""
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token_for(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """Return the tokens of a code; KeyError where it is unknown, spent or somebody else's."""
        asked = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (authorization, challenge) != (BASIC, asked["code_challenge"]):
            raise KeyError(form["code"])
        now_s = int(time.time())
        claims = {"iss": self.url, "sub": "one", "aud": CLIENT_ID, "iat": now_s,
                  "exp": now_s + 600, "nonce": asked["nonce"], **self.identity}  # fmt: skip
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, self.minted(claims), self.signing_key)
        return {"access_token": "a", "token_type": "Bearer", "id_token": signed, "expires_in": 600}


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        at = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        if at.path == "/authorize":
            self._redirect(self.provider.code_for(query))
        elif at.path == "/logout":
            self.provider.logged_out.append(query["id_token_hint"])
            self._redirect(query["post_logout_redirect_uri"])
        elif at.path == "/keys":
            self._answer({"keys": [self.provider.key.as_dict(private=False)]})
        else:
            self._answer(self.provider.discovery())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        try:
            tokens = self.provider.token_for(form, self.headers.get("Authorization", ""))
        except KeyError:
            self._answer({"error": "invalid_grant"}, 400)
        else:
            self._answer(tokens)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, document: dict[str, Any], status: int = 200) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def provider() -> Iterator[Provider]:
    """Serve a provider on a free port of this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        found = Provider(f"http://127.0.0.1:{server.server_port}")
        _Handler.provider = found
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield found
        server.shutdown()
