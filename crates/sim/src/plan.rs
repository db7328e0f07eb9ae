//! Which frauds and errors are planted, and when.

/// The plan.
#[derive(Debug, Default)]
pub(crate) struct Plan {}
