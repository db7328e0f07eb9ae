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
-- local: who may act on this installation. A person is never removed: history keeps the name
CREATE TABLE person (
    account       TEXT    PRIMARY KEY NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
    kind          TEXT    NOT NULL CHECK (kind IN ('person', 'machine')),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    local_name    TEXT    NOT NULL CHECK (length(local_name) <= 300),
    email         TEXT    NOT NULL CHECK (length(email) <= 254),
    role          TEXT    NOT NULL CHECK (role IN
        ('filer', 'party_manager', 'officer', 'supervisor', 'analyst', 'operator')),
    party         TEXT    REFERENCES party_identifier (identifier),
    state         TEXT    NOT NULL CHECK (state IN ('invited', 'active', 'deactivated')),
    language      TEXT    NOT NULL CHECK (length(language) <= 16),
    password      TEXT    CHECK (password LIKE '$argon2id$%'),
    totp          BLOB,
    totp_new      BLOB,
    totp_step     INTEGER NOT NULL CHECK (totp_step >= 0),
    created_at_us INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL,
    CHECK ((role IN ('filer', 'party_manager')) = (party IS NOT NULL)),
    CHECK (kind = 'person' OR (password IS NULL AND totp IS NULL AND totp_new IS NULL))
) STRICT;
-- serves the people of a party
CREATE INDEX person_party ON person (party, account);

-- local: codes that stand in for the second factor, each once
CREATE TABLE recovery_code (
    account    TEXT    NOT NULL REFERENCES person (account),
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    used_at_us INTEGER,
    PRIMARY KEY (account, hash)
) STRICT, WITHOUT ROWID;

-- local: who is signed in, by the SHA-256 of the cookie's text. Assurance: 0 a second factor is awaited,
-- 1 signed in by one factor, 2 by two
CREATE TABLE session (
    hash          BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    id            BLOB    NOT NULL CHECK (length(id) = 16),
    account       TEXT    NOT NULL REFERENCES person (account),
    proofs        TEXT    NOT NULL CHECK (length(proofs) > 0),
    assurance     INTEGER NOT NULL CHECK (assurance IN (0, 1, 2)),
    created_at_us INTEGER NOT NULL,
    used_at_us    INTEGER NOT NULL,
    proved_at_us  INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL CHECK (expires_at_us > created_at_us),
    agent         TEXT    NOT NULL CHECK (length(agent) <= 200),
    acting_for    TEXT    REFERENCES person (account),
    CHECK (acting_for IS NULL OR acting_for <> account)
) STRICT, WITHOUT ROWID;
-- serves the sessions of a person, and ending one of them
CREATE INDEX session_account ON session (account, created_at_us);
-- serves the removal of those that are over
CREATE INDEX session_expires ON session (expires_at_us);

-- local: what programs come with, by the SHA-256 of its text
CREATE TABLE token (
    hash          BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    id            BLOB    NOT NULL CHECK (length(id) = 16),
    account       TEXT    NOT NULL REFERENCES person (account),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    scope         TEXT    NOT NULL CHECK (scope IN ('read', 'read_and_file')),
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL CHECK (expires_at_us > created_at_us),
    used_at_us    INTEGER,
    revoked_at_us INTEGER
) STRICT, WITHOUT ROWID;
-- serves the tokens of a person, and revoking one of them
CREATE INDEX token_account ON token (account, created_at_us);

-- local: failed sign-ins. The subject is a SHA-256, since what was typed may be a password
CREATE TABLE sign_in_failure (
    kind       TEXT    NOT NULL CHECK (kind IN ('pair', 'account', 'address', 'second')),
    subject    BLOB    NOT NULL CHECK (length(subject) = 32),
    failures   INTEGER NOT NULL CHECK (failures >= 1),
    last_at_us INTEGER NOT NULL,
    PRIMARY KEY (kind, subject)
) STRICT, WITHOUT ROWID;
-- serves the removal of old ones
CREATE INDEX sign_in_failure_last ON sign_in_failure (last_at_us);

-- local: codes with which a person sets its first password, or a new one after a reset, each once
CREATE TABLE invitation (
    hash          BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    account       TEXT    NOT NULL REFERENCES person (account),
    email         TEXT    NOT NULL,
    created_by    TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    expires_at_us INTEGER NOT NULL CHECK (expires_at_us > created_at_us),
    used_at_us    INTEGER
) STRICT, WITHOUT ROWID;
-- serves withdrawing the invitations of a person
CREATE INDEX invitation_account ON invitation (account);

-- local: leave cover; over at its end without anybody doing anything
CREATE TABLE delegation (
    id            BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    account       TEXT    NOT NULL REFERENCES person (account),
    delegate      TEXT    NOT NULL REFERENCES person (account),
    starts_at_us  INTEGER NOT NULL,
    ends_at_us    INTEGER NOT NULL CHECK (ends_at_us > starts_at_us),
    reason        TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    created_by    TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    revoked_at_us INTEGER,
    CHECK (account <> delegate)
) STRICT, WITHOUT ROWID;
-- serves whom a person covers
CREATE INDEX delegation_delegate ON delegation (delegate, starts_at_us);
-- serves who covers a person
CREATE INDEX delegation_account ON delegation (account, starts_at_us);

-- reference: who a verified party is
CREATE TABLE party_profile (
    party_id      BLOB    PRIMARY KEY NOT NULL REFERENCES party (party_id),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    local_name    TEXT    NOT NULL CHECK (length(local_name) <= 300),
    country       TEXT    NOT NULL CHECK (length(country) = 2),
    address       TEXT    NOT NULL CHECK (length(address) <= 1000),
    changed_at_us INTEGER NOT NULL
) STRICT;

-- serves the identifiers of a party
CREATE INDEX party_identifier_party ON party_identifier (party_id, identifier);

-- partitioned by the party: its sites, as filings name them by code
CREATE TABLE site (
    party_id      BLOB    NOT NULL REFERENCES party (party_id),
    code          TEXT    NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    kind          TEXT    NOT NULL CHECK (kind IN ('domestic', 'bonded', 'free_zone')),
    address       TEXT    NOT NULL CHECK (length(address) <= 1000),
    changed_at_us INTEGER NOT NULL,
    PRIMARY KEY (party_id, code)
) STRICT, WITHOUT ROWID;

