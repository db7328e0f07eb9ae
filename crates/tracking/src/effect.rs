//! What a filing does to the material: its rows as flows.
//!
//! A transform is one flow of all its legs; every other row is a flow of its own. A row with a
//! `source_lot` other than its lot takes a part: it draws on the source and makes the lot. Title moves
//! nothing, but its leg stands with the lot.

use base::flow::{NewFlow, NewLeg, Other, Role};
use base::kind::{Kind, Leg};

use crate::column::Column;
use crate::row::Row;

/// Calls `each` for every flow of a filing: draws first, then what is made, then the rest.
pub fn filing_effects<'a>(
    rows: &'a [Row<'a>],
    legs: &mut Vec<NewLeg<'a>>,
    mut each: impl FnMut(&NewFlow<'a>, &[NewLeg<'a>]),
) {
    let Some(first) = rows.first() else { return };
    match first.kind {
        Kind::Void => {}
        Kind::Transform => {
            legs.clear();
            for (leg, role) in
                [(Leg::In, Role::In), (Leg::Out, Role::Made), (Leg::Loss, Role::Lost)]
            {
                let of = rows.iter().filter(|row| row.leg == Some(leg));
                legs.extend(of.map(|row| row_leg(row, role, row.get(Column::Lot))));
            }
            each(&row_flow(first), legs);
        }
        _ => {
            for row in rows {
                legs.clear();
                row_legs(row, legs);
                each(&row_flow(row), legs);
            }
        }
    }
}

fn row_legs<'a>(row: &'a Row<'a>, legs: &mut Vec<NewLeg<'a>>) {
    let lot = row.get(Column::Lot);
    let source = row.get(Column::SourceLot);
    let part = !source.is_empty() && source != lot;
    match row.kind {
        Kind::Import | Kind::Transfer | Kind::Export | Kind::Use | Kind::Loss if part => {
            // What the row says of the stage, it says of the part.
            legs.push(NewLeg { stage: None, ..row_leg(row, Role::Take, source) });
            legs.push(row_leg(row, Role::Made, lot));
        }
        Kind::Opening | Kind::Extract | Kind::Import | Kind::Collect => {
            legs.push(row_leg(row, Role::Made, lot));
        }
        Kind::Count => legs.push(row_leg(row, Role::Counted, lot)),
        _ => legs.push(row_leg(row, Role::Moved, lot)),
    }
}

fn row_leg<'a>(row: &'a Row<'a>, role: Role, lot: &'a str) -> NewLeg<'a> {
    NewLeg {
        role,
        lot,
        mass: row.mass.map(base::Mass::mg),
        composition: row.composition.as_ref(),
        stage: row.stage,
    }
}

fn row_flow<'a>(row: &Row<'a>) -> NewFlow<'a> {
    let party = match row.kind {
        Kind::Receipt | Kind::Import => row.get(Column::FromParty),
        // Back from whom it was exported to; either column may name him.
        Kind::Reimport if !row.get(Column::FromParty).is_empty() => row.get(Column::FromParty),
        _ => row.get(Column::ToParty),
    };
    let customer = row.get(Column::CustomerName);
    let other = if !party.is_empty() {
        Other::Party(party)
    } else if !customer.is_empty() {
        Other::Customer(customer)
    } else {
        Other::None
    };
    NewFlow {
        site: row.get(Column::Site),
        to_site: row.get(Column::ToSite),
        other,
        country: row.get(Column::CustomerCountry),
        movement: row.movement,
        end_use: row.end_use,
        process: row.process,
        stage: if row.get(Column::Lot).is_empty() { row.stage } else { None },
    }
}
