"""Whom a login lets in: pure; claims of an identity token go in, a refusal in words comes out.

The identity provider says who somebody is; who may look is said here: everybody whom it knows, or
those of a list of addresses and domains. An address that the provider calls unverified is nobody's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SECTION = "chainlight"
LISTS = ("allowed_emails", "allowed_domains")


@dataclass(frozen=True, slots=True)
class Admission:
    """For whom tokens must be issued, and who may look; no list lets everybody in."""

    client_id: str
    emails: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def admission(settings: Mapping[str, object]) -> Admission:
    """Return what the file of `--oidc` says of who may look.

    Raises: ValueError for a list that is none: a wrong list must not let everybody in.
    """
    auth, own = _section(settings, "auth"), _section(settings, SECTION)
    unknown = sorted(set(own) - set(LISTS))
    if unknown:
        raise ValueError(f"[{SECTION}] knows {' and '.join(LISTS)}, not {', '.join(unknown)}.")
    emails, domains = (_words(name, own.get(name, [])) for name in LISTS)
    return Admission(str(auth.get("client_id", "")), emails, domains)


def refusal(claims: Mapping[str, object], allowed: Admission) -> str:
    """Return why these claims may not look, or nothing where they may.

    The audience is compared although the login did so: its library takes a token for another
    audience as well, once `azp` names us.
    """
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if allowed.client_id not in audiences:
        return "This login was meant for another application."
    if not allowed.emails and not allowed.domains:
        return ""
    email = str(claims.get("email") or "").lower()
    if not email or claims.get("email_verified") is False:
        return "Your identity provider names no verified address of yours."
    if email in allowed.emails or email.rpartition("@")[2] in allowed.domains:
        return ""
    return f"{email} is not among those who may look here."


def _section(settings: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = settings.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _words(name: str, value: object) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) and word for word in value):
        raise ValueError(f"[{SECTION}] {name} is not a list of texts.")
    return frozenset(word.lower().lstrip("@") for word in value)