-- local: companies that ask to be registered. They hold no identifier before an officer has verified them
CREATE TABLE registration (
    id            BLOB    PRIMARY KEY NOT NULL CHECK (length(id) = 16),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    local_name    TEXT    NOT NULL CHECK (length(local_name) <= 300),
    country       TEXT    NOT NULL CHECK (length(country) = 2),
    address       TEXT    NOT NULL CHECK (length(address) <= 1000),
    identifiers   TEXT    NOT NULL CHECK (length(identifiers) BETWEEN 1 AND 1000),
    contact_name  TEXT    NOT NULL CHECK (length(contact_name) BETWEEN 1 AND 300),
    contact_email TEXT    NOT NULL CHECK (length(contact_email) BETWEEN 1 AND 254),
    state         TEXT    NOT NULL CHECK (state IN ('pending', 'verified', 'refused')),
    asked_by      TEXT    NOT NULL,
    asked_at_us   INTEGER NOT NULL,
    assigned_to   TEXT    NOT NULL,
    decided_by    TEXT    NOT NULL,
    decided_at_us INTEGER,
    reason        TEXT    NOT NULL CHECK (length(reason) <= 1000),
    CHECK ((state = 'pending') = (decided_at_us IS NULL)),
    CHECK (state <> 'refused' OR length(reason) > 0),
    CHECK (state = 'pending' OR decided_by <> asked_by)
) STRICT, WITHOUT ROWID;
-- serves the list of what is to be verified
CREATE INDEX registration_state ON registration (state, asked_at_us);
", "
-- local: by what authenticators know a person: random, no name
CREATE TABLE passkey_handle (
    account TEXT PRIMARY KEY NOT NULL REFERENCES person (account),
    handle  BLOB NOT NULL UNIQUE CHECK (length(handle) = 16)
) STRICT, WITHOUT ROWID;

-- local: passkeys, by the name that their authenticator gives them
CREATE TABLE passkey (
    credential_id BLOB    PRIMARY KEY NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
    id            BLOB    NOT NULL CHECK (length(id) = 16),
    account       TEXT    NOT NULL REFERENCES passkey_handle (account),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    credential    TEXT    NOT NULL CHECK (length(credential) > 0),
    counter       INTEGER NOT NULL CHECK (counter >= 0),
    created_at_us INTEGER NOT NULL,
    used_at_us    INTEGER
) STRICT, WITHOUT ROWID;
-- serves the passkeys of a person, and removing one of them
CREATE INDEX passkey_account ON passkey (account, created_at_us);

-- local: who people are at identity providers, as it was linked
CREATE TABLE identity (
    issuer       TEXT    NOT NULL CHECK (length(issuer) > 0),
    subject      TEXT    NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
    id           BLOB    NOT NULL CHECK (length(id) = 16),
    account      TEXT    NOT NULL REFERENCES person (account),
    linked_by    TEXT    NOT NULL,
    linked_at_us INTEGER NOT NULL,
    used_at_us   INTEGER,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
-- serves the identities of a person, and taking one of them away
CREATE INDEX identity_account ON identity (account, linked_at_us);
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
", "
-- local: with which browsers people have signed in, so that they are told of a further one
CREATE TABLE agent_seen (
    account    TEXT    NOT NULL REFERENCES person (account),
    agent      TEXT    NOT NULL CHECK (length(agent) BETWEEN 1 AND 200),
    last_at_us INTEGER NOT NULL,
    PRIMARY KEY (account, agent)
) STRICT, WITHOUT ROWID;
", "
-- people of other agencies and of customs come in: a role has a desk, the agency or the border post
CREATE TABLE person_with_desk (
    account       TEXT    PRIMARY KEY NOT NULL CHECK (length(account) BETWEEN 1 AND 64),
    kind          TEXT    NOT NULL CHECK (kind IN ('person', 'machine')),
    name          TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 300),
    local_name    TEXT    NOT NULL CHECK (length(local_name) <= 300),
    email         TEXT    NOT NULL CHECK (length(email) <= 254),
    role          TEXT    NOT NULL CHECK (role IN ('filer', 'party_manager', 'officer', 'supervisor',
        'analyst', 'agency', 'customs', 'operator')),
    party         TEXT    REFERENCES party_identifier (identifier),
    desk          TEXT    NOT NULL CHECK (length(desk) <= 64),
    state         TEXT    NOT NULL CHECK (state IN ('invited', 'active', 'deactivated')),
    language      TEXT    NOT NULL CHECK (length(language) <= 16),
    password      TEXT    CHECK (password LIKE '$argon2id$%'),
    totp          BLOB,
    totp_new      BLOB,
    totp_step     INTEGER NOT NULL CHECK (totp_step >= 0),
    created_at_us INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL,
    CHECK ((role IN ('filer', 'party_manager')) = (party IS NOT NULL)),
    CHECK ((role IN ('agency', 'customs')) = (desk <> '')),
    CHECK (kind = 'person' OR (password IS NULL AND totp IS NULL AND totp_new IS NULL))
) STRICT;
INSERT INTO person_with_desk (account, kind, name, local_name, email, role, party, desk, state, language,
    password, totp, totp_new, totp_step, created_at_us, changed_at_us)
    SELECT account, kind, name, local_name, email, role, party, '', state, language, password, totp,
    totp_new, totp_step, created_at_us, changed_at_us FROM person;
DROP TABLE person;
ALTER TABLE person_with_desk RENAME TO person;
-- serves the people of a party
CREATE INDEX person_party ON person (party, account);

-- serves the events of a case or a licence
CREATE INDEX event_stream ON event (owner_id, stream, seq);

