-- Blind re-reading: a sample of signed cases that a reader reads again without seeing what was signed.
CREATE TABLE blind_round (
    id {id},
    month TEXT NOT NULL,
    seed BIGINT NOT NULL,
    reader BIGINT NOT NULL REFERENCES person (id),
    made BIGINT NOT NULL,
    person BIGINT REFERENCES person (id)
);

CREATE TABLE blind (
    round BIGINT NOT NULL REFERENCES blind_round (id),
    ecg BIGINT NOT NULL REFERENCES ecg (id),
    version BIGINT NOT NULL,
    read_at BIGINT,
    body TEXT,
    PRIMARY KEY (round, ecg)
);
CREATE INDEX blind_ecg ON blind (ecg);
