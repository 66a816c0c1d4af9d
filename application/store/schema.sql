-- The log: every entry of every child, in commit order, and the function that alone appends to it
-- (the log's own entries apart: tree.sql).
-- Beside it the children's keys, wrapped: a key that is destroyed leaves its entries unreadable.

CREATE SCHEMA IF NOT EXISTS log;
CREATE SCHEMA IF NOT EXISTS keys;

-- The library's columns, and what is ours: the recorded moment, the account that acted, and the
-- entry's leaf in the tree of the whole log.
-- Positions (notification_id) have no gaps: they are given out under the append lock.
CREATE TABLE IF NOT EXISTS log.stored_events (
    originator_id uuid NOT NULL,
    originator_version bigint NOT NULL,
    topic text NOT NULL,
    state bytea NOT NULL,
    notification_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    actor text NOT NULL,
    leaf bytea NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);
CREATE UNIQUE INDEX IF NOT EXISTS stored_events_position ON log.stored_events (notification_id);
CREATE INDEX IF NOT EXISTS stored_events_recorded ON log.stored_events (recorded_at, notification_id);

-- What was answered to an Idempotency-Key; for ever, for clients that resend after days.
CREATE TABLE IF NOT EXISTS log.answers (
    account text NOT NULL,
    key uuid NOT NULL,
    request bytea NOT NULL,
    answer jsonb NOT NULL,
    PRIMARY KEY (account, key)
);

-- Which child holds a student number (学籍号), by keyed hash; corrections move it.
CREATE TABLE IF NOT EXISTS log.student_numbers (
    number bytea PRIMARY KEY,
    student_id uuid NOT NULL
);

-- The key-encryption keys in use, by fingerprint; the keys themselves are not in the database.
CREATE TABLE IF NOT EXISTS keys.encryption_keys (
    fingerprint bytea PRIMARY KEY,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    retired_at timestamptz
);

-- The key under which student numbers are hashed, by its fingerprint; known since the first one.
CREATE TABLE IF NOT EXISTS keys.number_key (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    fingerprint bytea NOT NULL
);

-- Each child's key, wrapped under one of those; NULL once it is destroyed.
CREATE TABLE IF NOT EXISTS keys.children (
    student_id uuid PRIMARY KEY,
    wrapped bytea,
    under bytea,
    destroyed_at timestamptz,
    CHECK ((wrapped IS NULL) = (destroyed_at IS NOT NULL) AND (under IS NULL) = (wrapped IS NULL))
);
CREATE INDEX IF NOT EXISTS children_under ON keys.children (under);
CREATE INDEX IF NOT EXISTS children_destroyed ON keys.children (destroyed_at)
    WHERE destroyed_at IS NOT NULL;

-- What was recorded stays as it is, whoever asks, replicating or not; the access log's too.
CREATE OR REPLACE FUNCTION log.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log.stored_events
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.stored_events ENABLE ALWAYS TRIGGER append_only;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON log.answers
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.answers ENABLE ALWAYS TRIGGER append_only;

-- Append a group of appends in one transaction. Each succeeds or fails alone:
--   stored   its events are in the log, the last one at "last_position"
--   known    the key was answered before, with "stored_answer"
--   reused   the key was used before, for another request
--   conflict one of its streams has moved on, or would begin after its key was destroyed
--   taken    a student number belongs to another child, "holder"
--   retired  a new child's key is wrapped under a key that is no longer in use: wrap it anew
-- A destroyed key (of an approved erasure) takes the child's student number along; that of a stream
-- which never began is marked all the same, so that nothing begins beside an erased child's.
CREATE OR REPLACE FUNCTION log.append(
    actors text[], keys uuid[], requests bytea[], answers jsonb[],
    event_of int[], ids uuid[], versions bigint[], topics text[], states bytea[],
    claim_of int[], claimed bytea[], claimants uuid[],
    release_of int[], released bytea[],
    key_of int[], keyed uuid[], wrapped_keys bytea[], wrapped_under bytea[],
    destroy_of int[], destroyed uuid[]
) RETURNS TABLE (
    outcome text, last_position bigint, stored_answer jsonb, holder uuid,
    last_leaf bytea, recorded timestamptz
)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = log, pg_temp
-- Each statement finds its rows by key: planned once for a connection, not at every append.
SET plan_cache_mode = force_generic_plan
-- Whoever cannot begin for so long gives up with nothing stored, before its caller does.
SET lock_timeout = '5s'
AS $$
#variable_conflict use_column
DECLARE
    head bigint;
    moment timestamptz;
    first_position bigint;
    first_event int;  -- of the append in hand, and its last one
    last_event int := 0;
    next_version bigint;
    moved_on boolean;
    inner_pad bytea;
    outer_pad bytea;
    moment_sent bytea;
    previous bytea;     -- the leaf before, of the same stream
BEGIN
    PERFORM pg_advisory_xact_lock(20230901);
    SELECT s.notification_id, s.recorded_at INTO head, moment
        FROM stored_events s ORDER BY s.notification_id DESC LIMIT 1;
    head := coalesce(head, 0);
    first_position := head;
    moment := greatest(coalesce(moment, '-infinity'), clock_timestamp());
    moment_sent := log.sent(moment);
    SELECT p.inner_pad, p.outer_pad INTO inner_pad, outer_pad FROM keys.pseudonyms p;

    FOR n IN 1 .. cardinality(actors) LOOP
        last_position := NULL; stored_answer := NULL; holder := NULL;
        last_leaf := NULL; recorded := NULL; previous := NULL;
        first_event := last_event + 1;
        WHILE event_of[last_event + 1] = n LOOP
            last_event := last_event + 1;
        END LOOP;

        IF keys[n] IS NOT NULL THEN
            SELECT CASE WHEN a.request = requests[n] THEN 'known' ELSE 'reused' END, a.answer
                INTO outcome, stored_answer
                FROM answers a WHERE a.account = actors[n] AND a.key = keys[n];
            IF FOUND THEN
                SELECT s.leaf, s.recorded_at INTO last_leaf, recorded FROM stored_events s
                    WHERE s.notification_id = (stored_answer->>'position')::bigint;
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;

        -- A new stream begins at 1; the library's own may begin at 0.
        IF first_event = last_event THEN  -- as nearly always, for a third of the time
            SELECT s.originator_version + 1, s.leaf INTO next_version, previous
                FROM stored_events s WHERE s.originator_id = ids[last_event]
                ORDER BY s.originator_version DESC LIMIT 1;
            moved_on := versions[last_event] < 0 OR versions[last_event]
                <> coalesce(next_version, least(versions[last_event], 1));
        ELSE
            moved_on := EXISTS (
                SELECT FROM (
                    SELECT e.id, min(e.version) AS first_version
                    FROM unnest(ids[first_event:last_event], versions[first_event:last_event])
                        AS e (id, version)
                    GROUP BY e.id
                ) wanted
                WHERE wanted.first_version < 0 OR wanted.first_version <> coalesce((
                    SELECT s.originator_version + 1 FROM stored_events s
                    WHERE s.originator_id = wanted.id
                    ORDER BY s.originator_version DESC LIMIT 1), least(wanted.first_version, 1)));
        END IF;
        IF moved_on OR n = ANY(key_of) AND EXISTS (
            SELECT FROM unnest(key_of, keyed) AS k (append, student)
            JOIN keys.children known ON known.student_id = k.student WHERE k.append = n
        ) THEN
            outcome := 'conflict';
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF n = ANY(key_of) AND EXISTS (
            SELECT FROM unnest(key_of, wrapped_under) AS k (append, fingerprint)
            WHERE k.append = n AND k.fingerprint NOT IN (
                SELECT e.fingerprint FROM keys.encryption_keys e WHERE e.retired_at IS NULL)
        ) THEN
            outcome := 'retired';
            RETURN NEXT;
            CONTINUE;
        END IF;

        IF n = ANY(claim_of) THEN
            SELECT held.student_id INTO holder
                FROM unnest(claim_of, claimed, claimants) AS c (append, number, student)
                JOIN student_numbers held ON held.number = c.number
                WHERE c.append = n AND held.student_id <> c.student LIMIT 1;
            IF NOT FOUND THEN
                SELECT (array_agg(c.student))[1] INTO holder
                    FROM unnest(claim_of, claimed, claimants) AS c (append, number, student)
                    WHERE c.append = n GROUP BY c.number HAVING count(DISTINCT c.student) > 1
                    LIMIT 1;
            END IF;
            IF FOUND THEN
                outcome := 'taken';
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;

        IF n = ANY(release_of) THEN
            DELETE FROM student_numbers WHERE number IN (
                SELECT r.number FROM unnest(release_of, released) AS r (append, number)
                WHERE r.append = n);
        END IF;
        IF n = ANY(claim_of) THEN
            INSERT INTO student_numbers
                SELECT c.number, c.student
                FROM unnest(claim_of, claimed, claimants) AS c (append, number, student)
                WHERE c.append = n
                ON CONFLICT DO NOTHING;
        END IF;
        FOR e IN first_event .. last_event LOOP
            head := head + 1;
            IF first_event <> last_event THEN
                previous := NULL;
                IF versions[e] > 1 THEN
                    SELECT s.leaf INTO previous FROM stored_events s
                        WHERE s.originator_id = ids[e] AND s.originator_version = versions[e] - 1;
                END IF;
            END IF;
            last_leaf := log.leaf(inner_pad, outer_pad, ids[e], versions[e], previous,
                topics[e], actors[n], moment_sent, states[e]);
            INSERT INTO stored_events VALUES (
                ids[e], versions[e], topics[e], states[e], head, moment, actors[n], last_leaf);
        END LOOP;
        IF n = ANY(key_of) THEN
            INSERT INTO keys.children
                SELECT k.student, k.wrapped, k.under
                FROM unnest(key_of, keyed, wrapped_keys, wrapped_under)
                    AS k (append, student, wrapped, under)
                WHERE k.append = n;
        END IF;
        IF n = ANY(destroy_of) THEN
            INSERT INTO keys.children AS known (student_id, destroyed_at)
                SELECT d.student, moment
                FROM unnest(destroy_of, destroyed) AS d (append, student) WHERE d.append = n
                ON CONFLICT (student_id)
                    DO UPDATE SET wrapped = NULL, under = NULL, destroyed_at = moment
                    WHERE known.wrapped IS NOT NULL;
            DELETE FROM student_numbers WHERE student_id IN (
                SELECT d.student FROM unnest(destroy_of, destroyed) AS d (append, student)
                WHERE d.append = n);
        END IF;
        last_position := head;
        recorded := moment;
        IF keys[n] IS NOT NULL THEN
            INSERT INTO answers VALUES (
                actors[n], keys[n], requests[n],
                answers[n] || jsonb_build_object('position', head));
        END IF;
        outcome := 'stored';
        RETURN NEXT;
    END LOOP;

    IF head > first_position THEN
        PERFORM pg_notify('guixue_log', head::text);
    END IF;
END
$$;
