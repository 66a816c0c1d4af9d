"""Examples of what proves the log, for the OpenAPI description."""

from typing import Any

HASH = "7g1rjGS8WhsoLHrpPcyvGYjRv0iEk0D2vzXrqN2QmSg="
NOTE = f"guixue.example/district\n1234\n{HASH}\n\n— guixue.example/district 3q2+7w==\n"
WITNESS = {
    "witness": "witness.prefecture.example",
    "size": 52385,
    "at": "2026-11-25T00:30:00Z",
    "late": False,
    "why": None,
}
PROOF_ANSWERS: dict[str, Any] = {
    "inclusion": {
        "index": 6,
        "size": 1234,
        "leaf": HASH,
        "root": HASH,
        "proof": [HASH],
    },
    "consistency": {
        "from": 1000,
        "to": 1234,
        "from_root": HASH,
        "to_root": HASH,
        "proof": [HASH],
    },
    "heads": {
        "size": 1234,
        "bucket": 513,
        "held": "",
        "path": [HASH],
        "checkpoint": NOTE,
    },
    "leaves": {
        "size": 1234,
        "items": [
            {
                "index": 6,
                "leaf": HASH,
                "data": HASH,
                "pseudonym": HASH,
                "version": 3,
                "previous": HASH,
                "content": HASH,
            }
        ],
    },
    "evidence": {
        "format": "guixue-evidence-1",
        "origin": "guixue.example/district",
        "student_id": "0b8f8d1e-5f0a-4c57-9d8e-0e6f3c1c9a11",
        "pseudonym": HASH,
        "entries": [
            {
                "version": 1,
                "position": 7,
                "topic": "student.enrolled",
                "recorded_at": "2026-09-01T01:02:03.000004Z",
                "actor": "registrar",
                "state": "AQ==",
                "proof": [0],
            }
        ],
        "heads": {"entry": {}, "bucket": "", "path": [0]},
        "checkpoint": NOTE,
        "key": None,
        "erased": False,
        "hashes": [HASH],
    },
}
