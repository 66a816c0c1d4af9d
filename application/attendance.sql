-- Roll-calls (点名): who of a class or school was absent on a day, by id and code alone; append-only.

CREATE SCHEMA IF NOT EXISTS attendance;

-- A roll-call of one day: of a class, or of the whole school where grade and class are NULL. Who is
-- not named was present. A later one of the same day stands in place of what it covers.
CREATE TABLE IF NOT EXISTS attendance.roll_calls (
    -- In the order in which those of one school stand: given out under a lock of the school's.
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    taken_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    account text NOT NULL, -- who sent it, at which post
    role text NOT NULL,
    unit text NOT NULL,
    school_code text NOT NULL,
    grade int,
    class_name text,
    day date NOT NULL,
    key uuid, -- its Idempotency-Key, and a digest of the request it came with
    request bytea,
    UNIQUE (account, key),
    CHECK ((grade IS NULL) = (class_name IS NULL) AND (key IS NULL) = (request IS NULL))
);
CREATE INDEX IF NOT EXISTS roll_calls_day ON attendance.roll_calls (school_code, day, number);

-- A child it names: no name and no number of the child, and the class in which it was missed.
CREATE TABLE IF NOT EXISTS attendance.absences (
    roll_call bigint NOT NULL REFERENCES attendance.roll_calls,
    student_id uuid NOT NULL,
    place int NOT NULL, -- in the request, from 1
    kind text NOT NULL,
    grade int,
    class_name text,
    PRIMARY KEY (roll_call, student_id)
);
CREATE INDEX IF NOT EXISTS absences_student ON attendance.absences (student_id);

-- What screening answered about it, once: the same answer for ever to the same key.
CREATE TABLE IF NOT EXISTS attendance.screened (
    roll_call bigint PRIMARY KEY REFERENCES attendance.roll_calls,
    screened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    answer json NOT NULL
);

-- By the children its answer names, a restricted one too, for whom no absence is kept.
CREATE INDEX IF NOT EXISTS screened_children ON attendance.screened
    USING gin ((jsonb_path_query_array(answer::jsonb, '$.**.student_id')));

-- What was dropped after its retention period: how many, of which days, and never whose.
CREATE TABLE IF NOT EXISTS attendance.dropped (
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    before date NOT NULL,
    kept_years int NOT NULL, -- the rule it was dropped under
    roll_calls bigint NOT NULL,
    absences bigint NOT NULL,
    first_day date,
    last_day date
);

-- Nothing is changed here but by the owner's functions below, which say so for their transaction.
CREATE OR REPLACE FUNCTION attendance.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op IN ('DELETE', 'UPDATE') AND tg_table_name <> 'dropped'
        AND current_setting('guixue.attendance_goes', true) = 'on'
        AND current_user = (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = tg_relid)
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION '%.% is append-only: % refused', tg_table_schema, tg_table_name, tg_op
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.roll_calls
    FOR EACH STATEMENT EXECUTE FUNCTION attendance.refuse_change();
ALTER TABLE attendance.roll_calls ENABLE ALWAYS TRIGGER append_only;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.absences
    FOR EACH STATEMENT EXECUTE FUNCTION attendance.refuse_change();
ALTER TABLE attendance.absences ENABLE ALWAYS TRIGGER append_only;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.screened
    FOR EACH STATEMENT EXECUTE FUNCTION attendance.refuse_change();
ALTER TABLE attendance.screened ENABLE ALWAYS TRIGGER append_only;

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.dropped
    FOR EACH STATEMENT EXECUTE FUNCTION attendance.refuse_change();
ALTER TABLE attendance.dropped ENABLE ALWAYS TRIGGER append_only;

