"""What the environment decides about the service."""

from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr
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
    zone: ZoneInfo = Field(default=ZoneInfo("Asia/Shanghai"), description="whose days count")
    max_body_bytes: int = Field(default=1_000_000, description="the largest JSON body taken")
