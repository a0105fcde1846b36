-- The tables, one text for both databases. Words in braces are said by schema.rs in the words of each: id = a key that
-- counts up; bytewise = a text ordered byte by byte; forbid = triggers that refuse every change (they differ most).
-- Times are ms since 1970 UTC; truth is 0 or 1; JSON is text.

CREATE TABLE site (
    id {id},
    parent BIGINT REFERENCES site (id),
    path TEXT {bytewise} NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    urgent_min BIGINT NOT NULL,
    routine_min BIGINT NOT NULL,
    second TEXT NOT NULL,
    phone TEXT,
    active BIGINT NOT NULL
);

CREATE TABLE person (
    id {id},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    site BIGINT NOT NULL REFERENCES site (id),
    lang TEXT NOT NULL,
    password TEXT NOT NULL,
    pin TEXT,
    must_change BIGINT NOT NULL,
    active BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0,
    locked_until BIGINT,
    last_login BIGINT
);

CREATE TABLE session (
    token TEXT PRIMARY KEY,
    person BIGINT NOT NULL REFERENCES person (id),
    csrf TEXT NOT NULL,
    created BIGINT NOT NULL,
    seen BIGINT NOT NULL
);

CREATE TABLE api_key (
    id {id},
    name TEXT NOT NULL,
    site BIGINT NOT NULL REFERENCES site (id),
    scope TEXT NOT NULL,
    prefix TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created BIGINT NOT NULL,
    last_used BIGINT,
    revoked BIGINT
);

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE ecg (
    id {id},
    site BIGINT NOT NULL REFERENCES site (id),
    path TEXT {bytewise} NOT NULL,
    sha256 TEXT NOT NULL,
    received BIGINT NOT NULL,
    recorded TEXT,
    device TEXT,
    patient_id TEXT,
    patient_name TEXT,
    clinical TEXT NOT NULL,
    files TEXT NOT NULL,
    sender TEXT NOT NULL,
    state TEXT NOT NULL,
    course TEXT NOT NULL,
    versions BIGINT NOT NULL DEFAULT 0,
    second BIGINT NOT NULL DEFAULT 0,
    revision BIGINT NOT NULL DEFAULT 1,
    waits BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    due BIGINT NOT NULL,
    reader BIGINT,
    program TEXT,
    analysis TEXT,
    verdict TEXT,
    machine TEXT,
    summary TEXT,
    alarm TEXT,
    alarm_loop TEXT,
    reported BIGINT,
    refused BIGINT,
    reason TEXT,
    UNIQUE (site, sha256)
);
CREATE INDEX ecg_worklist ON ecg (waits, priority, due, id);
CREATE INDEX ecg_counts ON ecg (waits, priority, state, due, path);
CREATE INDEX ecg_states ON ecg (state, received);
CREATE INDEX ecg_sites ON ecg (path, received);
CREATE INDEX ecg_received ON ecg (received);
CREATE INDEX ecg_patients ON ecg (patient_id);
CREATE INDEX ecg_alarms ON ecg (alarm);
CREATE INDEX ecg_readers ON ecg (reader, received);

CREATE TABLE thumbnail (
    ecg BIGINT PRIMARY KEY REFERENCES ecg (id),
    svg TEXT NOT NULL
);

CREATE TABLE job (
    ecg BIGINT PRIMARY KEY REFERENCES ecg (id),
    priority BIGINT NOT NULL,
    enqueued BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    owner TEXT,
    lease BIGINT NOT NULL
);
CREATE INDEX job_order ON job (priority, enqueued);

CREATE TABLE draft (
    ecg BIGINT PRIMARY KEY REFERENCES ecg (id),
    person BIGINT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

CREATE TABLE version (
    ecg BIGINT NOT NULL REFERENCES ecg (id),
    version BIGINT NOT NULL,
    signed BIGINT NOT NULL,
    person BIGINT NOT NULL REFERENCES person (id),
    second BIGINT REFERENCES person (id),
    code TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    PRIMARY KEY (ecg, version)
);
CREATE INDEX version_signed ON version (signed);

CREATE TABLE audit (
    seq BIGINT PRIMARY KEY,
    at BIGINT NOT NULL,
    person BIGINT,
    api_key BIGINT,
    action TEXT NOT NULL,
    ecg BIGINT,
    site BIGINT,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
);
CREATE INDEX audit_ecg ON audit (ecg, seq);

CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (one, seq, hash) VALUES (1, 0, '');

CREATE TABLE change (
    id {id},
    ecg BIGINT NOT NULL REFERENCES ecg (id),
    at BIGINT NOT NULL,
    body TEXT NOT NULL
);

{forbid}
