"""What the environment decides about the service."""

from datetime import time
from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from application.notices.origins import origin_of
from application.notices.signing import key_of


class Settings(BaseSettings):
    """Read from ``GUIXUE_…`` variables; the command line overrides them."""

    model_config = SettingsConfigDict(env_prefix="GUIXUE_")

    database_url: str | None = Field(default=None, description="a given PostgreSQL, 17 or newer")
    data: Path = Field(default=Path(".guixue"), description="the data folder")
    sealing_key_file: Path | None = Field(
        default=None,
        description="where the key file is under whose keys the children's are wrapped; else"
        " `sealing.key` in the data folder",
    )
    sealing_key: SecretStr | None = Field(
        default=None, description="those keys themselves, base64, in place of a file"
    )
    log_key_file: Path | None = Field(
        default=None,
        description="where the keys are that sign the log's checkpoints; else `log.key` in the"
        " data folder",
    )
    log_origin: str | None = Field(
        default=None,
        pattern=r"^[^\s+]{1,200}$",
        description="the log's name, for whoever verifies it, such as `guixue.example/district`;"
        " taken when its first key is made",
    )
    witnesses_file: Path | None = Field(
        default=None,
        description="who witnesses the log, a line for each: address, space, public key; else"
        " `witnesses.txt` in the data folder",
    )
    log_is_public: bool = Field(
        default=False,
        description="whether checkpoint, proofs and hashes of the log are open to all, for"
        " monitors and witnesses; they name nobody",
    )
    keep_tree: bool = Field(
        default=True, description="whether this service keeps the log's tree and its checkpoints"
    )
    watch_duties: bool = Field(
        default=True, description="whether this service puts missed duties on record"
    )
    zone: ZoneInfo = Field(default=ZoneInfo("Asia/Shanghai"), description="whose days count")
    max_body_bytes: int = Field(default=1_000_000, description="the largest JSON body taken")
    follow_views: Literal["process", "thread", "no"] = Field(
        default="process",
        description="where views are kept: in a `process` of their own, a `thread` of the service,"
        " or (`no`) by `guixue views follow`",
    )
    send_notices: bool = Field(
        default=True, description="whether this service sends notices, where something is to send"
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://\S{1,200}$",
        description="the address under which people open their worklist, for messages to them",
    )
    ca_file: Path | None = Field(
        default=None,
        description="PEM file of certificate authorities (证书颁发机构), trusted beside the"
        " system's by whatever the service connects to: mail server, gateway, webhooks, witnesses,"
        " OpenID provider",
    )
    webhook_origins: tuple[str, ...] = Field(
        default=(),
        description="the only places that webhooks may be subscribed at, scheme and host, such as"
        ' `["https://oa.example"]`',
    )
    smtp_host: str | None = Field(default=None, description="the server that takes e-mail")
    smtp_port: int = Field(default=587, ge=1, le=65_535, description="its port")
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="starttls", description="how it is spoken to: `none`, `starttls` or `tls`"
    )
    smtp_user: str | None = Field(default=None, description="as whom we sign in there, if at all")
    smtp_password: SecretStr | None = Field(default=None, description="with what password")
    smtp_from: str | None = Field(
        default=None,
        pattern=r"^[^\s@<>]{1,64}@[A-Za-z0-9.-]{1,250}$",
        description="the address that e-mail comes from",
    )
    sms_gateway_url: str | None = Field(
        default=None,
        pattern=r"^https?://\S{1,500}$",
        description="the district's gateway to SMS or an office messenger: it is posted"
        ' `{"to", "text"}`, signed as webhooks are',
    )
    sms_gateway_secret: SecretStr | None = Field(
        default=None, description="what that is signed with: `whsec_…`, 24 to 64 bytes in base64"
    )
    digest_at: time = Field(
        default=time(7, 30), description="when the daily digest is made, on school days"
    )
    quiet_from: time = Field(
        default=time(21), description="from when on no person is sent anything"
    )
    quiet_until: time = Field(default=time(7), description="until when")
    notice_attempts: int = Field(
        default=20,
        ge=1,
        description="how often a notice is tried (20 times take two days and a half)",
    )
    notices_kept_days: int = Field(
        default=180, ge=1, description="how long the outbox keeps what was sent or given up"
    )
    fonts: Path | None = Field(
        default=None,
        description="the folder in which the font of printed forms (Noto Serif CJK) is looked for;"
        " else where systems keep fonts",
    )
    offline_drafts: bool = Field(
        default=True,
        description="whether browsers may keep what was written without signal, encrypted, until"
        " it is sent",
    )
    oidc_issuer: str | None = Field(
        default=None, description="the issuer of an OpenID provider, to sign in through it"
    )
    oidc_client_id: str | None = Field(default=None, description="what the provider calls us")
    oidc_client_secret: SecretStr | None = Field(
        default=None, description="the secret we share with the provider, if any"
    )
    oidc_redirect_url: str | None = Field(
        default=None, description="where the provider sends people back: `…/v1/oidc/callback`"
    )

    @property
    def log_key_path(self) -> Path:
        return self.log_key_file or self.data / "log.key"

    @property
    def number_key_path(self) -> Path:
        return self.data / "number.key"

    @property
    def witnesses_path(self) -> Path:
        return self.witnesses_file or self.data / "witnesses.txt"

    @model_validator(mode="after")
    def _a_whole_provider(self) -> Self:
        given = (self.oidc_issuer, self.oidc_client_id, self.oidc_redirect_url)
        if any(given) and not all(given):
            raise ValueError(
                "GUIXUE_OIDC_ISSUER, GUIXUE_OIDC_CLIENT_ID and GUIXUE_OIDC_REDIRECT_URL are given"
                " together or not at all"
            )
        return self

    @model_validator(mode="after")
    def _whole_channels(self) -> Self:
        if (self.smtp_host is None) != (self.smtp_from is None):
            raise ValueError("GUIXUE_SMTP_HOST and GUIXUE_SMTP_FROM are given together")
        if self.smtp_user is not None and self.smtp_security == "none":
            raise ValueError("GUIXUE_SMTP_USER is told to no server that is spoken to in the clear")
        if (self.sms_gateway_url is None) != (self.sms_gateway_secret is None):
            raise ValueError("GUIXUE_SMS_GATEWAY_URL and …_SECRET are given together")
        if self.sms_gateway_secret is not None:
            key_of(self.sms_gateway_secret.get_secret_value())
        if unknown := [one for one in self.webhook_origins if origin_of(one) is None]:
            raise ValueError(f"GUIXUE_WEBHOOK_ORIGINS: {unknown[0]} is no origin")
        return self
