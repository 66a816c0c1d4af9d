"""The library's own test cases pass on our recorder, and it sees what the store appends."""

import os
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from eventsourcing.application import Application
from eventsourcing.cipher import AESCipher
from eventsourcing.persistence import (
    DatetimeAsISO,
    DecimalAsStr,
    InfrastructureFactory,
    StoredEvent,
    Transcoder,
    UUIDAsHex,
)
from eventsourcing.postgres import (
    PostgresAggregateRecorder,
    PostgresDatastore,
    PostgresProcessRecorder,
    PostgresTrackingRecorder,
)
from eventsourcing.tests import application, persistence
from eventsourcing.utils import Environment
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

from application.store.mapper import EntryMapper
from application.store.recorder import Factory, LogRecorder
from application.store.store import Append, Store
from domain.entry import Act
from domain.rules import DEFAULT_RULES
from domain.student import Student
from tests.keys import vault
from tests.lives import TEACHER, TODAY

pytestmark = pytest.mark.empty_database


@pytest.fixture
def parameters(request, database_url):
    """Where the test's database is, as the library wants to be told."""
    known = conninfo_to_dict(database_url)
    if request.instance is not None:
        request.instance.database = known
    return known


def recorder(known) -> LogRecorder:
    datastore = PostgresDatastore(
        dbname=known["dbname"],
        host=known["host"],
        port=known.get("port", "5432"),
        user=known["user"],
        password=known.get("password", ""),
        schema="log",
        pool_size=10,
    )
    made = LogRecorder(datastore)
    made.create_table()
    return made


class OnOurLog:
    """The library's test cases, on a database of their own for each test."""

    database: dict[str, str]

    def new_originator_id(self) -> UUID:
        return uuid4()

    def create_recorder(self) -> LogRecorder:
        self.made = recorder(self.database)
        return self.made

    def tearDown(self) -> None:
        self.made.datastore.close()


@pytest.mark.usefixtures("parameters")
class TestApplicationRecorder(OnOurLog, persistence.ApplicationRecorderTestCase[LogRecorder]):
    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


@pytest.mark.usefixtures("parameters")
class TestNonInterleavingPositions(OnOurLog, persistence.NonInterleavingNotificationIDsBaseCase):
    insert_num = 200


@pytest.mark.usefixtures("parameters")
class TestFactory(persistence.InfrastructureFactoryTestCase[Factory]):
    """With the library's own mapper, whose cipher and compressor it tests: ours takes neither."""

    database: dict[str, str]

    def setUp(self) -> None:
        with psycopg.connect(**self.database, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA log")
        self.env = Environment("TestCase", environment(self.database))
        super().setUp()

    def expected_factory_class(self) -> type[Factory]:
        return Factory

    def expected_aggregate_recorder_class(self) -> type[PostgresAggregateRecorder]:
        return PostgresAggregateRecorder

    def expected_application_recorder_class(self) -> type[LogRecorder]:
        return LogRecorder

    def expected_tracking_recorder_class(self) -> type[PostgresTrackingRecorder]:
        return PostgresTrackingRecorder

    def tracking_recorder_subclass(self) -> type[PostgresTrackingRecorder]:
        return TrackingRecorder

    def expected_process_recorder_class(self) -> type[PostgresProcessRecorder]:
        return PostgresProcessRecorder


class TrackingRecorder(PostgresTrackingRecorder):
    """A tracking recorder that an application brings along."""


class TestTranscoder(persistence.TranscoderTestCase):
    """
    The transcoder that our mapper has when the library gives it none: its own, for plain JSON.

    JSON knows neither tuples nor subclasses of what it knows, and entries hold none.
    """

    test_tuple = test_mixed = None
    test_str_subclass = test_int_subclass = test_list_subclass = test_dict_subclass = None

    def construct_transcoder(self) -> Transcoder:
        transcoder = EntryMapper().transcoder
        for transcoding in (
            UUIDAsHex(),
            DecimalAsStr(),
            DatetimeAsISO(),
            persistence.CustomType1AsDict(),
            persistence.CustomType2AsDict(),
        ):
            transcoder.register(transcoding)
        return transcoder


@pytest.mark.filterwarnings("default:.*:DeprecationWarning")  # it tests what it deprecated
@pytest.mark.usefixtures("parameters")
class TestApplication(application.ApplicationTestCase):
    database: dict[str, str]
    expected_factory_topic = "application.store.recorder:Factory"

    def setUp(self) -> None:
        super().setUp()
        os.environ.update(environment(self.database))

    def tearDown(self) -> None:
        for name in environment(self.database):
            os.environ.pop(name, None)
        super().tearDown()


def environment(known) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "application.store.recorder",
        "POSTGRES_DBNAME": known["dbname"],
        "POSTGRES_HOST": known["host"],
        "POSTGRES_PORT": known.get("port", "5432"),
        "POSTGRES_USER": known["user"],
        "POSTGRES_PASSWORD": known.get("password", ""),
        "POSTGRES_SCHEMA": "log",
    }


async def test_the_recorder_reads_what_the_store_appended_as_it_is_stored(prepared, parameters):
    child = uuid4()
    pool = AsyncConnectionPool(prepared.service_url, min_size=1, open=False)
    async with pool:
        event = StoredEvent(child, 1, "student.enrolled", b"{}")
        await Store(pool, vault()).append(Append([event], "somebody", {}))
    made = recorder(parameters)

    assert made.max_notification_id() == 1
    assert [(n.id, n.originator_id, n.topic) for n in made.select_notifications(None, 10)] == [
        (1, child, "student.enrolled")
    ]
    (stored,) = made.select_events(child)
    assert (stored.originator_version, stored.topic) == (1, "student.enrolled")
    assert stored.state != event.state  # sealed
    made.datastore.close()


def test_the_factory_gives_our_recorder(parameters):
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA log")
    factory = InfrastructureFactory.construct(Environment("", environment(parameters)))

    assert isinstance(factory, Factory)
    assert isinstance(factory.application_recorder(), LogRecorder)
    factory.close()


def test_the_library_reads_a_child_through_our_mapper(parameters):
    mapper = "application.store.mapper:EntryMapper"
    with psycopg.connect(**parameters, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA log")
    library = Application[UUID](env={**environment(parameters), "MAPPER_TOPIC": mapper})
    act = Act(TEACHER, datetime(2026, 11, 24, 4, tzinfo=UTC), TODAY, DEFAULT_RULES.on(TODAY))
    child = Student.new(act, name="测小舟", sex="female", birth_date=date(2014, 9, 15))
    child.visit_home(act, occurred_on=TODAY, mode="phone", visitors=["测甲"], met=["nobody"])

    library.save(child)
    known = library.repository.get(child.id)

    assert [entry.entry_kind() for entry in known.entries] == ["enrolled", "home_visited"]
    assert known.state == child.state
    library.close()


def test_our_mapper_takes_no_cipher_of_the_library(parameters):
    with pytest.raises(ValueError, match="no cipher"):
        EntryMapper(cipher=AESCipher(Environment("", {"CIPHER_KEY": AESCipher.create_key(16)})))
