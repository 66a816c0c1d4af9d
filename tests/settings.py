"""What a service of a test runs on, which does nothing by itself but keep its views."""

from pathlib import Path
from typing import Any

from api.service import Ready
from api.settings import Settings
from application.cosigning import read_witnesses
from application.store.log_keys import LogKey, LogKeys, write_log_keys
from application.store.preparing import Prepared
from application.trust import Trust
from tests.keys import RING

NUMBER_KEY = bytes(range(1, 33))


def quiet(data: Path, **changes: Any) -> Settings:
    """Give them, with what a test wants otherwise."""
    usual = {"follow_views": "thread", "keep_tree": False, "watch_duties": False}
    usual["send_notices"] = False
    return Settings(**{"data": data, **usual, **changes})


def ready(prepared: Prepared, settings: Settings) -> Ready:
    """What a service needs on a copy of a model, which was laid out once for all copies."""
    if not settings.log_key_path.exists():
        write_log_keys(settings.log_key_path, [LogKey.made("guixue-tested")])
    if not settings.number_key_path.exists():
        settings.number_key_path.touch(0o600)
        settings.number_key_path.write_bytes(NUMBER_KEY)
    witnesses = read_witnesses(settings.witnesses_path)
    trust = Trust.read(settings.ca_file)
    log_keys = LogKeys(settings.log_key_path)
    return Ready(RING, prepared, log_keys, witnesses, trust, NUMBER_KEY)
