"""What somebody with all rights on the database might do to a log; each leaves it looking whole."""

import random
from uuid import UUID, uuid4

import psycopg

from application.store.heads import STREAM, Commitment
from application.store.tree_keeping import TreeKeeper

UNLOCK = """
SET LOCAL guixue.preparing = 'on';
ALTER TABLE log.stored_events DISABLE TRIGGER append_only;
ALTER TABLE log.checkpoints DISABLE TRIGGER append_only;
ALTER TABLE log.tree_hashes DISABLE TRIGGER append_only;
"""
RELEAF = """
UPDATE log.stored_events s SET leaf = log.leaf(p.inner_pad, p.outer_pad, s.originator_id,
    s.originator_version, (SELECT b.leaf FROM log.stored_events b
        WHERE b.originator_id = s.originator_id
        AND b.originator_version = s.originator_version - 1),
    s.topic, s.actor, log.sent(s.recorded_at), s.state)
FROM keys.pseudonyms p WHERE s.notification_id = %s
"""


class Attacker:
    """Somebody with all rights, inside a transaction that is rolled back afterwards."""

    def __init__(self, connection: psycopg.Connection, keeper: TreeKeeper, chance: random.Random):
        self.connection = connection
        self.keeper = keeper
        self.chance = chance
        connection.execute(UNLOCK)

    def one(self, query, *values):
        return self.connection.execute(query, values).fetchone()

    def run(self, query, *values):
        assert self.connection.execute(query, values).rowcount != 0, query

    def entry(self, of_a_child=True):
        """A position, and whose it is and the how manyth."""
        rows = self.connection.execute(
            "SELECT notification_id, originator_id, originator_version FROM log.stored_events"
            " WHERE NOT %s OR originator_id <> %s ORDER BY 1",
            [of_a_child, STREAM],
        ).fetchall()
        return self.chance.choice(rows)

    def size(self):
        return self.one("SELECT max(notification_id) FROM log.stored_events")[0]

    # One entry ------------------------------------------------------------------------------

    def flip_a_bit(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET state = set_bit(state, %s %% (8 * length(state)),"
            " 1 - get_bit(state, %s %% (8 * length(state)))) WHERE notification_id = %s",
            *[self.chance.randrange(10_000)] * 2,
            position,
        )

    def shorten(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET state = substr(state, 1, length(state) - 1)"
            " WHERE notification_id = %s",
            position,
        )

    def edit_and_chain_anew(self):
        """Alter an entry, and work out its leaf and all after it anew, but nothing signed."""
        self.flip_a_bit()
        self.releaf()

    def change_the_topic(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET topic = topic || 'x' WHERE notification_id = %s", position
        )

    def change_the_moment(self):
        position, *_ = self.entry()
        by = self.chance.choice(["1 microsecond", "-1 microsecond", "-3 days"])
        self.run(
            "UPDATE log.stored_events SET recorded_at = recorded_at + %s::interval"
            " WHERE notification_id = %s",
            by,
            position,
        )

    def change_who_it_was(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET actor = 'nobody' WHERE notification_id = %s", position
        )

    def move_between_topic_and_actor(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET topic = topic || left(actor, 1), actor = substr(actor, 2)"
            " WHERE notification_id = %s",
            position,
        )

    def change_the_version(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET originator_version = originator_version + 1000"
            " WHERE notification_id = %s",
            position,
        )

    def change_the_leaf(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET leaf = sha256(leaf) WHERE notification_id = %s", position
        )

    # What is there and in which order -------------------------------------------------------

    def drop_one(self):
        position, *_ = self.entry()
        self.run("DELETE FROM log.stored_events WHERE notification_id = %s", position)

    def drop_one_and_close_the_gap(self):
        position, child, version = self.entry()
        self.run("DELETE FROM log.stored_events WHERE notification_id = %s", position)
        self.close_gaps(position, child, version)

    def drop_one_and_chain_anew(self):
        self.drop_one_and_close_the_gap()
        self.releaf()

    def drop_the_last_of_a_child(self):
        _, child, _ = self.entry()
        self.run(
            "DELETE FROM log.stored_events WHERE originator_id = %s AND originator_version ="
            " (SELECT max(originator_version) FROM log.stored_events WHERE originator_id = %s)",
            child,
            child,
        )
        self.close_gaps(0, child, 10**6)

    def drop_a_child(self):
        _, child, _ = self.entry()
        self.run("DELETE FROM log.stored_events WHERE originator_id = %s", child)
        self.close_gaps(0, child, 10**6)

    def drop_the_end(self):
        self.run(
            "DELETE FROM log.stored_events WHERE notification_id > %s",
            self.chance.randrange(self.size()),
        )

    def exchange_two(self):
        first, second = self.entry()[0], self.entry()[0]
        while first == second:
            second = self.entry()[0]
        for at, to in ((first, -1), (second, first), (-1, second)):
            self.run(
                "UPDATE log.stored_events SET notification_id = %s WHERE notification_id = %s",
                to,
                at,
            )

    def give_to_another(self):
        position, child, _ = self.entry()
        other = child
        while other == child:
            _, other, _ = self.entry()
        self.run(
            "UPDATE log.stored_events SET originator_id = %s, originator_version ="
            " (SELECT max(originator_version) + 1 FROM log.stored_events WHERE originator_id = %s)"
            " WHERE notification_id = %s",
            other,
            other,
            position,
        )

    def give_to_nobody(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET originator_id = %s, originator_version = 1"
            " WHERE notification_id = %s",
            uuid4(),
            position,
        )

    def hide_in_the_logs_own_stream(self):
        position, *_ = self.entry()
        self.run(
            "UPDATE log.stored_events SET originator_id = %s, originator_version = 1000"
            " WHERE notification_id = %s",
            STREAM,
            position,
        )

    def add_one(self):
        """Copy an entry to its child's end, its leaf worked out, before the last checkpoint."""
        position, child, _ = self.entry()
        after = self.chance.randrange(self.size() - 1)
        self.move(after, +1)
        self.run(
            "INSERT INTO log.stored_events SELECT originator_id,"
            " (SELECT max(originator_version) + 1 FROM log.stored_events WHERE originator_id = %s),"
            " topic, state, %s, recorded_at, actor, leaf FROM log.stored_events"
            " WHERE notification_id IN (%s, %s) AND originator_id = %s LIMIT 1",
            child,
            after + 1,
            position,
            position + 1,
            child,
        )
        self.releaf()

    # What was signed ------------------------------------------------------------------------

    def change_what_was_committed(self):
        self.run(
            "UPDATE log.stored_events SET state = convert_to(replace(convert_from(state, 'UTF8'),"
            " '\"root\":\"', '\"root\":\"A'), 'UTF8') WHERE originator_id = %s",
            STREAM,
        )

    def drop_a_checkpoint(self):
        self.run(
            "DELETE FROM log.checkpoints WHERE size ="
            " (SELECT size FROM log.checkpoints ORDER BY md5(size || %s) LIMIT 1)",
            str(self.chance.random()),
        )

    def change_a_note(self):
        self.run(
            "UPDATE log.checkpoints SET note = replace(note, E'\\n' || size || E'\\n',"
            " E'\\n' || size + 1 || E'\\n')"
        )

    def exchange_notes(self):
        self.run(
            "UPDATE log.checkpoints SET note = (SELECT note FROM log.checkpoints"
            " ORDER BY size LIMIT 1) WHERE size = (SELECT max(size) FROM log.checkpoints)"
        )

    def change_the_heads(self):
        self.run(
            "UPDATE log.heads SET held = set_bit(held, %s, 1 - get_bit(held, %s))",
            *[self.chance.randrange(72 * 8)] * 2,
        )

    def change_a_hash_of_the_tree(self):
        self.run("UPDATE log.tree_hashes SET hash = sha256(hash)")

    def drop_a_hash_of_the_tree(self):
        self.run("DELETE FROM log.tree_hashes WHERE place = 0 AND level = 1")

    # All of it ------------------------------------------------------------------------------

    def roll_back(self):
        """Put the whole database back to how it was at the first checkpoint."""
        (size,) = self.one("SELECT min(size) FROM log.checkpoints")
        self.forget_signed()
        self.run("DELETE FROM log.stored_events WHERE notification_id >= %s", size)
        self.keeper.checkpoint()

    def rewrite_and_sign_with_the_real_key(self):
        """Drop an entry the auditor's checkpoint holds; make everything anew around it."""
        position, child, version = self.entry()
        (kept,) = self.one("SELECT min(size) FROM log.checkpoints")
        while position >= kept:
            position, child, version = self.entry()
        self.run("DELETE FROM log.stored_events WHERE notification_id = %s", position)
        self.close_gaps(position, child, version)
        self.forget_signed()
        self.releaf()
        self.keeper.checkpoint()

    def lie_about_where_histories_end(self):
        """Commit other heads than there are, all of it signed with the real key."""
        size = self.size()
        other = Commitment(size - 1, bytes(32)).state()
        self.run("UPDATE log.stored_events SET state = %s WHERE notification_id = %s", other, size)
        self.releaf()
        self.run("DELETE FROM log.checkpoints WHERE size = %s", size)
        self.keeper._sign(size)

    def forget_signed(self):
        """Drop all that was ever signed, and the log's own entries."""
        for table in ("checkpoints", "tree_hashes", "heads", "head_groups"):
            self.connection.execute(f"DELETE FROM log.{table}".encode())  # noqa: S608
        self.run("DELETE FROM log.stored_events WHERE originator_id = %s", STREAM)
        self.close_gaps(0, STREAM, 10**6)

    def close_gaps(self, position: int, child: UUID, version: int):
        """Number positions, and a child's entries after one, without gaps again."""
        self.connection.execute(
            "UPDATE log.stored_events SET originator_version = originator_version - 1"
            " WHERE originator_id = %s AND originator_version > %s",
            [child, version],
        )
        self.move(position, 0)

    def move(self, after: int, by: int):
        """Number positions anew, leaving room after one."""
        self.connection.execute(
            "CREATE TEMP TABLE moved ON COMMIT DROP AS SELECT notification_id AS was,"
            " row_number() OVER (ORDER BY notification_id) AS place FROM log.stored_events"
        )
        for sign in (-1, 1):
            self.connection.execute(
                "UPDATE log.stored_events s SET notification_id ="
                " CASE WHEN %s < 0 THEN -m.was ELSE m.place + CASE WHEN m.place > %s THEN %s"
                " ELSE 0 END END FROM moved m WHERE m.was = abs(s.notification_id)",
                [sign, after, by],
            )
        self.connection.execute("DROP TABLE moved")

    def releaf(self):
        """Work out all leaves anew, in order."""
        positions = self.connection.execute(
            "SELECT notification_id FROM log.stored_events"
            " ORDER BY originator_id, originator_version"
        ).fetchall()
        with self.connection.cursor() as cursor:
            cursor.executemany(RELEAF, positions)


ATTACKS = tuple(
    name
    for name in vars(Attacker)
    if not name.startswith("_")
    and name not in {"one", "run", "entry", "size", "forget_signed", "close_gaps", "move", "releaf"}
)
