//! One step back or forward from a lot, for pictures: its neighbours and their shares.

use base::Element;

use crate::back::Walker;
use crate::forward::Forward;
use crate::lens::Lens;

/// What a lot was made of: each lot drawn, with the share of the lot's content that came from it.
#[must_use]
pub fn made_of<L: Lens>(lens: &L, lot: u32, element: Element) -> Vec<(u32, f64)> {
    Walker::default().step(lens, lot, element)
}

/// What became of a lot: each lot made of it, with the share of its content that went there.
#[must_use]
pub fn became<L: Lens>(lens: &L, lot: u32, element: Element) -> Vec<(u32, f64)> {
    Forward::default().step(lens, lot, element)
}
