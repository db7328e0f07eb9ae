//! The balance of a site: `opening + in + made − consumed − out − loss = closing`, per element.
//!
//! What a transform loses is the difference between `consumed` and `made`; `loss` are filings of
//! destruction and loss. A part or lot built into a product is consumed.

use base::flow::Role;
use base::kind::Kind;

/// The column of a balance to which a leg posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BalanceColumn {
    /// Stock at the cut-over date.
    Opening,
    /// Came in: out of the ground, from abroad, end-of-life scrap, a receipt.
    In,
    /// Made by a transform.
    Made,
    /// Consumed by a transform, or built into a product.
    Consumed,
    /// Sent or exported.
    Out,
    /// Destroyed or lost.
    Loss,
}

impl BalanceColumn {
    /// Whether it adds to the stock.
    #[must_use]
    pub fn adds(self) -> bool {
        matches!(self, Self::Opening | Self::In | Self::Made)
    }
}

/// The column of the filer's site to which a leg posts; nothing where it does not touch the stock.
#[must_use]
pub fn balance_column(kind: Kind, role: Role) -> Option<BalanceColumn> {
    Some(match (kind, role) {
        (Kind::Opening, Role::Made) => BalanceColumn::Opening,
        (Kind::Extract | Kind::Collect | Kind::Import, Role::Made) => BalanceColumn::In,
        (Kind::Transform, Role::Made) => BalanceColumn::Made,
        (Kind::Transform, Role::In) => BalanceColumn::Consumed,
        (Kind::Transfer | Kind::Export, Role::Take | Role::Moved) => BalanceColumn::Out,
        (Kind::Receipt | Kind::Reimport, Role::Moved) => BalanceColumn::In,
        (Kind::Use, Role::Take | Role::Moved) => BalanceColumn::Consumed,
        (Kind::Loss, Role::Take | Role::Moved) => BalanceColumn::Loss,
        _ => return None,
    })
}