-- partitioned by the applicant: applications that are being written
CREATE TABLE application_draft (
    owner_id      BLOB    NOT NULL CHECK (length(owner_id) = 16),
    draft_id      BLOB    NOT NULL CHECK (length(draft_id) = 16),
    revision      INTEGER NOT NULL CHECK (revision >= 1),
    body          TEXT    NOT NULL,
    changed_by    TEXT    NOT NULL,
    changed_at_us INTEGER NOT NULL,
    PRIMARY KEY (owner_id, draft_id)
) STRICT, WITHOUT ROWID;

-- reference: whose a case is, by its number
CREATE TABLE case_number (
    number   TEXT PRIMARY KEY NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    owner_id BLOB NOT NULL CHECK (length(owner_id) = 16),
    case_id  BLOB NOT NULL CHECK (length(case_id) = 16)
) STRICT, WITHOUT ROWID;

-- local: the last number given in a series, moved by a conditional update
CREATE TABLE number_head (
    series TEXT    PRIMARY KEY NOT NULL CHECK (length(series) BETWEEN 1 AND 64),
    last   INTEGER NOT NULL CHECK (last >= 1)
) STRICT, WITHOUT ROWID;

-- partitioned by the applicant: cases as their events add them up. `urgency` sorts them, smaller first
CREATE TABLE case_file (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    case_id        BLOB    NOT NULL CHECK (length(case_id) = 16),
    number         TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    applicant      TEXT    NOT NULL CHECK (applicant LIKE '%_:_%'),
    state          TEXT    NOT NULL CHECK (state IN
        ('received', 'review', 'decided', 'returned', 'withdrawn', 'lapsed')),
    open           INTEGER NOT NULL CHECK (open IN (0, 1)),
    licence_type   TEXT    NOT NULL,
    officer        TEXT    NOT NULL,
    waits_for      TEXT    NOT NULL CHECK (waits_for IN
        ('officer', 'applicant', 'agency', 'signature', 'step', 'nobody')),
    received_at_us INTEGER NOT NULL,
    due_day        INTEGER,
    stock_out_day  INTEGER,
    urgency        INTEGER NOT NULL,
    goods          TEXT    NOT NULL,
    destinations   TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),
    body           TEXT    NOT NULL,
    CHECK (open = (state IN ('received', 'review'))),
    PRIMARY KEY (owner_id, case_id)
) STRICT, WITHOUT ROWID;
-- serves the queue: open cases of all officers, or of one, the most urgent first
CREATE INDEX case_file_queue ON case_file (open, urgency, number);
CREATE INDEX case_file_officer ON case_file (officer, open, urgency, number);
-- serves the queue of what waits for somebody
CREATE INDEX case_file_waits ON case_file (waits_for, open, urgency, number);
-- serves the cases of an applicant, the newest first
CREATE INDEX case_file_applicant ON case_file (owner_id, received_at_us, number);

