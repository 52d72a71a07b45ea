"""The service's settings: one typed, frozen object, read at the edge only; an unknown key is refused.

Sources, the later winning: the defaults here, a TOML file (`npn serve --config`), the environment
(`NPN_DATABASE`, `NPN_WITNESS`, `NPN_SECRETS_KEY_FILE`), the command line.
"""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from npn.errors import ConfigurationError
from npn.text import read_text

_PASSWORD_IN_ADDRESS = re.compile(r"://[^/@]*:[^/@]+@|[?&]password=")
DEFAULT_DATABASE = "sqlite:///var/npn.db"


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What an operator may set; every key is described in docs/reference/settings.md."""

    database: str = DEFAULT_DATABASE
    witness: str = ""
    secrets_key_file: str = ""
    read_database: str = ""
    read_max_age_seconds: float = 60.0
    host: str = "127.0.0.1"
    port: int = 8000
    tls_cert: str = ""
    tls_key: str = ""
    client_ca: str = ""
    client_crls: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    client_cert_header: str = "Client-Cert"
    quarantine_days: int | None = None
    draw_deadline_seconds: float = 15.0
    header_timeout_seconds: float = 10.0
    body_timeout_seconds: float = 20.0
    answer_timeout_seconds: float = 60.0
    max_header_bytes: int = 16_384
    max_connections: int = 4096
    requests_per_minute: int = 0
    metrics_listen: str = ""
    metrics_token_file: str = ""
    log_level: str = "info"
    public_url: str = ""
    installation: Literal["", "production", "test"] = ""
    authority_name: str = ""
    authority_contact: str = ""
    messages_public: bool = True
    message_workers: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1
    message_versions: str = ""
    session_idle_minutes: int = 60
    session_hours: int = 12
    sign_in_attempts: int = 20
    second_factor: Literal["all", "operators", "optional"] = "operators"
    openid_issuer: str = ""
    openid_client_id: str = ""
    openid_client_secret: str = ""
    openid_bind_by_email: bool = False
    openid_new_role: Literal["", "group", "auditor"] = ""
    soap_mapping: str = ""
    soap_clock_skew_seconds: int = 300
    soap_sha1: bool = True
    soap_test_page: bool = False
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_tls: Literal["starttls", "tls", "none"] = "starttls"
    smtp_ca: str = ""
    smtp_user: str = ""
    smtp_password_file: str = ""
    smtp_timeout_seconds: float = 30.0
    mail_from: str = ""
    mail_subaddress: bool = False
    mail_retry_seconds: float = 60.0
    operator_mail: str = ""
    accessibility_statement: str = ""
    privacy_statement: str = ""


def read_settings(path: Path | None, environment: Mapping[str, str], overrides: Mapping[str, object]) -> Settings:
    """Put the sources together. Raises ConfigurationError naming the key that is wrong."""
    values: dict[str, object] = {}
    if path is not None:
        try:
            values.update(tomllib.loads(read_text(path)))
        except tomllib.TOMLDecodeError as error:
            raise ConfigurationError(f"{path} is not TOML: {error}") from error
    for key in ("database", "witness", "secrets_key_file"):
        if environment.get(f"NPN_{key.upper()}"):
            values[key] = environment[f"NPN_{key.upper()}"]
    values.update({key: value for key, value in overrides.items() if value is not None})
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        hint = f"known keys: {', '.join(Settings.__struct_fields__)}"
        raise ConfigurationError(f"settings: {error}", hint=hint) from error


def holds_secret(path: Path) -> bool:
    """Whether a settings file holds a password or another secret itself, and not only names the file of one."""
    try:
        values = tomllib.loads(read_text(path))
    except (tomllib.TOMLDecodeError, ConfigurationError):
        return False
    addresses = (str(values.get(key, "")) for key in ("database", "read_database", "witness"))
    return bool(values.get("openid_client_secret")) or any(map(_PASSWORD_IN_ADDRESS.search, addresses))
