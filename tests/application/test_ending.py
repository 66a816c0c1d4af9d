"""What runs by itself ends when it shall, also where a cancellation is lost on its way."""

import asyncio

import pytest
import structlog
from psycopg.errors import UndefinedColumn, UndefinedTable

from application.keeping_up import KeepingUp
from application.store.ending import end


class Forgetful(KeepingUp):
    """Loses cancellations, as the last answer of a database may."""

    job = "forgetful"
    every = 0.0

    def __init__(self, loses):
        self.loses = loses
        self.looking = asyncio.Event()

    async def look(self):
        self.looking.set()
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if not self.loses:
                raise
            self.loses -= 1


@pytest.mark.parametrize("loses", [0, 2])
async def test_a_job_ends_however_often_it_was_not_told(loses):
    job = Forgetful(loses)
    try:
        async with asyncio.timeout(10), job:
            await job.looking.wait()
        assert job.loses == 0
    finally:
        job.loses = 0


async def test_a_task_that_came_to_its_end_is_ended():
    done = asyncio.create_task(asyncio.sleep(0))
    await done
    await end(done)


async def test_what_a_task_failed_of_is_told():
    async def failing():
        raise ValueError("of itself")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="of itself"):
        await end(task)


@pytest.mark.parametrize("fault", [UndefinedTable, UndefinedColumn])
async def test_a_job_waits_for_views_that_are_to_be_built(fault):
    class Early(KeepingUp):
        job = "early"
        every = 0.0
        looked = 0

        async def look(self):
            self.looked += 1
            if self.looked == 1:
                raise fault
            await asyncio.sleep(60)

    with structlog.testing.capture_logs() as said:
        async with asyncio.timeout(10), Early() as job:
            while job.looked < 2:
                await asyncio.sleep(0)

    assert [(one["event"], one["log_level"]) for one in said] == [("work waits", "warning")]
