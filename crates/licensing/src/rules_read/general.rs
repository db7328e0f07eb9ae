//! General licences of the pack, and the settings of the procedure about them and about the border.

use serde_json::Value;
use toml::de::DeTable;

use super::{DAYS_AT_MOST, Reader};
use crate::general::GeneralLicence;
use crate::rules::TypeKind;

const YEARS_AT_MOST: u32 = 100;
/// Months of a return, so that each year has whole periods.
const REPORT_MONTHS: [u32; 4] = [1, 3, 6, 12];

impl Reader<'_> {
    /// A whole number from 1; nothing, and a fault, where it is none.
    pub(super) fn whole(
        &mut self,
        line: u32,
        field: &str,
        value: &Value,
        most: u32,
    ) -> Option<u32> {
        let number = value.as_u64().and_then(|found| u32::try_from(found).ok());
        if let Some(number) = number.filter(|number| (1..=most).contains(number)) {
            return Some(number);
        }
        let message = format!("`{value}` is no likely number");
        self.fault(line, field, "number_wrong", message, &format!("a whole number, 1 to {most}"));
        None
    }

    /// Kinds of licences with which users are registered after the issue: those that are applied for.
    pub(super) fn registered_users(&mut self, line: u32, value: &Value) -> Vec<String> {
        const FIELD: &str = "registered_users";
        let text = |one: &Value| one.as_str().map(str::to_owned);
        let ids: Option<Vec<String>> =
            value.as_array().and_then(|all| all.iter().map(text).collect());
        let Some(ids) = ids else {
            let message = format!("`{value}` is no list of kinds of licences");
            let accepted = "a list of texts, such as [\"general\"]";
            self.fault(line, FIELD, "setting_wrong", message, accepted);
            return Vec::new();
        };
        self.licence_types_known(line, FIELD, &ids);
        self.ids_once("registered_users", ids.iter().map(|id| (line, id.as_str())));
        let of_kind = |id: &String, kind: TypeKind| {
            self.known.licence_types.iter().any(|of| of.id == *id && of.kind == kind)
        };
        let others: Vec<&String> = ids
            .iter()
            .filter(|id| of_kind(id, TypeKind::Registration) || of_kind(id, TypeKind::None))
            .collect();
        for id in others {
            let message = format!("`{id}` is not applied for: nobody holds it");
            let accepted = "a kind of licence that is applied for";
            self.fault(line, FIELD, "licence_type_kind", message, accepted);
        }
        ids
    }

    pub(super) fn general_licences(&mut self, sections: &DeTable<'_>) -> Vec<GeneralLicence> {
        let all: Vec<(u32, GeneralLicence)> = self.many(sections, "general_licence");
        self.ids_once("general_licence", all.iter().map(|(line, of)| (*line, of.id.as_str())));
        for (line, of) in &all {
            self.names(*line, [("name_en", &of.name_en), ("name_zh", &of.name_zh)]);
            self.fact(*line, (&of.citation, &of.source, &of.confidence));
            self.licence_types_known(*line, "licence_type", std::slice::from_ref(&of.licence_type));
            let kind = self.known.licence_types.iter().find(|kind| kind.id == of.licence_type);
            if kind.is_some_and(|kind| kind.kind != TypeKind::Registration) {
                let message = format!("with `{}` nobody registers", of.licence_type);
                let accepted = "a kind of licence of the kind `registration`";
                self.fault(*line, "licence_type", "licence_type_kind", message, accepted);
            }
            self.destinations(*line, "destinations", &of.destinations);
            self.uses_known(*line, "barred_uses", &of.barred_uses);
            self.general_terms(*line, of);
        }
        all.into_iter().map(|(_, of)| of).collect()
    }

    /// The scope and the duties of a general licence.
    fn general_terms(&mut self, line: u32, of: &GeneralLicence) {
        for (field, list) in
            [("control_codes", &of.control_codes), ("destinations", &of.destinations)]
        {
            if list.is_empty() || list.iter().any(|text| text.trim().is_empty()) {
                let message =
                    format!("`{field}` names nothing: the licence would be good for nothing");
                self.fault(line, field, "scope_empty", message, "at least one, none of them empty");
            }
        }
        if let (Some(from), Some(to)) = (of.valid_from, of.valid_to)
            && to < from
        {
            let message = format!("`{to}` lies before `{from}`");
            self.fault(line, "valid_to", "days_wrong", message, "a day not before `valid_from`");
        }
        if of.notice.is_some() != of.notice_days.is_some() {
            let message = "a notice has a side of the first use and days".to_owned();
            let accepted = "`notice` and `notice_days`, or neither";
            self.fault(line, "notice", "notice_wrong", message, accepted);
        }
        if of.report_every_months.is_some() != of.report_within_days.is_some() {
            let message = "a return has a period and a time to file it".to_owned();
            let accepted = "`report_every_months` and `report_within_days`, or neither";
            self.fault(line, "report_every_months", "report_wrong", message, accepted);
        }
        if let Some(months) = of.report_every_months.filter(|m| !REPORT_MONTHS.contains(m)) {
            let message = format!("`{months}` months do not fill a year");
            self.fault(line, "report_every_months", "number_wrong", message, "1, 3, 6 or 12");
        }
        // A notice of no days is one on the day itself.
        let days = [("notice_days", of.notice_days.filter(|days| *days > 0), DAYS_AT_MOST)];
        let rest = [
            ("report_within_days", of.report_within_days, DAYS_AT_MOST),
            ("records_years", of.records_years, YEARS_AT_MOST),
        ];
        for (field, number, most) in days.into_iter().chain(rest) {
            if let Some(number) = number {
                self.at_most(line, field, number, most);
            }
        }
        for record in &of.records {
            self.names(line, [("text_en", &record.text_en), ("text_zh", &record.text_zh)]);
        }
    }
}
