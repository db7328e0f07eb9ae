//! The desk at which an authority changes its law: drafts, proposals, publication.
//!
//! A draft is changed by its author alone and published by somebody else (separation of duties, NIST
//! SP 800-53 AC-5); a pack with faults is neither proposed nor published. Each step is an entry of the audit
//! in its own transaction.

use std::sync::PoisonError;

use base::Timestamp;
use controls::PackFiles;
use store::{NewAudit, PackVersion, StoreError};
pub use store::{PackState, PackVersionHead};

use super::draft::{DraftError, body_digest, body_files, files_body};
use crate::packs::{pack_carried, pack_ids};
use crate::platform::{Platform, PlatformError};

/// The longest title of a version, in characters.
const TITLE_MAX: usize = 200;

/// The files of a pack that are in force here.
#[derive(Debug, Clone)]
pub struct PackInForce {
    /// Number of the version; 0 where it is the one carried in the program.
    pub version: u32,
    /// Its files.
    pub files: PackFiles,
}

/// Why the desk refuses.
#[derive(Debug, thiserror::Error)]
pub enum DeskRefusal {
    /// There is no such pack or version.
    #[error("there is no such pack or version")]
    Unknown,
    /// Somebody changed it since it was read.
    #[error("it was changed meanwhile; look at it again")]
    Changed,
    /// Only its author changes, proposes or withdraws a draft.
    #[error("only its author `{0}` may change, propose or withdraw it")]
    NotAuthor(String),
    /// Who wrote it does not publish it.
    #[error("who wrote a version does not publish it: somebody else must")]
    OwnReview,
    /// A step that does not follow from the state it is in.
    #[error("a version that is {0} cannot be moved on like that")]
    State(&'static str),
    /// The pack has faults.
    #[error("the pack has {0} faults, which the check names")]
    Faults(usize),
    /// A title is missing or too long.
    #[error("a version needs a title of 1 to {TITLE_MAX} characters")]
    Title,
    /// The files are not changed as asked.
    #[error(transparent)]
    Draft(#[from] DraftError),
    /// The platform could not.
    #[error(transparent)]
    Platform(#[from] PlatformError),
}

impl From<StoreError> for DeskRefusal {
    fn from(error: StoreError) -> DeskRefusal {
        DeskRefusal::Platform(error.into())
    }
}

impl DeskRefusal {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            DeskRefusal::Unknown => "unknown",
            DeskRefusal::Changed => "changed_meanwhile",
            DeskRefusal::NotAuthor(_) => "not_author",
            DeskRefusal::OwnReview => "own_review",
            DeskRefusal::State(_) => "state",
            DeskRefusal::Faults(_) => "pack_faults",
            DeskRefusal::Title => "title",
            DeskRefusal::Draft(_) => "draft",
            DeskRefusal::Platform(_) => "fault",
        }
    }
}

/// Who takes a step, and when.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// Key of the account.
    pub account: &'a str,
    /// When.
    pub at: Timestamp,
}

impl Step<'_> {
    fn audit<'a>(&'a self, action: &'a str, resource: &'a str, detail: &'a str) -> NewAudit<'a> {
        let at_us = self.at.us();
        NewAudit { at_us, account: self.account, action, subject: "", resource, detail }
    }
}

fn resource(head: &PackVersionHead) -> String {
    format!("pack:{}/{}", head.pack_id, head.version)
}

fn title_read(title: &str) -> Result<String, DeskRefusal> {
    let title = title.trim();
    let good =
        (1..=TITLE_MAX).contains(&title.chars().count()) && !title.chars().any(char::is_control);
    if good { Ok(title.to_owned()) } else { Err(DeskRefusal::Title) }
}

impl Platform {
    /// The pack of this id that is in force here: the last published version, else the one carried.
    ///
    /// # Errors
    /// [`DeskRefusal::Unknown`] where there is no such pack.
    pub fn pack_in_force(&self, id: &str) -> Result<PackInForce, DeskRefusal> {
        let version = self.pack_in_force_version(id)?;
        let files = match version {
            0 => pack_carried(id).ok_or(DeskRefusal::Unknown)?,
            version => self.pack_version(id, version)?.1,
        };
        Ok(PackInForce { version, files })
    }

    /// The number of the version that is in force here; 0 where it is the pack carried in the program.
    ///
    /// # Errors
    /// [`DeskRefusal::Unknown`] where there is no such pack.
    pub fn pack_in_force_version(&self, id: &str) -> Result<u32, DeskRefusal> {
        let versions = self.pack_versions(id)?;
        let published = versions.iter().find(|head| head.state == PackState::Published);
        match published {
            Some(head) => Ok(head.version),
            None if pack_ids().iter().any(|known| known == id) => Ok(0),
            None => Err(DeskRefusal::Unknown),
        }
    }

