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

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.roll_calls
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE attendance.roll_calls ENABLE ALWAYS TRIGGER append_only;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.absences
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE attendance.absences ENABLE ALWAYS TRIGGER append_only;
CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON attendance.screened
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE attendance.screened ENABLE ALWAYS TRIGGER append_only;

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
