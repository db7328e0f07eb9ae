//! Tables, one migration after the other. The SQL keeps to what SQLite and PostgreSQL share: no
//! triggers, sequences, arrays or recursive queries; integers for time (µs) and counts; keys of
//! partitioned tables lead with `owner_id`.

/// Migrations in order; `user_version` counts those done.
pub const MIGRATIONS: &[&str] = &["
-- local: what belongs to this installation alone
CREATE TABLE meta (
    name  TEXT PRIMARY KEY NOT NULL,
    value BLOB NOT NULL
) STRICT;

-- partitioned by owner_id (the submitter): one event per recorded batch
CREATE TABLE event (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    seq            INTEGER NOT NULL CHECK (seq >= 1),
    log_index      INTEGER NOT NULL CHECK (log_index >= 1),
    stream         TEXT    NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    body           TEXT    NOT NULL,
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    chain          BLOB    NOT NULL CHECK (length(chain) = 32),
    PRIMARY KEY (owner_id, seq)
) STRICT, WITHOUT ROWID;
-- serves the followers of the log, which read events by their index
CREATE UNIQUE INDEX event_log ON event (log_index);

-- reference: parties, registered when a filing first names them
CREATE TABLE party (
    party_id         BLOB    PRIMARY KEY NOT NULL CHECK (length(party_id) = 16),
    verified         INTEGER NOT NULL CHECK (verified IN (0, 1)),
    registered_at_us INTEGER NOT NULL
) STRICT;

-- reference: what parties are named by, scheme:value; a party may have several
CREATE TABLE party_identifier (
    identifier TEXT PRIMARY KEY NOT NULL CHECK (identifier LIKE '%_:_%'),
    party_id   BLOB NOT NULL REFERENCES party (party_id)
) STRICT, WITHOUT ROWID;

-- partitioned: the head of each owner's chain, moved by a conditional update
CREATE TABLE chain_head (
    owner_id BLOB    PRIMARY KEY NOT NULL CHECK (length(owner_id) = 16),
    seq      INTEGER NOT NULL CHECK (seq >= 1),
    chain    BLOB    NOT NULL CHECK (length(chain) = 32)
) STRICT;

-- local: the head of the log of this installation, one row
CREATE TABLE log_head (
    one       INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    log_index INTEGER NOT NULL CHECK (log_index >= 0),
    filings   INTEGER NOT NULL CHECK (filings >= 0),
    row_count INTEGER NOT NULL CHECK (row_count >= 0)
) STRICT;
INSERT INTO log_head (one, log_index, filings, row_count) VALUES (1, 0, 0, 0);

-- partitioned: the filings of an event in compressed blocks
CREATE TABLE block (
    owner_id     BLOB    NOT NULL CHECK (length(owner_id) = 16),
    log_index    INTEGER NOT NULL CHECK (log_index >= 1),
    block_no     INTEGER NOT NULL CHECK (block_no >= 0),
    first_filing INTEGER NOT NULL CHECK (first_filing >= 0),
    filings      INTEGER NOT NULL CHECK (filings >= 1),
    row_count    INTEGER NOT NULL CHECK (row_count >= 1),
    plain_bytes  INTEGER NOT NULL CHECK (plain_bytes >= 1),
    bytes        BLOB    NOT NULL,
    PRIMARY KEY (owner_id, log_index, block_no)
) STRICT;
-- serves reading one filing and rebuilding in order
CREATE UNIQUE INDEX block_filing ON block (first_filing);
", "
-- local: who did or looked at what. Never updated, never deleted: each entry is linked to the one before
CREATE TABLE audit (
    seq      INTEGER PRIMARY KEY NOT NULL CHECK (seq >= 1),
    at_us    INTEGER NOT NULL,
    account  TEXT    NOT NULL,
    action   TEXT    NOT NULL CHECK (length(action) > 0),
    subject  TEXT    NOT NULL,
    resource TEXT    NOT NULL,
    detail   TEXT    NOT NULL,
    chain    BLOB    NOT NULL CHECK (length(chain) = 32)
) STRICT;
-- serves `who has looked at my data`: the entries about a party, the newest first
CREATE INDEX audit_subject ON audit (subject, at_us, seq);
-- serves the entries of an account
CREATE INDEX audit_account ON audit (account, seq);

-- local: the head of the audit chain, one row, moved by a conditional update
CREATE TABLE audit_head (
    one   INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    seq   INTEGER NOT NULL CHECK (seq >= 0),
    chain BLOB    NOT NULL CHECK (length(chain) = 32)
) STRICT;
INSERT INTO audit_head (one, seq, chain) VALUES (1, 0, zeroblob(32));
", "
-- local: what is to be done after a change, written in the transaction of that change
CREATE TABLE job (
    job_id        BLOB    PRIMARY KEY NOT NULL CHECK (length(job_id) = 16),
    kind          TEXT    NOT NULL CHECK (length(kind) > 0),
    body          TEXT    NOT NULL,
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
    due_us        INTEGER NOT NULL,
    tries         INTEGER NOT NULL CHECK (tries >= 0),
    last_error    TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- serves the runner, which takes what is due, and the operator's list of a state
CREATE INDEX job_due ON job (state, due_us);

-- local: letters as the authority words them; each change is a further version, none is overwritten
CREATE TABLE mail_template (
    kind     TEXT    NOT NULL,
    language TEXT    NOT NULL,
    version  INTEGER NOT NULL CHECK (version >= 1),
    subject  TEXT    NOT NULL,
    body     TEXT    NOT NULL,
    account  TEXT    NOT NULL,
    at_us    INTEGER NOT NULL,
    PRIMARY KEY (kind, language, version)
) STRICT, WITHOUT ROWID;
", "
-- reference: versions of packs. A draft is changed by its author, then published by somebody else or
-- withdrawn; what is published never changes
CREATE TABLE pack_version (
    pack_id     TEXT    NOT NULL CHECK (length(pack_id) BETWEEN 1 AND 32),
    version     INTEGER NOT NULL CHECK (version >= 1),
    state       TEXT    NOT NULL CHECK (state IN ('draft', 'proposed', 'published', 'withdrawn')),
    revision    INTEGER NOT NULL CHECK (revision >= 1),
    title       TEXT    NOT NULL,
    files       BLOB    NOT NULL,
    digest      BLOB    NOT NULL CHECK (length(digest) = 32),
    author      TEXT    NOT NULL,
    made_at_us  INTEGER NOT NULL,
    decided_by  TEXT    NOT NULL,
    decided_at_us INTEGER,
    PRIMARY KEY (pack_id, version),
    CHECK ((state IN ('published', 'withdrawn')) = (decided_at_us IS NOT NULL)),
    CHECK (state <> 'published' OR (decided_by <> '' AND decided_by <> author))
) STRICT, WITHOUT ROWID;
"];
