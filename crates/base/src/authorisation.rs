//! Who may do what: one function, `authorise(actor, action, resource)`.
//!
//! A role says what an account does in general; a relation of the actor to the resource says whether it
//! may do it here: its own account, its own party, assigned to it, and not its own review (who asked does
//! not decide: NIST SP 800-53 AC-5, separation of duties). What an actor may not see does not exist for
//! it: a caller answers "not found", never "forbidden". The whole table is a snapshot in the tests.

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Stable key of the account; empty for the public.
    pub account: String,
    /// What the account is allowed in general. Of leave cover: what the person covered is allowed.
    pub role: Role,
    /// The party (`scheme:value`) whose book it works in; empty for the authority's people.
    pub party: String,
    /// Key of the account that it covers during a leave; empty where it acts for itself.
    pub acting_for: String,
    /// The agency that it advises for, or the border post at which it works; else empty.
    pub desk: String,
}

impl Actor {
    /// Somebody who has not signed in.
    #[must_use]
    pub fn public() -> Actor {
        Actor::new("", Role::Public, "")
    }

    /// An account that acts for itself.
    #[must_use]
    pub fn new(account: &str, role: Role, party: &str) -> Actor {
        Actor {
            account: account.to_owned(),
            role,
            party: party.to_owned(),
            acting_for: String::new(),
            desk: String::new(),
        }
    }

    /// Whether `account` is this actor's own, or that of the person it covers.
    #[must_use]
    pub fn is(&self, account: &str) -> bool {
        !account.is_empty() && (self.account == account || self.acting_for == account)
    }
}

/// The role of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Not signed in.
    Public,
    /// Files for one party.
    Filer,
    /// Files for one party, and manages its people, sites and tokens.
    PartyManager,
    /// Case officer of the authority.
    Officer,
    /// Officer who countersigns, and assigns work.
    Supervisor,
    /// Analyst of the authority.
    Analyst,
    /// Advises for another agency, on the cases on which that is asked.
    Agency,
    /// Customs: draws licences down at a border post.
    Customs,
    /// Runs the installation and the accounts of the authority; sees no trade data.
    Operator,
}

impl Role {
    /// The roles that an account may have.
    pub const ALL: [Role; 8] = [
        Role::Filer,
        Role::PartyManager,
        Role::Officer,
        Role::Supervisor,
        Role::Analyst,
        Role::Agency,
        Role::Customs,
        Role::Operator,
    ];

    /// Its stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Role::Public => "public",
            Role::Filer => "filer",
            Role::PartyManager => "party_manager",
            Role::Officer => "officer",
            Role::Supervisor => "supervisor",
            Role::Analyst => "analyst",
            Role::Agency => "agency",
            Role::Customs => "customs",
            Role::Operator => "operator",
        }
    }

    /// The role of a code; nobody has an account of the public.
    #[must_use]
    pub fn parse(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }

    /// Whether it works for a party, in that party's book.
    #[must_use]
    pub fn of_party(self) -> bool {
        matches!(self, Role::Filer | Role::PartyManager)
    }

    /// Whether it works at a desk of its own: for an agency, or at a border post.
    #[must_use]
    pub fn of_desk(self) -> bool {
        matches!(self, Role::Agency | Role::Customs)
    }

    /// Whether it works for the authority or with it.
    #[must_use]
    pub fn of_authority(self) -> bool {
        !self.of_party() && self != Role::Public
    }
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
    /// Read an account: its sessions, tokens, factors.
    ReadOwnAccount,
    /// Change an account: its password, factors, sessions, tokens.
    ChangeOwnAccount,
    /// Read who a party is: its identifiers, sites, people.
    ReadParty,
    /// Change a party's people and sites.
    ManageParty,
    /// Register a company.
    RegisterParty,
    /// Verify or refuse the registration of a company.
    VerifyParty,
    /// Read and change the authority's accounts.
    ManageAuthority,
    /// Draft a new version of a pack, and see what it would change.
    DraftLaw,
    /// Publish a draft, or send it back.
    DecideLaw,
    /// Apply for a licence, and answer, amend or withdraw what one applied for.
    Apply,
    /// Read a case.
    ReadCase,
    /// Work on cases: accept, ask, draft, decide.
    Review,
    /// Advise on a case for an agency.
    Advise,
    /// Sign what somebody else drafted.
    Countersign,
    /// Read a licence: its lines and what was drawn.
    ReadLicence,
    /// Suspend, reinstate or revoke a licence.
    ManageLicence,
    /// Draw a licence down at the border.
    DrawDown,
    /// Read, correct, sign, decline or take back a certificate of an end user, by its link.
    SignCertificate,
    /// Read quotas: of a book, how its party stands.
    ReadQuota,
    /// Issue quotas, hand them down, take them back.
    AllocateQuota,
    /// Ask the authority about a good or a case.
    Enquire,
    /// Read what was asked and answered.
    ReadEnquiry,
    /// Answer what a party asks.
    AnswerEnquiry,
    /// Say where to events are sent on: of one's own party, or of the authority.
    ManageWebhooks,
    /// Screen parties against lists, and read hits and lists.
    ReadScreening,
    /// Decide what a hit is.
    DecideHit,
    /// Put lists in force, and set thresholds.
    ManageLists,
}

