"""`guixue postgres`: PostgreSQL's own tools on the service's database, for backup and restore."""

import os
import subprocess
from enum import StrEnum
from typing import Annotated

import typer
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import Conninfo

from api import reaching
from api.cli_options import DataFolder, settings_for
from application.store.embedded import binaries

PRIVATE = 0o077  # the umask of what they write: a dump is for its owner alone
ONLY_OPTIONS_BEFORE = {"allow_interspersed_args": False, "ignore_unknown_options": True}


class Tool(StrEnum):
    """A tool of PostgreSQL's that works through a connection."""

    PG_DUMP = "pg_dump"
    PG_RESTORE = "pg_restore"
    PSQL = "psql"


def postgres_command(
    tool: Annotated[Tool, typer.Argument(help="Which one.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(help="What it is given, as PostgreSQL documents it.")
    ] = None,
    data: DataFolder = None,
) -> None:
    """Run pg_dump, pg_restore or psql on the service's database, as its owner.

    They are of the PostgreSQL that comes with Guixue, and know the database without being told:
    leave out host, user and name (pg_restore wants --dbname="" all the same). The service may run.
    What they write, only its owner can read. README, "Backup and restore", says what to type.
    """
    with reaching.reached(settings_for(data)) as url:
        os.umask(PRIVATE)
        done = subprocess.run(
            [binaries() / tool, *(arguments or [])],
            check=False,
            env={**os.environ, **environment(url)},
        )
    if done.returncode:
        raise typer.Exit(done.returncode)


def environment(url: str) -> dict[str, str]:
    """Give what libpq reads in place of a URL; on a command line a password could be seen."""
    told = conninfo_to_dict(url)
    return {
        option.envvar.decode(): str(told[name])
        for option in Conninfo.get_defaults()
        if option.envvar and (name := option.keyword.decode()) in told
    }
