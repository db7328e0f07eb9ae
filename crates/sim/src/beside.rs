//! What is written beside the filings: who the parties are, their sites with capacities, and what was
//! planted.

use std::io::Write;

use crate::GenerateOptions;
use crate::material::Good;
use crate::party::{Party, Role, sells};
use crate::world::World;

/// Kilograms a month that one unit of size can make, by role: own assumptions, for capacities only.
fn capacity_kg(role: Role) -> u64 {
    match role {
        Role::Mine | Role::ClayMine => 400_000,
        Role::LightSeparator => 12_000,
        Role::HeavySeparator => 2_500,
        Role::MetalMaker => 1_500,
        Role::AlloyMaker => 3_000,
        Role::MagnetMaker => 900,
        Role::Coater => 400,
        Role::Recycler => 1_200,
        Role::ComponentMaker | Role::ProductMaker => 3_000,
        Role::Trader | Role::SmallUser | Role::Foreign | Role::Supplier => 0,
    }
}

impl World<'_> {
    /// Writes `parties.csv`, `sites.csv`, and with planted anomalies `truth.csv`.
    pub(crate) fn beside(&mut self, options: &GenerateOptions) -> std::io::Result<()> {
        let mut out = self.writer.beside("parties.csv")?;
        out.write_all(b"party,name,country,role,sites,fictional\n")?;
        let mut sites = vec![0_u32; self.register.parties.len()];
        for site in &self.register.sites {
            sites[site.party as usize] += 1;
        }
        for (party, sites) in self.register.parties.iter().zip(&sites) {
            writeln!(
                out,
                "{},{},{},{},{},true",
                party.id,
                party.name,
                country(party),
                party.role.code(),
                if party.role.files() { *sites } else { 0 }
            )?;
        }
        out.flush()?;
        let mut out = self.writer.beside("sites.csv")?;
        out.write_all(b"party,site,role,main_product,capacity_kg_month,active_from\n")?;
        for site in self.register.sites.iter().filter(|s| s.role.files()) {
            let day = &self.calendar.days[site.start as usize];
            writeln!(
                out,
                "{},{}{},{},{},{},{}",
                self.register.parties[site.party as usize].id,
                site.code,
                site.number,
                site.role.code(),
                sells(site).first().map_or("", |good: &Good| good.stage()),
                capacity_kg(site.role) * u64::from(site.weight + 2),
                String::from_utf8_lossy(&day.text)
            )?;
        }
        out.flush()?;
        if options.anomalies > 0 {
            let mut out = self.writer.beside("truth.csv")?;
            self.plan.write(&mut *out, &self.register)?;
        }
        Ok(())
    }
}

fn country(party: &Party) -> String {
    String::from_utf8_lossy(&party.country).into_owned()
}
