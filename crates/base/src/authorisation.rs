//! Who may do what: one function, `authorise(actor, action, resource)`.
//!
//! The relations are those of the mission: a filer sees and files its own party's book; an officer
//! and an analyst of the authority see every book; the public sees what is public. What an actor
//! may not see does not exist for it: a caller answers "not found", never "forbidden".

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Stable key of the account; empty for the public.
    pub account: String,
    /// What the account is allowed in general.
    pub role: Role,
    /// The party (`scheme:value`) whose book it works in; empty for the authority's people.
    pub party: String,
}

impl Actor {
    /// Somebody who has not signed in.
    #[must_use]
    pub fn public() -> Actor {
        Actor { account: String::new(), role: Role::Public, party: String::new() }
    }
}

/// The role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Not signed in.
    Public,
    /// Files for one party.
    Filer,
    /// Case officer of the authority.
    Officer,
    /// Analyst of the authority.
    Analyst,
    /// Runs the installation; sees no trade data.
    Operator,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Open a page that is for everybody.
    ReadPublic,
    /// Be on the home page of a signed-in account.
    ReadHome,
    /// Read a party's book: its lots, filings, balance.
    ReadBook,
    /// Follow material through other parties' books.
    TraceAcross,
    /// Search over parties and lots.
    Search,
    /// File into a party's book.
    File,
    /// Read findings of a party.
    ReadFindings,
    /// See how the installation is doing.
    Operate,
    /// Read the audit: on the platform, what concerns accounts and the installation; on a book, who
    /// looked at it.
    ReadAudit,
    /// Read who looked at one's own book.
    ReadActivity,
}

/// On what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The platform itself.
    Platform,
    /// The book of a party (`scheme:value`).
    Book(&'a str),
}

/// May `actor` do `action` on `resource`?
#[must_use]
pub fn authorise(actor: &Actor, action: Action, resource: Resource<'_>) -> bool {
    let own = match resource {
        Resource::Platform => false,
        Resource::Book(party) => !party.is_empty() && actor.party == party,
    };
    match (actor.role, action) {
        (_, Action::ReadPublic) => true,
        (Role::Public, _) => false,
        (_, Action::ReadHome) => true,
        (
            Role::Filer,
            Action::ReadBook | Action::ReadFindings | Action::File | Action::ReadActivity,
        ) => own,
        (Role::Filer, Action::Search) => true,
        (Role::Filer, Action::TraceAcross | Action::Operate | Action::ReadAudit) => false,
        (
            Role::Officer | Role::Analyst,
            Action::ReadBook | Action::ReadFindings | Action::TraceAcross | Action::Search,
        ) => true,
        (Role::Officer, Action::ReadAudit) => true,
        (Role::Analyst, Action::ReadAudit) => false,
        (Role::Officer | Role::Analyst, Action::File | Action::Operate | Action::ReadActivity) => {
            false
        }
        (Role::Operator, Action::Operate) => true,
        (Role::Operator, Action::ReadAudit) => resource == Resource::Platform,
        (Role::Operator, _) => false,
    }
}
