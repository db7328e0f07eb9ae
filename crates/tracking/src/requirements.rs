//! What each kind of filing must state on a row, and must not.
//!
//! An `out` leg, a root and an import state mass, stage and composition; elsewhere what is absent is
//! that of the lot. A counterparty is named by identifier or in words.

use base::kind::{Kind, Leg, Move};

use crate::column::Column;
use crate::row::Reading;

impl Reading<'_, '_> {
    /// What a kind must state, and must not.
    pub(crate) fn requirements(&mut self, kind: Kind, leg: Option<Leg>) {
        use Column::{Composition, Corrects, FromParty, Lot, NetMass, Site, Stage, ToParty};
        if !matches!(kind, Kind::Void | Kind::Title) {
            self.require(Site);
        }
        match kind {
            Kind::Opening | Kind::Extract | Kind::Collect | Kind::Import => {
                for column in [Lot, Stage, NetMass, Composition] {
                    self.require(column);
                }
            }
            Kind::Transform => self.transform_requirements(leg),
            Kind::Transfer => {
                self.require(Lot);
                let own = self.fields.get(Column::Move) == Move::OwnMove.code();
                self.require_counterparty(ToParty, own);
            }
            Kind::Receipt => {
                self.require(Lot);
                let own = self.fields.get(Column::Move) == Move::OwnMove.code();
                self.require_counterparty(FromParty, own);
            }
            Kind::Title => {
                self.require(Lot);
                self.require(ToParty);
            }
            Kind::Export => {
                self.require(Lot);
                self.require_counterparty(ToParty, false);
            }
            Kind::Reimport | Kind::Use => self.require(Lot),
            Kind::Loss => {
                self.require(Lot);
                self.require(NetMass);
            }
            Kind::Count => {
                self.require(NetMass);
                if self.fields.get(Lot).is_empty() && self.fields.get(Stage).is_empty() {
                    self.reject(Lot, "missing_field", "the lot counted, or in `stage` the stage");
                }
            }
            Kind::Void => self.require(Corrects),
        }
        if kind != Kind::Transform && leg.is_some() {
            self.reject(Column::Leg, "unexpected_leg", "empty: only a transform has legs");
        }
        let parts =
            [Kind::Transfer, Kind::Export, Kind::Use, Kind::Loss, Kind::Import].contains(&kind);
        if !parts && !self.fields.get(Column::SourceLot).is_empty() {
            let accepted =
                "empty: only transfer, export, use, loss and import take a part of a lot";
            self.reject(Column::SourceLot, "unexpected_source_lot", accepted);
        }
    }

    fn transform_requirements(&mut self, leg: Option<Leg>) {
        self.require(Column::Leg);
        self.require(Column::NetMass);
        match leg {
            Some(Leg::In) => self.require(Column::Lot),
            Some(Leg::Out) => {
                for column in [Column::Lot, Column::Stage, Column::Composition] {
                    self.require(column);
                }
            }
            Some(Leg::Loss) if !self.fields.get(Column::Lot).is_empty() => {
                self.reject(Column::Lot, "loss_names_lot", "empty: what is lost is no lot");
            }
            Some(Leg::Loss) | None => {}
        }
    }

    fn require_counterparty(&mut self, column: Column, own: bool) {
        let named = !self.fields.get(column).is_empty()
            || !self.fields.get(Column::CustomerName).is_empty();
        if !named && !own {
            let accepted = "a party identifier, or in `customer_name` the other party in words";
            self.reject(column, "missing_field", accepted);
        }
    }
}
