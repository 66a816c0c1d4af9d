-- The log's tree (RFC 9162): the leaf of each entry, the hashes above them, and what was signed.

-- The secret under which streams get their names in the tree (HMAC-SHA-256), as its two pads.
CREATE TABLE IF NOT EXISTS keys.pseudonyms (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL
);
DO $$
DECLARE
    inner_pad bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || uuid_send(gen_random_uuid())) || decode(repeat('00', 32), 'hex');
    outer_pad bytea := inner_pad;
BEGIN
    IF EXISTS (SELECT FROM keys.pseudonyms) THEN
        RETURN;
    END IF;
    FOR n IN 0 .. 63 LOOP
        inner_pad := set_byte(inner_pad, n, get_byte(inner_pad, n) # 54);
        outer_pad := set_byte(outer_pad, n, get_byte(outer_pad, n) # 92);
    END LOOP;
    INSERT INTO keys.pseudonyms (inner_pad, outer_pad) VALUES (inner_pad, outer_pad);
END
$$;

-- A moment as microseconds since 1970.
CREATE OR REPLACE FUNCTION log.sent(moment timestamptz) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT int8send((extract(epoch FROM moment) * 1000000)::bigint)
$$;

-- The name of a stream in the tree.
CREATE OR REPLACE FUNCTION log.pseudonym(inner_pad bytea, outer_pad bytea, id uuid) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(outer_pad || sha256(inner_pad || uuid_send(id)))
$$;

-- The leaf of an entry, as leaves.py has it in words; "moment" as log.sent gives it.
CREATE OR REPLACE FUNCTION log.leaf(
    inner_pad bytea, outer_pad bytea, id uuid, version bigint, previous bytea,
    topic text, actor text, moment bytea, state bytea
) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256('\x00'::bytea
        || log.pseudonym(inner_pad, outer_pad, id)
        || int8send(version)
        || coalesce(previous, '\x0000000000000000000000000000000000000000000000000000000000000000')
        || sha256(int4send(octet_length(topic)) || convert_to(topic, 'UTF8')
            || int4send(octet_length(actor)) || convert_to(actor, 'UTF8')
            || moment || state))
$$;

-- The hashes of full subtrees of 256 ^ level leaves; those of level 0 stand with the entries.
CREATE TABLE IF NOT EXISTS log.tree_hashes (
    level smallint NOT NULL CHECK (level > 0),
    place bigint NOT NULL,
    hash bytea NOT NULL,
    PRIMARY KEY (level, place)
);

-- The heads tree, as the last checkpoint committed it: the records of each bucket (heads.py), and
-- the hashes of the buckets by their first byte; in group -1, the roots of the groups.
CREATE TABLE IF NOT EXISTS log.heads (
    bucket int PRIMARY KEY,
    held bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS log.head_groups (
    place smallint PRIMARY KEY,
    hashes bytea NOT NULL
);

-- What was signed, for ever; and who cosigned it.
CREATE TABLE IF NOT EXISTS log.checkpoints (
    size bigint PRIMARY KEY,
    root bytea NOT NULL,
    made_at timestamptz NOT NULL,
    note text NOT NULL
);
CREATE TABLE IF NOT EXISTS log.cosignatures (
    size bigint NOT NULL,
    witness text NOT NULL,
    made_at timestamptz NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (size, witness, made_at)
);
CREATE INDEX IF NOT EXISTS cosignatures_of ON log.cosignatures (witness, made_at);

DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['tree_hashes', 'checkpoints', 'cosignatures'] LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER append_only
            BEFORE UPDATE OR DELETE OR TRUNCATE ON log.%I
            FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change()', kept);
        EXECUTE format('ALTER TABLE log.%I ENABLE ALWAYS TRIGGER append_only', kept);
    END LOOP;
END
$$;

-- Append to the log's own stream what commits the heads of all that stands before it. The caller
-- holds the append lock, and has seen the log whole up to "size".
CREATE OR REPLACE FUNCTION log.commit_heads(
    stream uuid, heads_topic text, size bigint, commitment bytea
) RETURNS TABLE (leaf bytea, recorded_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = log, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    head bigint;
    moment timestamptz;
    last_version bigint;
    previous bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(20230901);
    SELECT s.notification_id, s.recorded_at INTO head, moment
        FROM stored_events s ORDER BY s.notification_id DESC LIMIT 1;
    IF size IS DISTINCT FROM head THEN
        RAISE EXCEPTION 'the log stands at %, not at %', head, size;
    END IF;
    moment := greatest(moment, clock_timestamp());
    SELECT s.originator_version, s.leaf INTO last_version, previous
        FROM stored_events s WHERE s.originator_id = stream
        ORDER BY s.originator_version DESC LIMIT 1;
    RETURN QUERY INSERT INTO stored_events AS s
        SELECT stream, coalesce(last_version, 0) + 1, heads_topic, commitment, head + 1, moment,
            'log', log.leaf(p.inner_pad, p.outer_pad, stream, coalesce(last_version, 0) + 1,
                previous, heads_topic, 'log', log.sent(moment), commitment)
        FROM keys.pseudonyms p
        RETURNING s.leaf, s.recorded_at;
    PERFORM pg_notify('guixue_log', (head + 1)::text);
END
$$;
