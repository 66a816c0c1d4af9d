"""Dependencies worked out at once: the framework would send what is no coroutine to a thread."""

from collections.abc import Callable
from inspect import signature
from typing import Any

from fastapi import Depends


def at_once(call: Callable[..., Any]) -> Any:
    """Depend on what a plain function or class gives; it must wait for nothing."""

    async def worked_out(**given: Any) -> Any:  # that is what it is for
        return call(**given)

    worked_out.__signature__ = signature(call)  # type: ignore[attr-defined]
    return Depends(worked_out)