impl Action {
    /// All of them, in the order of the table.
    pub const ALL: [Action; 37] = [
        Action::ReadPublic,
        Action::ReadHome,
        Action::ReadBook,
        Action::TraceAcross,
        Action::Search,
        Action::File,
        Action::ReadFindings,
        Action::Operate,
        Action::ReadAudit,
        Action::ReadActivity,
        Action::ReadOwnAccount,
        Action::ChangeOwnAccount,
        Action::ReadParty,
        Action::ManageParty,
        Action::RegisterParty,
        Action::VerifyParty,
        Action::ManageAuthority,
        Action::DraftLaw,
        Action::DecideLaw,
        Action::Apply,
        Action::ReadCase,
        Action::Review,
        Action::Advise,
        Action::Countersign,
        Action::ReadLicence,
        Action::ManageLicence,
        Action::DrawDown,
        Action::SignCertificate,
        Action::ReadQuota,
        Action::AllocateQuota,
        Action::Enquire,
        Action::ReadEnquiry,
        Action::AnswerEnquiry,
        Action::ManageWebhooks,
        Action::ReadScreening,
        Action::DecideHit,
        Action::ManageLists,
    ];
}

impl Action {
    /// Whether it needs no account: what is for everybody, and what is for whoever holds a link.
    #[must_use]
    pub fn open(self) -> bool {
        matches!(self, Action::ReadPublic | Action::SignCertificate)
    }
}

