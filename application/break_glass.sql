-- Broken glass: who may read one child out of their reach for some hours, and why; append-only.

CREATE TABLE IF NOT EXISTS access.glass_broken (
    number bigint PRIMARY KEY, -- in order, without gaps: given out under the access log's lock
    at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    account uuid NOT NULL,
    role text NOT NULL,
    unit text NOT NULL,
    student_id uuid NOT NULL,
    school_code text, -- the child's school then
    reason text NOT NULL
);
CREATE INDEX IF NOT EXISTS glass_broken_student ON access.glass_broken (student_id, until);
CREATE INDEX IF NOT EXISTS glass_broken_school ON access.glass_broken (school_code, number);

CREATE OR REPLACE TRIGGER append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON access.glass_broken
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE access.glass_broken ENABLE ALWAYS TRIGGER append_only;

-- Break the glass for a child and write its line in the access log, both or neither.
CREATE OR REPLACE FUNCTION access.break_glass(
    who uuid, post_role text, post_unit text, child uuid, school text, why text,
    moment timestamptz, ends timestamptz
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, pg_temp
AS $$
DECLARE
    next_number bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(20230903);
    SELECT coalesce(max(g.number), 0) + 1 INTO next_number FROM glass_broken g;
    INSERT INTO glass_broken
        VALUES (next_number, moment, ends, who, post_role, post_unit, child, school, why);
    PERFORM access.log(
        ARRAY[who], ARRAY[post_role], ARRAY[post_unit], ARRAY['break_glass'], ARRAY['granted'],
        ARRAY[why], ARRAY[jsonb_build_object('break_glass', next_number)],
        ARRAY[1], ARRAY[child], ARRAY[school]);
    RETURN next_number;
END
$$;
