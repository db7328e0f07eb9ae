//! Organisations: a company registers, an officer verifies; its manager keeps its people and sites.
//!
//! A registration holds no identifier before it is verified, so that nobody takes another's by asking
//! first. Who asked does not verify (the caller asks `authorise` with [`base::authorisation::Resource::Review`]).

use std::collections::{BTreeSet, HashMap};

use base::Timestamp;
use base::authorisation::Role;
use store::{NewAudit, PeopleChange, PersonKind, ProfileRecord, RegistrationRecord, SiteRecord};

use super::person::{invitation_make, party_key, person_add};
use super::session::{hex, id_read};
use super::{
    By, Moment, NewPerson, People, PeopleError, PersonRecord, PersonState, Refusal, Why, letter,
    name,
};
use crate::screening::{Company, company_note};

/// Registrations that wait at once: more is a flood.
const PENDING_MAX: u32 = 1000;
/// Identifiers of one company.
const IDENTIFIERS_MAX: usize = 10;
/// The longest address and reason, in characters.
const TEXT_MAX: usize = 1000;

/// A party as an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganisationView {
    /// As asked for, `scheme:value`.
    pub party: String,
    /// Whether an officer verified it.
    pub verified: bool,
    /// Who it is, where it was verified.
    pub profile: Option<ProfileRecord>,
    /// All its identifiers.
    pub identifiers: Vec<String>,
    /// Its sites, by code.
    pub sites: Vec<SiteRecord>,
    /// Its people, by key.
    pub people: Vec<PersonRecord>,
}

/// A company that asks to be registered, as typed.
#[derive(Debug, Clone, Copy)]
pub struct NewRegistration<'a> {
    /// Name in Latin letters.
    pub name: &'a str,
    /// Name as the company writes it; may be empty.
    pub local_name: &'a str,
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Address; may be empty.
    pub address: &'a str,
    /// `scheme:value`, by blanks, commas or lines.
    pub identifiers: &'a str,
    /// Who is to manage its people.
    pub contact_name: &'a str,
    /// That person's e-mail.
    pub contact_email: &'a str,
}

/// What an officer decides.
#[derive(Debug, Clone, Copy)]
pub enum Verdict<'a> {
    /// It is who it says; this becomes the key of its manager's account.
    Verified {
        /// Key of the account.
        account: &'a str,
    },
    /// It is not registered.
    Refused {
        /// Why.
        reason: &'a str,
    },
}

fn country_check(text: &str) -> Result<String, Refusal> {
    let country = text.trim().to_ascii_uppercase();
    if country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase()) {
        return Ok(country);
    }
    let accepted = "the two letters of a country or area, ISO 3166-1 alpha-2".to_owned();
    Err(Refusal::Field { field: "country", why: Why::Form, accepted })
}

fn identifiers_check(text: &str) -> Result<Vec<String>, Refusal> {
    let refused = |why, accepted: &str| Refusal::Field {
        field: "identifiers",
        why,
        accepted: accepted.to_owned(),
    };
    let mut found: Vec<String> = Vec::new();
    for identifier in text.split(|c: char| c.is_whitespace() || c == ',' || c == ';') {
        if identifier.is_empty() || found.iter().any(|known| known == identifier) {
            continue;
        }
        base::party::party_id_check(identifier)
            .map_err(|error| refused(Why::Identifier, error.accepted()))?;
        found.push(identifier.to_owned());
    }
    match found.len() {
        0 => Err(refused(Why::Empty, "at least one scheme:value")),
        many if many > IDENTIFIERS_MAX => Err(refused(Why::Long, "at most 10 identifiers")),
        _ => Ok(found),
    }
}

/// The first fault of each field is told, all fields at once.
fn all<T>(refusals: &mut Vec<Refusal>, result: Result<T, Refusal>) -> Option<T> {
    result.map_err(|refusal| refusals.push(refusal)).ok()
}

impl People {
    /// A party as an organisation.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where nobody ever named it.
    pub fn organisation(&self, party: &str) -> Result<OrganisationView, PeopleError> {
        self.read(|read| {
            let id = read.party_of(party)?;
            let id = id.ok_or_else(|| Refusal::NotFound { what: party.to_owned() })?;
            let identifiers = read.party_identifiers(&id)?;
            let mut people = Vec::new();
            for identifier in &identifiers {
                people.extend(read.persons_of(identifier)?);
            }
            Ok(OrganisationView {
                party: party.to_owned(),
                verified: read.party_verified(&id)?,
                profile: read.party_profile(&id)?,
                sites: read.sites(&id)?,
                identifiers,
                people,
            })
        })
    }