    /// The versions of a pack made here, the newest first.
    ///
    /// # Errors
    /// [`DeskRefusal`] where the database refuses.
    pub fn pack_versions(&self, id: &str) -> Result<Vec<PackVersionHead>, DeskRefusal> {
        let reader = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.pack_versions(id)?)
    }

    /// A version made here, with its files.
    ///
    /// # Errors
    /// [`DeskRefusal::Unknown`] where there is none.
    pub fn pack_version(
        &self,
        id: &str,
        version: u32,
    ) -> Result<(PackVersionHead, PackFiles), DeskRefusal> {
        let found = {
            let reader = self.inner.reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.pack_version(id, version)?.ok_or(DeskRefusal::Unknown)?
        };
        Ok((found.head, body_files(&found.files)?))
    }

    /// Makes a draft out of what is in force; gives its number.
    ///
    /// # Errors
    /// [`DeskRefusal`] where there is no such pack or the title is none.
    pub fn pack_draft(&self, id: &str, title: &str, step: Step<'_>) -> Result<u32, DeskRefusal> {
        let title = title_read(title)?;
        let in_force = self.pack_in_force(id)?;
        let body = files_body(&in_force.files);
        let head = PackVersionHead {
            pack_id: id.to_owned(),
            version: 0,
            state: PackState::Draft,
            revision: 1,
            title,
            digest: body_digest(&body),
            author: step.account.to_owned(),
            made_at_us: step.at.us(),
            decided_by: String::new(),
            decided_at_us: None,
        };
        let detail = format!("{{\"based_on\":{}}}", in_force.version);
        let audit = step.audit("pack_drafted", "", &detail);
        Ok(self.aside()?.pack_draft(&PackVersion { head, files: body }, &audit)?)
    }

    /// Changes the files of a draft, as it was at `revision`.
    ///
    /// # Errors
    /// [`DeskRefusal`] where it is no draft of this person's, or was changed meanwhile; and what `edit`
    /// refuses.
    pub fn pack_change(
        &self,
        (id, version, revision): (&str, u32, u32),
        step: Step<'_>,
        edit: impl FnOnce(&mut PackFiles) -> Result<(), DraftError>,
    ) -> Result<(), DeskRefusal> {
        let (head, mut files) = self.pack_version(id, version)?;
        if head.author != step.account {
            return Err(DeskRefusal::NotAuthor(head.author));
        }
        if head.state != PackState::Draft {
            return Err(DeskRefusal::State(head.state.code()));
        }
        edit(&mut files)?;
        let body = files_body(&files);
        let digest = body_digest(&body);
        let resource = resource(&head);
        let detail = format!("{{\"digest\":\"{}\"}}", crate::import::hex(&digest));
        let audit = step.audit("pack_changed", &resource, &detail);
        let head = PackVersionHead { revision, digest, ..head };
        let changed = PackVersion { head, files: body };
        let moved = self.aside()?.pack_draft_change(&changed, &audit)?;
        if moved { Ok(()) } else { Err(DeskRefusal::Changed) }
    }

    /// Moves a version on: a draft is proposed or withdrawn by its author; what is proposed is published
    /// or sent back by somebody else, or taken back by its author.
    ///
    /// # Errors
    /// [`DeskRefusal`], also where the pack has faults.
    pub fn pack_move(
        &self,
        (id, version, revision): (&str, u32, u32),
        to: PackState,
        step: Step<'_>,
    ) -> Result<(), DeskRefusal> {
        let (head, files) = self.pack_version(id, version)?;
        let author = head.author == step.account;
        let action = match (head.state, to) {
            (PackState::Draft, PackState::Proposed) if author => "pack_proposed",
            (PackState::Draft | PackState::Proposed, PackState::Withdrawn) if author => {
                "pack_withdrawn"
            }
            (PackState::Proposed, PackState::Draft) => "pack_sent_back",
            (PackState::Proposed, PackState::Published) if author => {
                return Err(DeskRefusal::OwnReview);
            }
            (PackState::Proposed, PackState::Published) => "pack_published",
            (PackState::Draft, _) if !author => return Err(DeskRefusal::NotAuthor(head.author)),
            _ => return Err(DeskRefusal::State(head.state.code())),
        };
        if matches!(to, PackState::Proposed | PackState::Published) {
            let faults = super::pack_faults(&files).len();
            if faults > 0 {
                return Err(DeskRefusal::Faults(faults));
            }
        }
        let resource = resource(&head);
        let audit = step.audit(action, &resource, "{}");
        let moved = self.aside()?.pack_move(&PackVersionHead { revision, ..head }, to, &audit)?;
        if moved { Ok(()) } else { Err(DeskRefusal::Changed) }
    }
}