-- partitioned by the applicant: agencies asked about a case
CREATE TABLE case_agency (
    owner_id   BLOB    NOT NULL CHECK (length(owner_id) = 16),
    case_id    BLOB    NOT NULL CHECK (length(case_id) = 16),
    agency     TEXT    NOT NULL CHECK (length(agency) BETWEEN 1 AND 64),
    open       INTEGER NOT NULL CHECK (open IN (0, 1)),
    urgency    INTEGER NOT NULL,
    number     TEXT    NOT NULL,
    PRIMARY KEY (owner_id, case_id, agency)
) STRICT, WITHOUT ROWID;
-- serves the queue of an agency
CREATE INDEX case_agency_queue ON case_agency (agency, open, urgency, number);
", "
-- local: queues that an account keeps under a name
CREATE TABLE case_view (
    account TEXT NOT NULL,
    name    TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query   TEXT NOT NULL CHECK (length(query) <= 1000),
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- reference: decided cells by what they were about; the last decision of a cell counts
CREATE TABLE case_precedent (
    control_code  TEXT    NOT NULL,
    destination   TEXT    NOT NULL,
    end_user      TEXT    NOT NULL,
    number        TEXT    NOT NULL,
    cell          TEXT    NOT NULL,
    outcome       TEXT    NOT NULL CHECK (outcome IN ('approve', 'refuse', 'no_licence')),
    conditions    INTEGER NOT NULL CHECK (conditions >= 0),
    decided_at_us INTEGER NOT NULL,
    PRIMARY KEY (control_code, destination, end_user, number, cell)
) STRICT, WITHOUT ROWID;

-- serves the case that waits the longest
CREATE INDEX case_file_oldest ON case_file (open, received_at_us, number);
", "
-- reference: whose a licence is, by its number
CREATE TABLE licence_number (
    number     TEXT PRIMARY KEY NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    owner_id   BLOB NOT NULL CHECK (length(owner_id) = 16),
    licence_id BLOB NOT NULL CHECK (length(licence_id) = 16)
) STRICT, WITHOUT ROWID;

-- partitioned by the holder: licences as they were issued, and what happened to them since; `version`
-- counts that
CREATE TABLE licence (
    owner_id     BLOB    NOT NULL CHECK (length(owner_id) = 16),
    licence_id   BLOB    NOT NULL CHECK (length(licence_id) = 16),
    number       TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    holder       TEXT    NOT NULL CHECK (holder LIKE '%_:_%'),
    case_key     TEXT    NOT NULL,
    issued_at_us INTEGER NOT NULL,
    version      INTEGER NOT NULL CHECK (version >= 1),
    body         TEXT    NOT NULL,
    events       TEXT    NOT NULL,
    PRIMARY KEY (owner_id, licence_id)
) STRICT, WITHOUT ROWID;
-- serves the licences of a case
CREATE INDEX licence_case ON licence (owner_id, case_key, number);
-- serves the authority's list, the newest first
CREATE INDEX licence_issued ON licence (issued_at_us, number);

-- partitioned by the holder: sums of each line and unit, moved by an update that names those it saw.
-- `held` is as of `as_of_us`; more than the ceiling is taken only by facts, which `excess` counts
CREATE TABLE licence_line (
    owner_id   BLOB    NOT NULL CHECK (length(owner_id) = 16),
    licence_id BLOB    NOT NULL CHECK (length(licence_id) = 16),
    line       INTEGER NOT NULL CHECK (line >= 1),
    place      INTEGER NOT NULL CHECK (place >= 0),
    unit       TEXT    NOT NULL,
    quantity   INTEGER NOT NULL CHECK (quantity >= 1),
    ceiling    INTEGER NOT NULL CHECK (ceiling >= quantity),
    drawn      INTEGER NOT NULL CHECK (drawn >= 0),
    held       INTEGER NOT NULL CHECK (held >= 0),
    allotted   INTEGER NOT NULL CHECK (allotted >= 0),
    excess     INTEGER NOT NULL CHECK (excess >= 0),
    as_of_us   INTEGER NOT NULL,
    CHECK (drawn + held + allotted <= ceiling + excess),
    PRIMARY KEY (owner_id, licence_id, line, place)
) STRICT, WITHOUT ROWID;

-- partitioned by the holder: what one line of a declaration has taken from one line of a licence
CREATE TABLE draw_down (
    owner_id         BLOB    NOT NULL CHECK (length(owner_id) = 16),
    licence_id       BLOB    NOT NULL CHECK (length(licence_id) = 16),
    line             INTEGER NOT NULL CHECK (line >= 1),
    declaration      TEXT    NOT NULL CHECK (length(declaration) BETWEEN 1 AND 64),
    declaration_line INTEGER NOT NULL CHECK (declaration_line >= 1),
    held_until_us    INTEGER NOT NULL CHECK (held_until_us >= 0),
    changed_at_us    INTEGER NOT NULL,
    state            TEXT    NOT NULL,
    PRIMARY KEY (owner_id, licence_id, line, declaration, declaration_line)
) STRICT, WITHOUT ROWID;
-- serves what is held when a licence is taken into memory
CREATE INDEX draw_down_held ON draw_down (owner_id, licence_id, held_until_us)
    WHERE held_until_us > 0;

-- partitioned by the holder: what border posts may draw while they are cut off
CREATE TABLE allotment (
    owner_id     BLOB NOT NULL CHECK (length(owner_id) = 16),
    licence_id   BLOB NOT NULL CHECK (length(licence_id) = 16),
    allotment_id TEXT NOT NULL CHECK (length(allotment_id) BETWEEN 1 AND 64),
    body         TEXT NOT NULL,
    PRIMARY KEY (owner_id, licence_id, allotment_id)
) STRICT, WITHOUT ROWID;

-- local: what customs has sent and was answered, so that a replay has no effect. Never updated, never
-- deleted. `log_index` is the event whose digest covers it, 0 where it is about no licence of ours; those
-- of an event follow each other. In the order of arrival, so that what is written at once lies together
CREATE TABLE border_message (
    message_seq    INTEGER PRIMARY KEY NOT NULL CHECK (message_seq >= 1),
    post           TEXT    NOT NULL CHECK (length(post) BETWEEN 1 AND 64),
    message_id     TEXT    NOT NULL CHECK (length(message_id) BETWEEN 1 AND 64),
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    received_at_us INTEGER NOT NULL,
    log_index      INTEGER NOT NULL CHECK (log_index >= 0),
    message        TEXT    NOT NULL,
    answer         TEXT    NOT NULL
) STRICT;
-- serves the answer to a message that comes again
CREATE UNIQUE INDEX border_message_id ON border_message (post, message_id);

-- local: what customs is to be told of licences, and whether it has said that it knows
CREATE TABLE border_change (
    seq                INTEGER PRIMARY KEY NOT NULL CHECK (seq >= 1),
    owner_id           BLOB    NOT NULL CHECK (length(owner_id) = 16),
    licence_id         BLOB    NOT NULL CHECK (length(licence_id) = 16),
    number             TEXT    NOT NULL,
    change             TEXT    NOT NULL,
    body               TEXT    NOT NULL,
    at_us              INTEGER NOT NULL,
    acknowledged_at_us INTEGER,
    acknowledged_by    TEXT    NOT NULL
) STRICT;
-- serves what is not acknowledged, of all licences or of one
CREATE INDEX border_change_open ON border_change (owner_id, licence_id, seq)
    WHERE acknowledged_at_us IS NULL;
", "
-- partitioned: documents, one row for each owner and content. The same bytes of two owners are two rows, so
-- that nobody learns what another has
CREATE TABLE document (
    owner_id       BLOB    NOT NULL REFERENCES party (party_id),
    sha256         BLOB    NOT NULL CHECK (length(sha256) = 32),
    plain_bytes    INTEGER NOT NULL CHECK (plain_bytes >= 1),
    kind           TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 16),
    name           TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    chunks         INTEGER NOT NULL CHECK (chunks >= 1),
    nonce          BLOB    NOT NULL CHECK (length(nonce) = 19),
    key_id         BLOB    NOT NULL CHECK (length(key_id) = 8),
    tag            BLOB    NOT NULL CHECK (length(tag) = 16),
    uploaded_by    TEXT    NOT NULL,
    uploaded_at_us INTEGER NOT NULL,
    scan           TEXT    NOT NULL CHECK (scan IN ('waiting', 'clean', 'infected', 'failed')),
    scan_detail    TEXT    NOT NULL CHECK (length(scan_detail) <= 500),
    scanner        TEXT    NOT NULL CHECK (length(scanner) <= 500),
    scanned_at_us  INTEGER,
    PRIMARY KEY (owner_id, sha256),
    CHECK ((scan = 'waiting') = (scanned_at_us IS NULL)),
    CHECK (scan NOT IN ('infected', 'failed') OR length(scan_detail) > 0)
) STRICT, WITHOUT ROWID;
-- serves how much an owner has stored lately
CREATE INDEX document_uploaded ON document (owner_id, uploaded_at_us, plain_bytes);
-- serves the operator, who sees how many wait
CREATE INDEX document_scan ON document (scan);