    /// The names of parties by their identifiers, in Latin letters and as each writes itself; one that nobody
    /// verified has none.
    ///
    /// # Errors
    /// [`PeopleError`] where the store refuses.
    pub fn party_names<'a>(
        &self,
        identifiers: impl IntoIterator<Item = &'a str>,
    ) -> Result<HashMap<String, (String, String)>, PeopleError> {
        let identifiers: BTreeSet<&str> = identifiers.into_iter().collect();
        let identifiers: Vec<&str> = identifiers.into_iter().collect();
        let found = self.read(|read| Ok(read.party_names(&identifiers)?))?;
        Ok(found.into_iter().map(|(id, name, local_name)| (id, (name, local_name))).collect())
    }

    /// Writes a site of a party, new or changed.
    ///
    /// # Errors
    /// [`Refusal::Field`] where something of it cannot be taken.
    pub fn site_put(
        &self,
        by: By<'_>,
        party: &str,
        site: &SiteRecord,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        let kinds = ["domestic", "bonded", "free_zone"];
        if !kinds.contains(&site.kind.as_str()) {
            let accepted = kinds.join(", ");
            return Err(Refusal::Field { field: "kind", why: Why::Form, accepted }.into());
        }
        let site = SiteRecord {
            code: name::text_check("code", &site.code, 1, 64)?,
            name: name::text_check("site_name", &site.name, 1, name::NAME_MAX)?,
            kind: site.kind.clone(),
            address: name::text_check("address", &site.address, 0, TEXT_MAX)?,
        };
        self.change(|change| {
            let id = change.read().party_of(party)?;
            let id = id.ok_or_else(|| Refusal::NotFound { what: party.to_owned() })?;
            change.site_put(&id, &site, now.us())?;
            entry(change, by, "site_written", party, &format!("site:{}", site.code), now)
        })
    }

    /// Asks for a company to be registered; gives what the registration is called.
    ///
    /// # Errors
    /// The faults of all fields at once, or [`Refusal::Wait`] where too many wait already.
    pub fn registration_ask(
        &self,
        by: By<'_>,
        new: &NewRegistration<'_>,
        moment: &Moment,
    ) -> Result<String, RegistrationError> {
        let mut wrong = Vec::new();
        let field = name::text_check;
        let name = all(&mut wrong, field("name", new.name, 1, name::NAME_MAX));
        let local_name = all(&mut wrong, field("local_name", new.local_name, 0, name::NAME_MAX));
        let country = all(&mut wrong, country_check(new.country));
        let address = all(&mut wrong, field("address", new.address, 0, TEXT_MAX));
        let identifiers = all(&mut wrong, identifiers_check(new.identifiers));
        let contact = all(&mut wrong, field("contact_name", new.contact_name, 1, name::NAME_MAX));
        let email = all(&mut wrong, name::email_needed("contact_email", new.contact_email));
        let (Some(name), Some(local_name), Some(country), Some(address)) =
            (name, local_name, country, address)
        else {
            return Err(RegistrationError::Refused(wrong));
        };
        let (Some(identifiers), Some(contact_name), Some(contact_email)) =
            (identifiers, contact, email)
        else {
            return Err(RegistrationError::Refused(wrong));
        };
        let record = RegistrationRecord {
            id: moment.random("registration"),
            name,
            local_name,
            country,
            address,
            identifiers: identifiers.join("\n"),
            contact_name,
            contact_email,
            state: "pending".to_owned(),
            asked_by: by.account.to_owned(),
            asked_at_us: moment.now.us(),
            assigned_to: String::new(),
            decided_by: String::new(),
            decided_at_us: None,
            reason: String::new(),
        };
        let id = hex(&record.id);
        self.change(|change| {
            let pending = change.read().registrations("pending", PENDING_MAX)?;
            if pending.len() >= PENDING_MAX as usize {
                return Err(Refusal::Wait { seconds: 3600 }.into());
            }
            change.registration_add(&record)?;
            let company = Company {
                name: &record.name,
                local_name: &record.local_name,
                country: &record.country,
                identifiers: &identifiers,
            };
            company_note(change, "registration", &[&id], &company, moment.now)?;
            let resource = format!("registration:{id}");
            entry(change, by, "registration_asked", "", &resource, moment.now)
        })?;
        Ok(id)
    }

    /// The registrations that wait, oldest first.
    ///
    /// # Errors
    /// [`PeopleError`] where the database refuses.
    pub fn registrations_pending(&self) -> Result<Vec<(String, RegistrationRecord)>, PeopleError> {
        self.read(|read| {
            let found = read.registrations("pending", PENDING_MAX)?;
            Ok(found.into_iter().map(|record| (hex(&record.id), record)).collect())
        })
    }

    /// A registration by what it is called.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn registration(&self, id: &str) -> Result<RegistrationRecord, PeopleError> {
        let missing = || Refusal::NotFound { what: id.to_owned() };
        let bytes = id_read(id).ok_or_else(missing)?;
        self.read(|read| Ok(read.registration(&bytes)?.ok_or_else(missing)?))
    }

    /// Assigns a pending registration to an account.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] where there is none.
    pub fn registration_assign(
        &self,
        by: By<'_>,
        id: &str,
        account: &str,
        now: Timestamp,
    ) -> Result<(), PeopleError> {
        let found = self.registration(id)?;
        self.change(|change| {
            change.registration_assign(&found.id, account)?;
            entry(change, by, "registration_assigned", "", &format!("registration:{id}"), now)
        })
    }

    /// Decides a registration. Verified, the party has its identifiers and profile, and its manager an
    /// account, of which the invitation's code is given.
    ///
    /// # Errors
    /// [`Refusal`] where it was decided before, an identifier is another verified party's, or the account
    /// cannot be made.
    pub fn registration_decide(
        &self,
        by: By<'_>,
        id: &str,
        verdict: Verdict<'_>,
        moment: &Moment,
    ) -> Result<Option<String>, PeopleError> {
        let now = moment.now;
        let bytes = self.registration(id)?.id;
        let resource = format!("registration:{id}");
        self.change(|change| {
            let found = change.read().registration(&bytes)?;
            let found = found.filter(|found| found.state == "pending");
            let found = found.ok_or(Refusal::Decided)?;
            // The database holds the same as a CHECK; here it is said in words.
            let asked_by = found.asked_by.as_str();
            if !asked_by.is_empty() && [by.account, by.acting_for].contains(&asked_by) {
                return Err(Refusal::OwnReview.into());
            }
            match verdict {
                Verdict::Refused { reason } => {
                    let reason = name::text_check("reason", reason, 1, TEXT_MAX)?;
                    let (state, at) = ("refused", now.us());
                    change.registration_decide(&bytes, state, by.account, &reason, at)?;
                    entry(change, by, "registration_refused", "", &resource, now)?;
                    Ok(None)
                }
                Verdict::Verified { account } => {
                    let party = party_make(change, &found, moment)?;
                    change.registration_decide(&bytes, "verified", by.account, "", now.us())?;
                    entry(change, by, "registration_verified", &party, &resource, now)?;
                    let new = NewPerson {
                        account,
                        kind: PersonKind::Person,
                        name: &found.contact_name,
                        local_name: "",
                        email: &found.contact_email,
                        role: Role::PartyManager,
                        party: &party,
                        desk: "",
                    };
                    let person = person_add(change, &new, PersonState::Invited, moment)?;
                    let role = [("role", new.role.code())];
                    super::audit(change, now, by, "account_made", &person, &role)?;
                    let company = (found.name.as_str(), party.as_str());
                    letter::verified(change, &person, company, moment)?;
                    invitation_make(change, by, &person, moment).map(Some)
                }
            }
        })
    }
}