/// On what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource<'a> {
    /// The platform itself.
    Platform,
    /// The book of a party (`scheme:value`).
    Book(&'a str),
    /// An account, by its key.
    Account(&'a str),
    /// A party (`scheme:value`) as an organisation.
    Party(&'a str),
    /// A case of an applicant (`scheme:value`), and the agencies that are asked about it.
    Case {
        /// The applicant.
        applicant: &'a str,
        /// Codes of agencies.
        agencies: &'a [String],
    },
    /// A licence of a holder (`scheme:value`).
    Licence(&'a str),
    /// A link that works to a certificate which an applicant (`scheme:value`) asked for.
    CertificateLink(&'a str),
    /// Something that one person asks for and another decides.
    Review {
        /// Key of the account that asked; empty for the public.
        asked_by: &'a str,
        /// Key of the account to which it is assigned; empty where it is nobody's yet.
        assigned_to: &'a str,
    },
}

/// May `actor` do `action` on `resource`?
#[must_use]
pub fn authorise(actor: &Actor, action: Action, resource: Resource<'_>) -> bool {
    let own = relation_own(actor, action, resource);
    match (actor.role, action) {
        (_, Action::ReadPublic) => true,
        // Whoever holds the link is the end user, but who asked for the certificate does not sign it, nor
        // does the authority that reads it.
        (Role::Public | Role::Filer | Role::PartyManager, Action::SignCertificate) => {
            matches!(resource, Resource::CertificateLink(applicant) if actor.party != applicant)
        }
        (Role::Public, _) => false,
        (_, Action::ReadHome) => true,
        (_, Action::ReadOwnAccount | Action::ChangeOwnAccount) => own,
        (
            Role::Filer | Role::PartyManager,
            Action::ReadBook
            | Action::ReadFindings
            | Action::File
            | Action::ReadActivity
            | Action::ReadParty
            | Action::Apply
            | Action::ReadCase
            | Action::ReadLicence
            | Action::ReadQuota
            | Action::Enquire
            | Action::ReadEnquiry,
        ) => own,
        (Role::PartyManager, Action::ManageParty | Action::ManageWebhooks) => own,
        (Role::Officer | Role::Supervisor, Action::ReadEnquiry | Action::AnswerEnquiry) => true,
        (Role::Supervisor, Action::ManageWebhooks) => resource == Resource::Platform,
        (Role::Filer | Role::PartyManager, Action::Search) => true,
        (
            Role::Officer | Role::Supervisor | Role::Analyst,
            Action::ReadBook
            | Action::ReadFindings
            | Action::ReadQuota
            | Action::TraceAcross
            | Action::Search,
        ) => true,
        (Role::Supervisor, Action::AllocateQuota) => true,
        // Who is on which list, and who may be, is nobody's business but the authority's.
        (Role::Officer | Role::Supervisor | Role::Analyst, Action::ReadScreening) => true,
        (Role::Officer | Role::Supervisor, Action::DecideHit) => true,
        (Role::Supervisor | Role::Analyst, Action::ManageLists) => true,
        (Role::Officer | Role::Supervisor | Role::Analyst, Action::ReadParty) => true,
        (Role::Officer | Role::Supervisor, Action::ReadAudit) => true,
        (Role::Operator, Action::ReadAudit) => resource == Resource::Platform,
        (Role::Officer | Role::Supervisor, Action::RegisterParty) => true,
        (Role::Officer | Role::Supervisor, Action::VerifyParty) => decides(actor, resource),
        (Role::Officer | Role::Supervisor, Action::DraftLaw) => true,
        (Role::Supervisor, Action::DecideLaw) => decides(actor, resource),
        (
            Role::Officer | Role::Supervisor,
            Action::ReadCase | Action::Review | Action::ReadLicence | Action::ManageLicence,
        ) => true,
        (Role::Officer | Role::Supervisor, Action::Countersign) => decides(actor, resource),
        // What it has nothing to do with does not exist for an agency.
        (Role::Agency, Action::ReadCase | Action::Advise) => own,
        (Role::Customs, Action::ReadLicence | Action::DrawDown) => true,
        (Role::Operator, Action::Operate | Action::ManageAuthority) => true,
        _ => false,
    }
}

/// Whether the resource is of the kind that the action is about, and the actor's own.
fn relation_own(actor: &Actor, action: Action, resource: Resource<'_>) -> bool {
    match (action, resource) {
        (
            Action::ReadBook
            | Action::ReadFindings
            | Action::File
            | Action::ReadActivity
            | Action::ReadQuota
            | Action::Apply,
            Resource::Book(party),
        )
        | (Action::ReadCase | Action::Apply, Resource::Case { applicant: party, .. })
        | (Action::ReadLicence | Action::Apply, Resource::Licence(party))
        | (
            Action::ReadParty
            | Action::ManageParty
            | Action::Enquire
            | Action::ReadEnquiry
            | Action::ManageWebhooks,
            Resource::Party(party),
        ) => own_party(actor, party, resource),
        // The list of what its agency is asked about.
        (Action::ReadCase | Action::Advise, Resource::Platform) => actor.role == Role::Agency,
        (Action::Advise, Resource::Case { agencies, .. }) => asked(actor, agencies),
        // Who covers a leave works on the cases of the person covered, not on that person's account.
        (Action::ReadOwnAccount | Action::ChangeOwnAccount, Resource::Account(account)) => {
            !account.is_empty() && actor.account == account
        }
        _ => false,
    }
}

fn own_party(actor: &Actor, party: &str, resource: Resource<'_>) -> bool {
    match resource {
        Resource::Case { agencies, .. } if actor.role == Role::Agency => asked(actor, agencies),
        _ => !party.is_empty() && actor.party == party,
    }
}

/// Whether the actor's agency is among those asked.
fn asked(actor: &Actor, agencies: &[String]) -> bool {
    !actor.desk.is_empty() && agencies.contains(&actor.desk)
}

/// Who asked does not decide; what is assigned to somebody is decided by that person or a supervisor.
fn decides(actor: &Actor, resource: Resource<'_>) -> bool {
    match resource {
        Resource::Review { asked_by, assigned_to } => {
            let may =
                assigned_to.is_empty() || actor.is(assigned_to) || actor.role == Role::Supervisor;
            may && !actor.is(asked_by)
        }
        // The list of what there is to decide.
        Resource::Platform => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every role × action × relation, as one reads it.
    #[test]
    fn who_may_do_what_is_this_table() {
        let (asked, others) = (["mine".to_owned()], ["theirs".to_owned()]);
        let resources: [(&str, Resource<'_>); 17] = [
            ("platform", Resource::Platform),
            ("own book", Resource::Book("gad:own")),
            ("other book", Resource::Book("gad:other")),
            ("own account", Resource::Account("me")),
            ("other account", Resource::Account("you")),
            ("own party", Resource::Party("gad:own")),
            ("other party", Resource::Party("gad:other")),
            ("review of nobody", Resource::Review { asked_by: "you", assigned_to: "" }),
            ("review of you", Resource::Review { asked_by: "", assigned_to: "you" }),
            ("own review", Resource::Review { asked_by: "me", assigned_to: "me" }),
            ("own case", Resource::Case { applicant: "gad:own", agencies: &others }),
            ("case asked about", Resource::Case { applicant: "gad:other", agencies: &asked }),
            ("other case", Resource::Case { applicant: "gad:other", agencies: &others }),
            ("own licence", Resource::Licence("gad:own")),
            ("other licence", Resource::Licence("gad:other")),
            ("link that one asked for", Resource::CertificateLink("gad:own")),
            ("link of another", Resource::CertificateLink("gad:other")),
        ];
        let mut lines = Vec::new();
        for action in Action::ALL {
            for role in [Role::Public].into_iter().chain(Role::ALL) {
                let party = if role.of_party() { "gad:own" } else { "" };
                let account = if role == Role::Public { "" } else { "me" };
                let mut actor = Actor::new(account, role, party);
                if role.of_desk() {
                    actor.desk = "mine".to_owned();
                }
                let may: Vec<&str> = resources
                    .iter()
                    .filter(|(_, resource)| authorise(&actor, action, *resource))
                    .map(|(name, _)| *name)
                    .collect();
                let may = match may.len() {
                    0 => "-".to_owned(),
                    17 => "anything".to_owned(),
                    _ => may.join(", "),
                };
                lines.push(format!("{:<17}{:<14}{may}", format!("{action:?}"), role.code()));
            }
        }
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn who_covers_a_leave_decides_neither_its_own_nor_the_other_persons_request() {
        let mut cover = Actor::new("b", Role::Supervisor, "");
        cover.acting_for = "a".to_owned();
        for asked_by in ["a", "b"] {
            let review = Resource::Review { asked_by, assigned_to: "" };
            assert!(!authorise(&cover, Action::VerifyParty, review), "{asked_by}");
        }
        let review = Resource::Review { asked_by: "c", assigned_to: "a" };
        assert!(authorise(&cover, Action::VerifyParty, review));
        assert!(!authorise(&cover, Action::ChangeOwnAccount, Resource::Account("a")));
        assert!(authorise(&cover, Action::ChangeOwnAccount, Resource::Account("b")));
    }

    #[test]
    fn roles_are_known_by_their_codes_and_nobody_is_the_public() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.code()), Some(role));
            assert_ne!(role.of_party(), role.of_authority());
        }
        assert_eq!(Role::parse("public"), None);
    }
}
