"""The templates of the pages: escaped always, and an unknown name is an error, never a blank."""

from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.web.assets import asset

FOLDER = Path(__file__).with_name("templates")


def minute(moment: str) -> str:
    """Show a moment as told by the contract to the minute, in its own offset."""
    return f"{datetime.fromisoformat(moment):%Y-%m-%d %H:%M}"


def case_number(student_id: str) -> str:
    """Give the number by which a case is known where no name may stand."""
    return str(student_id)[:8].upper()


ENVIRONMENT = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
ENVIRONMENT.filters["minute"] = minute
ENVIRONMENT.filters["case_number"] = case_number
ENVIRONMENT.globals["asset"] = asset
