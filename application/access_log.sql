-- The access log: who saw or took which child's data; append-only, each line sealing the one before.

CREATE SCHEMA IF NOT EXISTS access;

-- One line for each look, export, import and refusal. "students" are the children it concerns, and
-- "schools" is where each of them went to school then, place for place. No line holds what was seen.
CREATE TABLE IF NOT EXISTS access.access_log (
    place bigint PRIMARY KEY, -- without gaps: given out under the log's own lock
    at timestamptz NOT NULL, -- the database's clock, never running back
    account uuid NOT NULL,
    role text, -- of the post acted in, where it is known
    unit text,
    action text NOT NULL,
    students uuid[] NOT NULL,
    schools text[] NOT NULL,
    outcome text NOT NULL,
    reason text, -- in the person's own words
    details jsonb NOT NULL,
    hash bytea NOT NULL, -- sha256 of the hash before and this line in canonical form
    CHECK (cardinality(students) = cardinality(schools))
);
CREATE INDEX IF NOT EXISTS access_log_at ON access.access_log (at, place);
CREATE INDEX IF NOT EXISTS access_log_account ON access.access_log (account, place);
CREATE INDEX IF NOT EXISTS access_log_action ON access.access_log (action, place);
CREATE INDEX IF NOT EXISTS access_log_outcome ON access.access_log (outcome, place);
-- Written at once: a list of pending entries would be searched by every reader, and emptied by some
-- unlucky writer while all others wait.
CREATE INDEX IF NOT EXISTS access_log_students
    ON access.access_log USING gin (students) WITH (fastupdate = off);
CREATE INDEX IF NOT EXISTS access_log_schools
    ON access.access_log USING gin (schools) WITH (fastupdate = off);

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE access.access_log ENABLE ALWAYS TRIGGER append_only;

-- A line in the one form that is hashed: a JSON array of its columns, the moment in UTC.
CREATE OR REPLACE FUNCTION access.canonical(line access.access_log) RETURNS bytea
LANGUAGE sql STABLE
AS $$
    SELECT convert_to(jsonb_build_array(
        line.place, to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        line.account, line.role, line.unit, line.action, line.students, line.schools,
        line.outcome, line.reason, line.details)::text, 'UTF8')
$$;

-- Write a group of lines in one transaction, and give the place of each. The children of all lines
-- stand one after the other; those of line n end at "last_child"[n].
CREATE OR REPLACE FUNCTION access.log(
    accounts uuid[], roles text[], units text[], actions text[], outcomes text[],
    reasons text[], all_details jsonb[],
    last_child int[], children uuid[], school_codes text[]
) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    line access_log;
    before bytea;
    moment timestamptz;
    taken int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(20230903);
    SELECT * INTO line FROM access_log l ORDER BY l.place DESC LIMIT 1;
    before := coalesce(line.hash, '');
    line.place := coalesce(line.place, 0);
    moment := greatest(coalesce(line.at, '-infinity'), clock_timestamp());

    FOR n IN 1 .. cardinality(accounts) LOOP
        line.place := line.place + 1;
        line.at := moment;
        line.account := accounts[n];
        line.role := roles[n];
        line.unit := units[n];
        line.action := actions[n];
        line.outcome := outcomes[n];
        line.reason := reasons[n];
        line.details := all_details[n];
        line.students := children[taken + 1 : last_child[n]];
        line.schools := school_codes[taken + 1 : last_child[n]];
        taken := last_child[n];
        line.hash := sha256(before || canonical(line));
        before := line.hash;
        INSERT INTO access_log VALUES (line.*);
        RETURN NEXT line.place;
    END LOOP;
END
$$;