-- Keep a roll-call; one whose key is known already is not kept again. "same" says whether the key
-- came with the same request.
CREATE OR REPLACE FUNCTION attendance.take(
    who text, post_role text, post_unit text, school text, of_grade int, of_class text, on_day date,
    with_key uuid, with_request bytea,
    students uuid[], places int[], kinds text[], grades int[], classes text[]
) RETURNS TABLE (kept bigint, same boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attendance, pg_temp
AS $$
BEGIN
    IF with_key IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(20230904, hashtext(who || with_key::text));
    END IF;
    PERFORM pg_advisory_xact_lock(20230905, hashtext(school));
    SELECT r.number, r.request = with_request INTO kept, same
        FROM roll_calls r WHERE r.account = who AND r.key = with_key;
    IF NOT FOUND THEN
        same := true;
        INSERT INTO roll_calls (account, role, unit, school_code, grade, class_name, day,
                key, request)
            VALUES (who, post_role, post_unit, school, of_grade, of_class, on_day,
                with_key, with_request)
            RETURNING number INTO kept;
        INSERT INTO absences
            SELECT kept, a.student, a.place, a.kind, a.grade, a.class
            FROM unnest(students, places, kinds, grades, classes)
                AS a (student, place, kind, grade, class);
    END IF;
    RETURN NEXT;
END
$$;

-- Keep what screening answered about a roll-call, and give what was answered first.
CREATE OR REPLACE FUNCTION attendance.tell(of_roll_call bigint, said json) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attendance, pg_temp
AS $$
BEGIN
    INSERT INTO screened (roll_call, answer) VALUES (of_roll_call, said) ON CONFLICT DO NOTHING;
    RETURN (SELECT s.answer FROM screened s WHERE s.roll_call = of_roll_call);
END
$$;

-- Drop the roll-calls of days before one, and say how many in a line of their own. Nothing younger
-- than the rule's years goes, nor anything younger than six months whatever the rule says.
CREATE OR REPLACE FUNCTION attendance.drop_before(day date, years int)
RETURNS TABLE (roll_calls bigint, absences bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attendance, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    first date;
    last date;
BEGIN
    IF day > current_date - greatest(make_interval(years => years), interval '6 months') THEN
        RAISE EXCEPTION 'roll-calls before % are still to be kept', day
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM set_config('guixue.attendance_goes', 'on', true);
    SELECT count(*), min(r.day), max(r.day) INTO roll_calls, first, last
        FROM attendance.roll_calls r WHERE r.day < drop_before.day;
    DELETE FROM attendance.absences a USING attendance.roll_calls r
        WHERE a.roll_call = r.number AND r.day < drop_before.day;
    GET DIAGNOSTICS absences = ROW_COUNT;
    DELETE FROM attendance.screened s USING attendance.roll_calls r
        WHERE s.roll_call = r.number AND r.day < drop_before.day;
    DELETE FROM attendance.roll_calls r WHERE r.day < drop_before.day;
    PERFORM set_config('guixue.attendance_goes', 'off', true);
    IF roll_calls > 0 THEN
        INSERT INTO dropped (before, kept_years, roll_calls, absences, first_day, last_day)
            VALUES (day, years, roll_calls, absences, first, last);
    END IF;
    RETURN NEXT;
END
$$;

-- An erased child goes from roll-calls and from what was answered about them, as its key does.
CREATE OR REPLACE FUNCTION attendance.forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = attendance, pg_temp
AS $$
DECLARE
    named bigint[] := ARRAY(
        SELECT s.roll_call FROM screened s
        WHERE jsonb_path_query_array(s.answer::jsonb, '$.**.student_id') ? NEW.student_id::text);
BEGIN
    PERFORM set_config('guixue.attendance_goes', 'on', true);
    DELETE FROM absences WHERE student_id = NEW.student_id;
    UPDATE screened s SET answer = (
        SELECT json_object_agg(part.key, CASE WHEN part.key IN ('items', 'present_after_all')
            THEN (SELECT coalesce(json_agg(one), '[]') FROM json_array_elements(part.value) one
                WHERE one ->> 'student_id' <> NEW.student_id::text)
            ELSE part.value END)
        FROM json_each(s.answer) part)
        WHERE s.roll_call = ANY (named);
    PERFORM set_config('guixue.attendance_goes', 'off', true);
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER absences_go
    AFTER UPDATE OF destroyed_at ON keys.children
    FOR EACH ROW WHEN (OLD.destroyed_at IS NULL AND NEW.destroyed_at IS NOT NULL)
    EXECUTE FUNCTION attendance.forget();
ALTER TABLE keys.children ENABLE ALWAYS TRIGGER absences_go;
