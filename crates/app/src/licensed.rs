//! What exports and holders' reports are held against: licence lines, and what customs drew down on them.
//!
//! The tie ([`crate::tie`]) and the duties ([`crate::duties`]) know licences by these values alone, however
//! licences are kept. [`Platform::licensed`] is the one place where they come from.

use base::Timestamp;
use licensing::duty::Drawn;
use licensing::tie::{DrawnDown, LineKnown};

use crate::platform::{Platform, PlatformError};

/// Whose licences are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose<'a> {
    /// Everybody's.
    All,
    /// Those of a holder, `scheme:value`.
    Of(&'a str),
}

/// Licence lines, and what was drawn on them.
#[derive(Debug, Clone, Default)]
pub struct Licensed {
    /// The licence lines that there are; nothing where they are not kept here.
    pub lines: Option<Vec<LineKnown>>,
    /// What customs drew down; nothing where it does not tell: then a missing draw-down is no finding.
    pub drawn: Option<Vec<DrawnDown>>,
}

impl Licensed {
    /// The draw-downs as the duties know them, of one holder.
    #[must_use]
    pub fn drawn_by(&self, holder: &str) -> Vec<Drawn> {
        let of = self.drawn.iter().flatten().filter(|of| of.holder == holder);
        of.map(|of| Drawn {
            licence: of.licence.clone(),
            line: of.line.clone(),
            declaration: of.declaration.clone(),
            day: of.day,
            quantities: of.quantities.clone(),
        })
        .collect()
    }
}

impl Platform {
    /// Licence lines and draw-downs as they stand at an instant. Neither is kept yet, so nothing is held
    /// against them.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn licensed(
        &self,
        _whose: Whose<'_>,
        _at: Timestamp,
    ) -> Result<Licensed, PlatformError> {
        Ok(Licensed::default())
    }

    /// A number that differs from an earlier one where [`Platform::licensed`] would give something else.
    ///
    /// # Errors
    /// [`PlatformError`] where the database refuses.
    pub fn licensed_stamp(&self) -> Result<u64, PlatformError> {
        Ok(0)
    }
}
