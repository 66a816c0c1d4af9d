"""What several commands share: the data folder, the settings it stands for, and who runs them."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from pydantic import ValidationError

from api.reaching import Refused
from api.settings import Settings

OPERATOR = str(UUID(int=0))  # nobody's account: whoever runs the command on the machine

DataFolder = Annotated[
    Path | None,
    typer.Option("--data", help="The data folder; else GUIXUE_DATA, else .guixue here."),
]


def settings_for(data: Path | None) -> Settings:
    """
    Read the settings.

    :raises Refused: if a variable is wrong; what it holds is not said, it may be secret
    """
    try:
        return Settings(data=data) if data is not None else Settings()
    except ValidationError as wrong:
        named = ["_".join(map(str, error["loc"])).upper() for error in wrong.errors()]
        said = [error["msg"].removeprefix("Value error, ") for error in wrong.errors()]
        raise Refused(
            " ".join(
                f"GUIXUE_{name}: {why}." if name else f"{why}."
                for name, why in zip(named, said, strict=True)
            )
        ) from None
