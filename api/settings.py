"""What the environment decides about the service."""

from pathlib import Path
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


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
