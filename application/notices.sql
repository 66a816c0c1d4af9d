-- Notices: who is told, what waits to be told and what was, and whom a day's digest was made for.
CREATE SCHEMA IF NOT EXISTS notices;
CREATE TABLE IF NOT EXISTS notices.subscriptions (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    place bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    url text NOT NULL,
    secret bytea NOT NULL,                              -- sealed
    school_code text,
    township text,
    kinds text[],                                       -- NULL: every kind of entry
    taken bigint NOT NULL,                              -- the log up to here is in the outbox
    resting_until timestamptz,                          -- it lately did not answer
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ended_by text,
    ended_at timestamptz,
    CHECK (school_code IS NULL OR township IS NULL)
);
CREATE TABLE IF NOT EXISTS notices.choices (
    account uuid PRIMARY KEY REFERENCES access.accounts,
    email text,
    phone text,
    digest boolean NOT NULL
);
CREATE TABLE IF NOT EXISTS notices.outbox (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    place bigint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- the order in which they are sent
    channel text NOT NULL,
    subscription uuid REFERENCES notices.subscriptions,
    student_id uuid,
    position bigint,
    account uuid REFERENCES access.accounts,
    content jsonb NOT NULL,                             -- no name, no number, no word of a record
    made_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    done_at timestamptz,                                -- sent, or given up
    error text,                                         -- in our words, never the receiver's
    CHECK ((channel = 'webhook') = (subscription IS NOT NULL)),
    CHECK ((subscription IS NULL) = (account IS NOT NULL)),
    UNIQUE (subscription, position)
);
CREATE INDEX IF NOT EXISTS outbox_waiting ON notices.outbox (channel, subscription, place)
    WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outbox_of_child ON notices.outbox (subscription, student_id, place)
    WHERE state = 'waiting';
CREATE INDEX IF NOT EXISTS outbox_state ON notices.outbox (state, place);
CREATE INDEX IF NOT EXISTS outbox_done_at ON notices.outbox (done_at);
CREATE TABLE IF NOT EXISTS notices.sent (
    channel text PRIMARY KEY,
    count bigint NOT NULL                               -- ever; the outbox forgets
);
CREATE TABLE IF NOT EXISTS notices.digests (
    account uuid NOT NULL REFERENCES access.accounts,
    day date NOT NULL,
    items integer NOT NULL,                             -- 0: nothing to tell, nothing sent
    made_at timestamptz NOT NULL,
    PRIMARY KEY (account, day)
);