/// What a registration was not asked for: all its faults.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// Fields that cannot be taken.
    #[error("{} fields cannot be taken", .0.len())]
    Refused(Vec<Refusal>),
    /// Something else.
    #[error(transparent)]
    Other(#[from] PeopleError),
}

/// Gives the company of a registration its identifiers and profile; gives the first of them. One that
/// filings named already stays the same party; of two parties, or of a verified one, nothing is taken.
fn party_make(
    change: &PeopleChange<'_>,
    found: &RegistrationRecord,
    moment: &Moment,
) -> Result<String, PeopleError> {
    let identifiers: Vec<&str> = found.identifiers.lines().collect();
    let first =
        *identifiers.first().ok_or(PeopleError::Secret("a registration has no identifier"))?;
    let mut known: Option<[u8; 16]> = None;
    for identifier in &identifiers {
        let Some(id) = change.read().party_of(identifier)? else { continue };
        if known.is_some_and(|known| known != id) || change.read().party_verified(&id)? {
            return Err(Refusal::IdentifierTaken { identifier: (*identifier).to_owned() }.into());
        }
        known = Some(id);
    }
    let id = known.unwrap_or_else(|| party_key(moment));
    if known.is_none() {
        change.party_register(id, first, moment.now.us())?;
    }
    for identifier in &identifiers {
        if change.read().party_of(identifier)?.is_none() {
            change.party_identifier_add(&id, identifier)?;
        }
    }
    let profile = ProfileRecord {
        name: found.name.clone(),
        local_name: found.local_name.clone(),
        country: found.country.clone(),
        address: found.address.clone(),
    };
    change.party_verify(&id, &profile, moment.now.us())?;
    let owned: Vec<String> = identifiers.iter().map(|one| (*one).to_owned()).collect();
    let company = Company {
        name: &profile.name,
        local_name: &profile.local_name,
        country: &profile.country,
        identifiers: &owned,
    };
    company_note(change, "party", &identifiers, &company, moment.now)?;
    Ok(first.to_owned())
}

pub(super) fn entry(
    change: &PeopleChange<'_>,
    by: By<'_>,
    action: &str,
    subject: &str,
    resource: &str,
    now: Timestamp,
) -> Result<(), PeopleError> {
    let detail = match by.acting_for {
        "" => serde_json::json!({}),
        account => serde_json::json!({ "acting_for": account }),
    };
    Ok(change.audit(&NewAudit {
        at_us: now.us(),
        account: by.account,
        action,
        subject,
        resource,
        detail: &detail.to_string(),
    })?)
}
