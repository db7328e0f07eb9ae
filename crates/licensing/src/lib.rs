//! Licensing: from an application to the last kilogram at the border.
//!
//! A **case** is one application on its way through the authority. What happens to it is a list of events
//!; the case is what they add up to, so a stored case can be
//! worked out anew and compared. What somebody wants to do with it is a command, and `decide` a pure
//! function from case, command and context to events or a refusal. What is advised on, decided, licensed
//! and drawn down is a **cell**: good × consignee × end user × end use × destination, with a quantity
//! .
//!
//! Nothing here knows a clock, a database, a file or a country: instants, the rules of the pack
//! and what other parts found out come as values.
#![cfg_attr(test, expect(clippy::unwrap_used, reason = "tests"))]

pub mod duty;
pub mod quantity;
pub mod quota;
pub mod tie;

pub use quantity::{Quantity, QuantityError, Unit};
