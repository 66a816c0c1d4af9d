"""Databases for tests: laid out once in each process, and copied for every test that wants one."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import AsyncConnectionPool

from application.accounts import Accounts
from application.directory import Directory
from application.layout import prepare
from application.store.log import Log
from application.store.preparing import Prepared, Roles
from application.store.sealing import Vault
from application.store.store import Store
from projections.all_views import VIEWS
from projections.engine import Engine
from tests.keys import RING, vault
from tests.people import ACCOUNTS, PASSWORD, SCHOOLS

Model = Callable[[str], None]  # fills an empty database; leaves no connection open
# What a role is, is set to, and belongs to; passwords are set anew by whoever lays out.
ROLES = """
SELECT r::text, (SELECT array_agg(s::text ORDER BY s) FROM pg_db_role_setting s
    WHERE s.setrole = r.oid),
    (SELECT array_agg(m::text ORDER BY m) FROM pg_auth_members m
    WHERE r.oid IN (m.roleid, m.member))
FROM pg_roles r WHERE starts_with(r.rolname, '{}') ORDER BY r.rolname
"""
# Whom a database lets in is not copied with it.
ADMITTED = """
UPDATE pg_database SET datacl = model.datacl FROM pg_database model
WHERE pg_database.datname = '{}' AND model.datname = '{}'
"""


def laid_out(url: str) -> None:
    """Lay out log and views, both empty, under the ring of tests."""
    with psycopg.connect(prepare(url, RING).views_url, autocommit=True) as connection:
        assert Engine(Log(connection, vault()), VIEWS).prepare() == []


def with_people(url: str) -> None:
    """Lay out, and add a district's schools and accounts."""
    laid_out(url)
    asyncio.run(settle(prepare(url, RING).service_url, vault()))


async def settle(service_url: str, vault: Vault) -> None:
    """Add schools and accounts to what is laid out."""
    async with AsyncConnectionPool(service_url, min_size=1, open=False) as pool:
        directory, store = Directory(), Store(pool, vault)
        await directory.add(pool, SCHOOLS)
        accounts = Accounts(pool, store, directory)
        await accounts.create(ACCOUNTS, PASSWORD, second_factor=False)
        await store.close()


class Databases:
    """
    Copies of models, one at a time and all under one name, as roles are named after it.

    A copy is what its model was, whatever a test did to the one before. Roles are of the server
    and live on; where a test left them otherwise than they were, another name is begun.
    """

    prepared: Prepared  # how each part of the service connects to the copy there is

    def __init__(self, server: str, strategy: str) -> None:
        self._server = server
        self._strategy = f"STRATEGY {strategy}"
        self._connection: psycopg.Connection[Any] | None = None
        self._begin()

    def _begin(self) -> None:
        self._name = f"test_{uuid4().hex}"
        self._models: dict[Model, str] = {}
        self._roles: list[tuple[Any, ...]] = []

    @contextmanager
    def copy(self, model: Model) -> Iterator[str]:
        """Give the URL of a database that is as its model; dropped in the end."""
        made = self._made(model)
        self._run(f"CREATE DATABASE {self._name} TEMPLATE {made} {self._strategy}")
        try:
            self._run(ADMITTED.format(self._name, made))
            yield self._url(self._name)
        finally:
            self._run(f"DROP DATABASE {self._name} WITH (FORCE)")
            if self._run(ROLES.format(self._name)) != self._roles:
                self.start_over()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Give the URL of an empty database under a name of its own; dropped with its roles."""
        name = f"test_{uuid4().hex}"
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self._url(name)
        finally:
            self._drop(name, [name])

    def start_over(self) -> None:
        """Drop models and roles."""
        self._drop(self._name, self._models.values())
        self._begin()

    def close(self) -> None:
        """Leave nothing behind."""
        self.start_over()
        if self._connection is not None:
            self._connection.close()

    def _made(self, model: Model) -> str:
        if model not in self._models:
            name = f"{self._name}_as_{len(self._models)}"
            self._run(f"CREATE DATABASE {self._name} {self._strategy}")
            model(self._url(self._name))
            self.prepared = prepare(self._url(self._name), RING)
            self._run(f"ALTER DATABASE {self._name} RENAME TO {name}")
            self._models[model] = name
            self._roles = self._run(ROLES.format(self._name))
        return self._models[model]

    def _url(self, name: str) -> str:
        return make_conninfo("", **{**conninfo_to_dict(self._server), "dbname": name})

    def _drop(self, name: str, databases: Iterable[str]) -> None:
        for database in databases:
            self._run(f"DROP DATABASE {database} WITH (FORCE)")
        for role in astuple(Roles.of(name)):
            self._run(f"DROP ROLE IF EXISTS {role}")

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        if self._connection is None or self._connection.broken:
            self._connection = psycopg.connect(self._server, autocommit=True)
        done = self._connection.execute(statement.encode())
        return done.fetchall() if done.description else []
