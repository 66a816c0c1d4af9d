"""The settings of a service that does nothing by itself but keep its views, for tests."""

from pathlib import Path
from typing import Any

from api.settings import Settings


def quiet(data: Path, **changes: Any) -> Settings:
    """Give them, with what a test wants otherwise."""
    usual = {"follow_views": "thread", "keep_tree": False, "watch_duties": False}
    usual["send_notices"] = False
    return Settings(**{"data": data, **usual, **changes})
