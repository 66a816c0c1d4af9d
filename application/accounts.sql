-- Accounts, their dated posts, their sessions, failed tries to sign in, sign-ins under way elsewhere.
CREATE SCHEMA IF NOT EXISTS access;
CREATE TABLE IF NOT EXISTS access.accounts (
    account uuid PRIMARY KEY,
    place bigint GENERATED ALWAYS AS IDENTITY UNIQUE,   -- the order in which they were made
    username text NOT NULL UNIQUE,
    name text NOT NULL,
    password_hash text,                                 -- argon2id; NULL: only through the provider
    must_change_password boolean NOT NULL DEFAULT false,
    second_factor boolean NOT NULL DEFAULT true,        -- false: never asked for one
    totp_secret bytea,                                  -- sealed
    totp_step bigint,                                   -- the last one used
    issuer text,
    subject text,
    generation bigint NOT NULL DEFAULT 0,               -- sessions of an older one are dead
    demo boolean NOT NULL DEFAULT false,                -- its password is known to everybody
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    revoked_by text,
    revoked_at timestamptz,
    UNIQUE (issuer, subject),
    CHECK ((issuer IS NULL) = (subject IS NULL))
);
CREATE TABLE IF NOT EXISTS access.posts (
    account uuid NOT NULL REFERENCES access.accounts,
    n integer NOT NULL,
    role text NOT NULL,
    unit text NOT NULL,
    schools text[] NOT NULL,
    grade integer,
    class_name text,
    township text,
    office text,
    from_day date,                                      -- NULL: always was
    until_day date,                                     -- the last day in force
    made_by text NOT NULL,
    ended_by text,
    ended_at timestamptz,                               -- ended at once
    PRIMARY KEY (account, n)
);
CREATE TABLE IF NOT EXISTS access.sessions (
    token bytea PRIMARY KEY,                            -- digest
    account uuid NOT NULL REFERENCES access.accounts,
    generation bigint NOT NULL,
    second_factor boolean NOT NULL,                     -- opened with one
    ends_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sessions_ends_at ON access.sessions (ends_at);
CREATE TABLE IF NOT EXISTS access.sign_in_tries (
    who bytea PRIMARY KEY,                              -- digest of the typed name and the address
    tries timestamptz[] NOT NULL,
    last_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS sign_in_tries_last_at ON access.sign_in_tries (last_at);
CREATE TABLE IF NOT EXISTS access.provider_sign_ins (
    state bytea PRIMARY KEY,                            -- digest
    browser bytea NOT NULL,                             -- digest
    ends_at timestamptz NOT NULL
);
CREATE INDEX IF NOT EXISTS provider_sign_ins_ends_at ON access.provider_sign_ins (ends_at);