-- partitioned: what a document holds, sealed; never updated
CREATE TABLE document_chunk (
    owner_id BLOB    NOT NULL,
    sha256   BLOB    NOT NULL,
    chunk_no INTEGER NOT NULL CHECK (chunk_no >= 0),
    bytes    BLOB    NOT NULL CHECK (length(bytes) > 16),
    PRIMARY KEY (owner_id, sha256, chunk_no),
    FOREIGN KEY (owner_id, sha256) REFERENCES document (owner_id, sha256)
) STRICT;
", "
-- reference: whose a certificate of an end user is
CREATE TABLE certificate_key (
    certificate_id BLOB PRIMARY KEY NOT NULL CHECK (length(certificate_id) = 16),
    owner_id       BLOB NOT NULL CHECK (length(owner_id) = 16)
) STRICT, WITHOUT ROWID;

-- partitioned by the applicant: certificates of end users as their events add them up
CREATE TABLE certificate (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    certificate_id BLOB    NOT NULL CHECK (length(certificate_id) = 16),
    applicant      TEXT    NOT NULL CHECK (applicant LIKE '%_:_%'),
    purpose        TEXT    NOT NULL CHECK (purpose = 'open' OR purpose LIKE 'draft/_%'
        OR purpose LIKE 'case/_%'),
    asked_at_us    INTEGER NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),
    body           TEXT    NOT NULL,
    PRIMARY KEY (owner_id, certificate_id)
) STRICT, WITHOUT ROWID;
-- serves the certificates of an applicant, the newest first
CREATE INDEX certificate_asked ON certificate (owner_id, asked_at_us);
-- serves the certificates of a draft or a case
CREATE INDEX certificate_purpose ON certificate (owner_id, purpose);

-- local: links by which end users reach their certificates, found by the hash of their text
CREATE TABLE certificate_link (
    hash           BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    certificate_id BLOB    NOT NULL CHECK (length(certificate_id) = 16),
    expires_at_us  INTEGER NOT NULL,
    code           BLOB    CHECK (length(code) = 32),
    tries          INTEGER NOT NULL CHECK (tries >= 0),
    ended_at_us    INTEGER
) STRICT, WITHOUT ROWID;
-- serves ending the links of a certificate
CREATE INDEX certificate_link_of ON certificate_link (owner_id, certificate_id);
", "
-- partitioned by the authority: how quotas are issued and handed down. Never updated, never deleted:
-- what lies where is what the steps add up to
CREATE TABLE quota_step (
    owner_id   BLOB    NOT NULL CHECK (length(owner_id) = 16),
    seq        INTEGER NOT NULL CHECK (seq >= 1),
    pack_id    TEXT    NOT NULL CHECK (length(pack_id) BETWEEN 1 AND 32),
    quota_id   TEXT    NOT NULL CHECK (length(quota_id) BETWEEN 1 AND 64),
    quota_year INTEGER NOT NULL CHECK (quota_year BETWEEN 1900 AND 9999),
    stage      TEXT    NOT NULL CHECK (length(stage) BETWEEN 1 AND 64),
    ore        TEXT    NOT NULL CHECK (length(ore) <= 64),
    from_node  TEXT    NOT NULL CHECK (length(from_node) <= 200),
    to_node    TEXT    NOT NULL CHECK (length(to_node) BETWEEN 1 AND 200),
    amount_mg  INTEGER NOT NULL CHECK (amount_mg BETWEEN 0 AND 9000000000000000),
    slice      INTEGER NOT NULL CHECK (slice >= 0),
    day        TEXT    NOT NULL CHECK (length(day) = 10),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    account    TEXT    NOT NULL,
    at_us      INTEGER NOT NULL,
    PRIMARY KEY (owner_id, seq),
    CHECK ((from_node = '') = (slice > 0)),
    CHECK (from_node <> to_node)
) STRICT, WITHOUT ROWID;

-- partitioned by the holder: what holders and the other side report after a grant. Never updated, never
-- deleted: a wrong report is replaced by a later one that names it
CREATE TABLE holder_report (
    owner_id    BLOB    NOT NULL CHECK (length(owner_id) = 16),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    holder      TEXT    NOT NULL CHECK (holder LIKE '%_:_%'),
    reference   TEXT    NOT NULL CHECK (length(reference) BETWEEN 1 AND 64),
    kind        TEXT    NOT NULL CHECK (length(kind) BETWEEN 1 AND 32),
    licence     TEXT    NOT NULL CHECK (length(licence) BETWEEN 1 AND 64),
    line        TEXT    NOT NULL CHECK (length(line) BETWEEN 1 AND 16),
    declaration TEXT    NOT NULL CHECK (length(declaration) BETWEEN 1 AND 64),
    day         TEXT    NOT NULL CHECK (length(day) = 10),
    quantities  TEXT    NOT NULL,
    note        TEXT    NOT NULL CHECK (length(note) <= 1000),
    replaces    TEXT    NOT NULL CHECK (length(replaces) <= 64 AND replaces <> reference),
    account     TEXT    NOT NULL,
    at_us       INTEGER NOT NULL,
    PRIMARY KEY (owner_id, seq)
) STRICT, WITHOUT ROWID;
-- serves a report by its reference, and keeps it from being taken twice
CREATE UNIQUE INDEX holder_report_reference ON holder_report (owner_id, reference);
-- keeps a report from being replaced twice
CREATE UNIQUE INDEX holder_report_replaces ON holder_report (owner_id, replaces)
    WHERE replaces <> '';
", "
-- number, applicant and goods in lower case: what a text is looked for in
ALTER TABLE case_file ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE case_file SET words = lower(number || ' ' || applicant || ' ' || goods);
-- serves the queue with any filter, the most urgent first, without a look at the files themselves
CREATE INDEX case_file_list ON case_file (open, urgency, number, state, licence_type, officer,
    waits_for, destinations, words);
