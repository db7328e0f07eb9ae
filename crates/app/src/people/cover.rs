//! Leave cover: a person acts for another from one instant to another, and says so everywhere.
//!
//! It ends by itself: whether it holds is asked at each request. Only a colleague covers: of the same party,
//! and of a role that may see the same.

use base::Timestamp;
use base::authorisation::Role;
use store::{DelegationRecord, PeopleRead, PersonRecord, PersonState};

use super::account::{Held, proofs_held, session_replace};
use super::session::{hex, id_read};
use super::{
    By, Moment, People, PeopleError, Refusal, SessionOpened, Why, audit, name, person_there,
};

/// The longest cover: what lasts longer is another post.
const COVER_US: i64 = 92 * 24 * 3600 * 1_000_000;

/// A leave cover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverView {
    /// What it is called, in hexadecimal.
    pub id: String,
    /// Key of who is away.
    pub account: String,
    /// Name of who is away.
    pub name: String,
    /// Key of who covers.
    pub delegate: String,
    /// Name of who covers.
    pub delegate_name: String,
    /// From when.
    pub starts: Timestamp,
    /// Until when.
    pub ends: Timestamp,
    /// Why.
    pub reason: String,
    /// Whether it holds now.
    pub holds: bool,
}

/// Whether one may cover the other.
pub(super) fn colleagues(away: &PersonRecord, covers: &PersonRecord) -> bool {
    let alike = match away.role {
        Role::Officer | Role::Supervisor => {
            matches!(covers.role, Role::Officer | Role::Supervisor)
        }
        Role::Filer | Role::PartyManager => covers.role.of_party(),
        role => covers.role == role,
    };
    let house = away.party == covers.party && away.desk == covers.desk;
    alike && house && away.account != covers.account
}

fn holds(cover: &DelegationRecord, now_us: i64) -> bool {
    cover.revoked_at_us.is_none() && (cover.starts_at_us..cover.ends_at_us).contains(&now_us)
}

/// The person whom `covers` acts for now, where that still holds.
pub(super) fn covered(
    read: &PeopleRead<'_>,
    account: &str,
    covers: &PersonRecord,
    now_us: i64,
) -> Result<Option<PersonRecord>, PeopleError> {
    let covers_now = read.delegations_to(&covers.account)?;
    if !covers_now.iter().any(|cover| cover.account == account && holds(cover, now_us)) {
        return Ok(None);
    }
    let away = read.person(account)?;
    Ok(away.filter(|away| away.state == PersonState::Active && colleagues(away, covers)))
}

impl People {
    /// The leave covers by and of an account, latest first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn covers(&self, account: &str, now: Timestamp) -> Result<Vec<CoverView>, PeopleError> {
        self.read(|read| {
            let mut found = read.delegations_of(account)?;
            found.extend(read.delegations_to(account)?);
            found.retain(|cover| cover.revoked_at_us.is_none() && cover.ends_at_us > now.us());
            let mut views = Vec::new();
            for cover in found {
                views.push(CoverView {
                    id: hex(&cover.id),
                    holds: holds(&cover, now.us()),
                    starts: Timestamp::from_us(cover.starts_at_us),
                    ends: Timestamp::from_us(cover.ends_at_us),
                    name: person_there(read, &cover.account)?.name,
                    delegate_name: person_there(read, &cover.delegate)?.name,
                    account: cover.account,
                    delegate: cover.delegate,
                    reason: cover.reason,
                });
            }
            Ok(views)
        })
    }

    /// Those who may cover an account, by key.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn colleagues(&self, account: &str) -> Result<Vec<PersonRecord>, PeopleError> {
        self.read(|read| {
            let away = person_there(read, account)?;
            let mut all = read.persons()?;
            all.retain(|one| one.state == PersonState::Active && colleagues(&away, one));
            Ok(all)
        })
    }

    /// Lets a colleague act for an account from one instant until another.
    ///
    /// # Errors
    /// [`Refusal::Field`] where the colleague, the time or the reason cannot be taken.
    pub fn cover_make(
        &self,
        by: By<'_>,
        delegate: &str,
        (starts, ends): (Timestamp, Timestamp),
        reason: &str,
        moment: &Moment,
    ) -> Result<(), PeopleError> {
        let reason = name::text_check("cover_reason", reason, 1, 1000)?;
        let length = ends.us() - starts.us();
        if ends <= moment.now || !(1..=COVER_US).contains(&length) {
            return Err(Refusal::Field {
                field: "cover_to",
                why: Why::Form,
                accepted: "an end that is to come, after the start and within 92 days".to_owned(),
            }
            .into());
        }
        self.change(|change| {
            let away = person_there(&change.read(), by.account)?;
            let covers = change.read().person(delegate)?;
            let good = covers.is_some_and(|covers| {
                covers.state == PersonState::Active && colleagues(&away, &covers)
            });
            if !good {
                return Err(Refusal::Field {
                    field: "delegate",
                    why: Why::Form,
                    accepted: "an active colleague of the same role and party".to_owned(),
                }
                .into());
            }
            change.delegation_add(&DelegationRecord {
                id: moment.random("cover"),
                account: by.account.to_owned(),
                delegate: delegate.to_owned(),
                starts_at_us: starts.us(),
                ends_at_us: ends.us(),
                reason: reason.clone(),
                created_by: by.account.to_owned(),
                created_at_us: moment.now.us(),
                revoked_at_us: None,
            })?;
            audit(change, moment.now, by, "cover_made", &away, &[("delegate", delegate)])
        })
    }

    /// Ends a leave cover of an account before its time.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where it has none of that name.
    pub fn cover_end(&self, by: By<'_>, id: &str, now: Timestamp) -> Result<(), PeopleError> {
        let missing = || Refusal::NotFound { what: id.to_owned() };
        let bytes = id_read(id).ok_or_else(missing)?;
        self.change(|change| {
            let away = person_there(&change.read(), by.account)?;
            if !change.delegation_revoke(by.account, &bytes, now.us())? {
                return Err(missing().into());
            }
            audit(change, now, by, "cover_ended", &away, &[("cover", id)])
        })
    }

    /// Begins to act for another account, or ends it where that is empty; the session gets a new text.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where no cover of that account holds now.
    pub fn act_for(
        &self,
        by: By<'_>,
        account: &str,
        session: &Held<'_>,
        moment: &Moment,
    ) -> Result<SessionOpened, PeopleError> {
        self.change(|change| {
            let person = person_there(&change.read(), by.account)?;
            let away = match account {
                "" => None,
                account => {
                    let away = covered(&change.read(), account, &person, moment.now.us())?;
                    let missing = || Refusal::NotFound { what: account.to_owned() };
                    Some(away.ok_or_else(missing)?.account)
                }
            };
            let action = if away.is_some() { "acting_begun" } else { "acting_ended" };
            let by = By { account: by.account, acting_for: away.as_deref().unwrap_or_default() };
            audit(change, moment.now, by, action, &person, &[])?;
            let proofs = proofs_held(change, session)?;
            session_replace(change, person, &proofs, session, away.as_deref(), moment)
        })
    }
}
