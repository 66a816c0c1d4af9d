"""The option --data that every command takes, and the settings that follow from it."""

from pathlib import Path
from typing import Annotated

import typer

from api.settings import Settings

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; else GUIXUE_DATA, else .guixue here."),
]


def settings_for(data: Path | None) -> Settings:
    return Settings(data=data) if data is not None else Settings()