DROP INDEX case_file_queue;
", "
-- partitioned by the applicant: how long cases took until their first outcome, for the forecast of others
CREATE TABLE case_span (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    case_id        BLOB    NOT NULL CHECK (length(case_id) = 16),
    licence_type   TEXT    NOT NULL,
    appeal         INTEGER NOT NULL CHECK (appeal IN (0, 1)),
    destinations   TEXT    NOT NULL,
    end_uses       TEXT    NOT NULL,
    received_at_us INTEGER NOT NULL,
    ended_at_us    INTEGER,
    outcome        TEXT    NOT NULL CHECK (outcome IN
        ('open', 'decided', 'returned', 'withdrawn', 'lapsed')),
    CHECK ((outcome = 'open') = (ended_at_us IS NULL)),
    PRIMARY KEY (owner_id, case_id)
) STRICT, WITHOUT ROWID;
-- serves the forecast: cases of a kind of licence, the last received first, without a look at the table
CREATE INDEX case_span_type ON case_span (licence_type, appeal, received_at_us, destinations, end_uses,
    ended_at_us, outcome);
-- cases that were there before; only this statement looks into their JSON
INSERT INTO case_span (owner_id, case_id, licence_type, appeal, destinations, end_uses, received_at_us,
    ended_at_us, outcome)
    SELECT owner_id, case_id, licence_type,
        coalesce(json_extract(body, '$.follows.how') = 'appeal', 0), destinations,
        ' ' || coalesce((SELECT group_concat(end_use, ' ') FROM (
            SELECT DISTINCT json_extract(end_use.value, '$.code') AS end_use
            FROM json_each(body, '$.application.cells') AS cell
            JOIN json_each(body, '$.application.uses') AS end_use
                ON json_extract(end_use.value, '$.key') = json_extract(cell.value, '$.end_use')
            ORDER BY 1)), '') || ' ',
        received_at_us, json_extract(body, '$.first_outcome.at_us'),
        coalesce(json_extract(body, '$.first_outcome.state'), 'open')
    FROM case_file;

-- reference: whose an enquiry is, by its number
CREATE TABLE enquiry_number (
    number     TEXT PRIMARY KEY NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    owner_id   BLOB NOT NULL CHECK (length(owner_id) = 16),
    enquiry_id BLOB NOT NULL CHECK (length(enquiry_id) = 16)
) STRICT, WITHOUT ROWID;

-- partitioned by who asks: enquiries as their events add them up
CREATE TABLE enquiry (
    owner_id      BLOB    NOT NULL CHECK (length(owner_id) = 16),
    enquiry_id    BLOB    NOT NULL CHECK (length(enquiry_id) = 16),
    number        TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    asker         TEXT    NOT NULL CHECK (asker LIKE '%_:_%'),
    about         TEXT    NOT NULL CHECK (about IN ('classification', 'case')),
    subject       TEXT    NOT NULL CHECK (length(subject) BETWEEN 1 AND 300),
    state         TEXT    NOT NULL CHECK (state IN ('open', 'answered')),
    asked_at_us   INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1),
    body          TEXT    NOT NULL,
    PRIMARY KEY (owner_id, enquiry_id)
) STRICT, WITHOUT ROWID;
-- serves the officers' list: those that wait, or were answered
CREATE INDEX enquiry_state ON enquiry (state, changed_at_us, number);
-- serves the list of a party, and how many of its wait
CREATE INDEX enquiry_asker ON enquiry (owner_id, state, changed_at_us, number);

-- partitioned by whose events are sent on, sixteen zeros for the authority: where to. Secrets are sealed
CREATE TABLE webhook (
    owner_id         BLOB    NOT NULL CHECK (length(owner_id) = 16),
    webhook_id       BLOB    NOT NULL CHECK (length(webhook_id) = 16),
    party            TEXT    NOT NULL CHECK (party = '' OR party LIKE '%_:_%'),
    url              TEXT    NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    state            TEXT    NOT NULL CHECK (state IN ('active', 'off')),
    secret           BLOB    NOT NULL,
    secret_before    BLOB,
    before_until_us  INTEGER,
    made_by          TEXT    NOT NULL,
    made_at_us       INTEGER NOT NULL,
    changed_at_us    INTEGER NOT NULL,
    CHECK ((party = '') = (owner_id = zeroblob(16))),
    CHECK ((secret_before IS NULL) = (before_until_us IS NULL)),
    PRIMARY KEY (owner_id, webhook_id)
) STRICT, WITHOUT ROWID;

-- partitioned likewise: what was or is to be sent on
CREATE TABLE webhook_delivery (
    owner_id      BLOB    NOT NULL CHECK (length(owner_id) = 16),
    webhook_id    BLOB    NOT NULL CHECK (length(webhook_id) = 16),
    delivery_id   BLOB    NOT NULL CHECK (length(delivery_id) = 16),
    event         TEXT    NOT NULL CHECK (length(event) BETWEEN 1 AND 100),
    subject       TEXT    NOT NULL CHECK (length(subject) <= 64),
    state         TEXT    NOT NULL CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries         INTEGER NOT NULL CHECK (tries >= 0),
    status        INTEGER NOT NULL CHECK (status BETWEEN 0 AND 999),
    error         TEXT    NOT NULL,
    made_at_us    INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL,
    PRIMARY KEY (owner_id, webhook_id, delivery_id),
    FOREIGN KEY (owner_id, webhook_id) REFERENCES webhook (owner_id, webhook_id)
) STRICT, WITHOUT ROWID;

