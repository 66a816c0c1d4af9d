"""An example of the units that can be asked by a referral."""

from typing import Any

REFERRAL_ANSWERS: dict[str, Any] = {
    "referral_units": {
        "items": [
            {
                "unit": "晴川镇河湾村",
                "role": "village",
                "role_label": "村(居)委会",
                "township": "晴川镇",
            }
        ],
        "next_cursor": None,
    }
}