-- local: private links to calendars, by the SHA-256 of their text; at most one of an account is good
CREATE TABLE calendar_link (
    hash          BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    account       TEXT    NOT NULL REFERENCES person (account),
    made_at_us    INTEGER NOT NULL,
    revoked_at_us INTEGER
) STRICT, WITHOUT ROWID;
-- serves the good link of an account
CREATE UNIQUE INDEX calendar_link_good ON calendar_link (account) WHERE revoked_at_us IS NULL;
", "
-- partitioned by the applicant: as before, but with row ids. A file has four kilobytes and more, and a table
-- without row ids puts whatever is beyond a quarter of a page on a page of its own
ALTER TABLE case_file RENAME TO case_file_before;
CREATE TABLE case_file (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    case_id        BLOB    NOT NULL CHECK (length(case_id) = 16),
    number         TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    applicant      TEXT    NOT NULL CHECK (applicant LIKE '%_:_%'),
    state          TEXT    NOT NULL CHECK (state IN
        ('received', 'review', 'decided', 'returned', 'withdrawn', 'lapsed')),
    open           INTEGER NOT NULL CHECK (open IN (0, 1)),
    licence_type   TEXT    NOT NULL,
    officer        TEXT    NOT NULL,
    waits_for      TEXT    NOT NULL CHECK (waits_for IN
        ('officer', 'applicant', 'agency', 'signature', 'step', 'nobody')),
    received_at_us INTEGER NOT NULL,
    due_day        INTEGER,
    stock_out_day  INTEGER,
    urgency        INTEGER NOT NULL,
    goods          TEXT    NOT NULL,
    destinations   TEXT    NOT NULL,
    version        INTEGER NOT NULL CHECK (version >= 1),
    words          TEXT    NOT NULL,
    body           TEXT    NOT NULL,
    CHECK (open = (state IN ('received', 'review'))),
    PRIMARY KEY (owner_id, case_id)
) STRICT;
INSERT INTO case_file (owner_id, case_id, number, applicant, state, open, licence_type, officer, waits_for,
    received_at_us, due_day, stock_out_day, urgency, goods, destinations, version, words, body)
    SELECT owner_id, case_id, number, applicant, state, open, licence_type, officer, waits_for,
    received_at_us, due_day, stock_out_day, urgency, goods, destinations, version, words, body
    FROM case_file_before;
DROP TABLE case_file_before;
-- serves the queue with any filter, the most urgent first, without a look at the files themselves
CREATE INDEX case_file_list ON case_file (open, urgency, number, state, licence_type, officer,
    waits_for, destinations, words, owner_id, case_id);
-- serves the queue of one officer
CREATE INDEX case_file_officer ON case_file (officer, open, urgency, number);
-- serves the queue of what waits for somebody
CREATE INDEX case_file_waits ON case_file (waits_for, open, urgency, number);
-- serves the cases of an applicant, the newest first
CREATE INDEX case_file_applicant ON case_file (owner_id, received_at_us, number);
-- serves the case that waits the longest
CREATE INDEX case_file_oldest ON case_file (open, received_at_us, number);
-- serves the certificates of a draft or a case, the oldest first
DROP INDEX certificate_purpose;
CREATE INDEX certificate_purpose ON certificate (owner_id, purpose, asked_at_us, certificate_id);
", "
-- reference: whose a registration with a general licence is, by its number
CREATE TABLE general_number (
    number   TEXT PRIMARY KEY NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    owner_id BLOB NOT NULL CHECK (length(owner_id) = 16)
) STRICT, WITHOUT ROWID;

-- partitioned by the user: registrations with general licences as their events add them up
CREATE TABLE general_registration (
    owner_id         BLOB    NOT NULL CHECK (length(owner_id) = 16),
    number           TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    party            TEXT    NOT NULL CHECK (party LIKE '%_:_%'),
    general          TEXT    NOT NULL CHECK (length(general) BETWEEN 1 AND 64),
    state            TEXT    NOT NULL CHECK (state IN
        ('active', 'suspended', 'withdrawn', 'given_up')),
    registered_at_us INTEGER NOT NULL,
    version          INTEGER NOT NULL CHECK (version >= 1),
    body             TEXT    NOT NULL,
    PRIMARY KEY (owner_id, number)
) STRICT, WITHOUT ROWID;
-- serves the authority's list, by general licence and state, the newest first
CREATE INDEX general_registration_state
    ON general_registration (general, state, registered_at_us, number);
-- an invariant: a user is registered once with a general licence at a time
CREATE UNIQUE INDEX general_registration_live ON general_registration (owner_id, general)
    WHERE state IN ('active', 'suspended');

-- partitioned by the user: what customs recorded against a registration. Never updated, never deleted: of
-- reports about one line of a declaration the one sent last counts
CREATE TABLE general_use (
    owner_id       BLOB    NOT NULL CHECK (length(owner_id) = 16),
    number         TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    seq            INTEGER NOT NULL CHECK (seq >= 1),
    post           TEXT    NOT NULL CHECK (length(post) BETWEEN 1 AND 64),
    message_id     TEXT    NOT NULL CHECK (length(message_id) BETWEEN 1 AND 64),
    digest         BLOB    NOT NULL CHECK (length(digest) = 32),
    used_at_us     INTEGER NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    account        TEXT    NOT NULL,
    body           TEXT    NOT NULL,
    PRIMARY KEY (owner_id, number, seq)
) STRICT, WITHOUT ROWID;
-- serves the answer to a message that comes again
CREATE UNIQUE INDEX general_use_message ON general_use (post, message_id);

-- partitioned by the user: returns as filed. Never updated, never deleted: a later one of a period replaces
-- the one before
CREATE TABLE general_return (
    owner_id    BLOB    NOT NULL CHECK (length(owner_id) = 16),
    number      TEXT    NOT NULL CHECK (length(number) BETWEEN 1 AND 64),
    seq         INTEGER NOT NULL CHECK (seq >= 1),
    from_day    TEXT    NOT NULL CHECK (length(from_day) = 10),
    filed_at_us INTEGER NOT NULL,
    account     TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    PRIMARY KEY (owner_id, number, seq)
) STRICT, WITHOUT ROWID;
", "
-- reference: how often the lists in force or the thresholds changed; whoever keeps what is made of them
-- compares it
CREATE TABLE list_stand (
    one   INTEGER PRIMARY KEY NOT NULL CHECK (one = 1),
    stand INTEGER NOT NULL CHECK (stand >= 1)
) STRICT;
INSERT INTO list_stand (one, stand) VALUES (1, 1);

-- reference: the versions of lists of parties that were put in force here. Never updated, never deleted
CREATE TABLE list_version (
    list        TEXT    NOT NULL CHECK (length(list) BETWEEN 1 AND 64),
    version     INTEGER NOT NULL CHECK (version >= 1),
    hash        TEXT    NOT NULL CHECK (length(hash) = 64),
    stand       INTEGER NOT NULL CHECK (stand >= 2),
    entries     INTEGER NOT NULL CHECK (entries >= 0),
    added       INTEGER NOT NULL CHECK (added >= 0),
    changed     INTEGER NOT NULL CHECK (changed >= 0),
    removed     INTEGER NOT NULL CHECK (removed >= 0),
    ownerships  TEXT    NOT NULL,
    file        TEXT    NOT NULL CHECK (length(file) <= 200),
    taken_by    TEXT    NOT NULL,
    taken_at_us INTEGER NOT NULL,
    PRIMARY KEY (list, version)
) STRICT, WITHOUT ROWID;

-- reference: records of lists, each with the versions that hold it: from the first to before the last. The
-- greatest number stands for the record's being there still. A record that changes ends, and another begins
CREATE TABLE list_entry (
    list          TEXT    NOT NULL CHECK (length(list) BETWEEN 1 AND 64),
    entity        TEXT    NOT NULL CHECK (length(entity) BETWEEN 1 AND 500),
    from_version  INTEGER NOT NULL CHECK (from_version >= 1),
    until_version INTEGER NOT NULL CHECK (until_version > from_version),
    hash          BLOB    NOT NULL CHECK (length(hash) = 32),
    name          TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (list, entity, from_version)
) STRICT;
-- serves a version whole, and what went with one
CREATE INDEX list_entry_until ON list_entry (list, until_version, from_version);
-- serves what came with a version
CREATE INDEX list_entry_from ON list_entry (list, from_version);

-- reference: from which score a match is a hit, and from which it is a strong one, of parties of a kind on a
-- list; empty is any. The last of a list and kind holds. Never updated, never deleted
CREATE TABLE list_threshold (
    version    INTEGER PRIMARY KEY NOT NULL CHECK (version >= 1),
    list       TEXT    NOT NULL CHECK (length(list) <= 64),
    kind       TEXT    NOT NULL CHECK (kind IN
        ('', 'person', 'organization', 'vessel', 'aircraft', 'unknown')),
    hit_ppm    INTEGER NOT NULL CHECK (hit_ppm BETWEEN 300000 AND 1000000),
    strong_ppm INTEGER NOT NULL CHECK (strong_ppm BETWEEN hit_ppm AND 1000000),
    reason     TEXT    NOT NULL CHECK (length(reason) BETWEEN 1 AND 2000),
    set_by     TEXT    NOT NULL,
    set_at_us  INTEGER NOT NULL
) STRICT;

-- reference: parties that are screened, each once, by the SHA-256 of what is screened of it. Stand 0: it
-- waits for its first screening
CREATE TABLE screened_party (
    hash       BLOB    PRIMARY KEY NOT NULL CHECK (length(hash) = 32),
    name       TEXT    NOT NULL,
    query      TEXT    NOT NULL,
    stand      INTEGER NOT NULL CHECK (stand >= 0),
    came_at_us INTEGER NOT NULL
) STRICT;
-- serves those that wait
CREATE INDEX screened_party_waiting ON screened_party (hash) WHERE stand = 0;

-- reference: where a screened party stands: as a registered party, in a registration, a case, a licence
CREATE TABLE screened_use (
    kind    TEXT NOT NULL CHECK (kind IN ('party', 'registration', 'case', 'licence')),
    subject TEXT NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
    key     TEXT NOT NULL CHECK (length(key) <= 200),
    hash    BLOB NOT NULL REFERENCES screened_party (hash),
    PRIMARY KEY (kind, subject, key)
) STRICT, WITHOUT ROWID;
-- serves what depends on a party
CREATE INDEX screened_use_hash ON screened_use (hash, kind, subject, key);

-- reference: hits. A pair of a party and a record hits once; where either changes, the pair is another
CREATE TABLE screening_hit (
    hit_id        BLOB    PRIMARY KEY NOT NULL CHECK (length(hit_id) = 16),
    party_hash    BLOB    NOT NULL REFERENCES screened_party (hash),
    list          TEXT    NOT NULL,
    entity        TEXT    NOT NULL,
    record_hash   BLOB    NOT NULL CHECK (length(record_hash) = 32),
    list_version  INTEGER NOT NULL CHECK (list_version >= 1),
    kind          TEXT    NOT NULL,
    party_name    TEXT    NOT NULL,
    listed_name   TEXT    NOT NULL,
    score_ppm     INTEGER NOT NULL CHECK (score_ppm BETWEEN 0 AND 1000000),
    state         TEXT    NOT NULL CHECK (state IN
        ('open', 'asked', 'proposed', 'cleared', 'confirmed', 'ended')),
    before        TEXT    NOT NULL,
    found_at_us   INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL,
    decided_by    TEXT    NOT NULL,
    decided_for   TEXT    NOT NULL,
    second_by     TEXT    NOT NULL,
    version       INTEGER NOT NULL CHECK (version >= 1),
    body          TEXT    NOT NULL,
    CHECK (second_by = '' OR second_by NOT IN (decided_by, decided_for))
) STRICT;
-- an invariant: a pair hits once
CREATE UNIQUE INDEX screening_hit_pair ON screening_hit (party_hash, list, entity, record_hash);
-- serves the queue, the strongest first, and what was found of a listed party
CREATE INDEX screening_hit_queue ON screening_hit (state, score_ppm, hit_id, list, kind);
CREATE INDEX screening_hit_entity ON screening_hit (list, entity, changed_at_us);

-- reference: what was done with hits. Never updated, never deleted
CREATE TABLE screening_step (
    hit_id     BLOB    NOT NULL REFERENCES screening_hit (hit_id),
    seq        INTEGER NOT NULL CHECK (seq >= 1),
    at_us      INTEGER NOT NULL,
    account    TEXT    NOT NULL,
    acting_for TEXT    NOT NULL,
    deed       TEXT    NOT NULL CHECK (deed IN
        ('confirm', 'clear', 'ask', 'agree', 'send_back', 'reopen', 'end')),
    state      TEXT    NOT NULL,
    reason     TEXT    NOT NULL,
    PRIMARY KEY (hit_id, seq)
) STRICT, WITHOUT ROWID;
"];
