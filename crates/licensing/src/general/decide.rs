//! What may be done with a registration, and by whom: events, or every reason why not.

use base::Date;

use super::audit::{ANSWERS_MAX, FINDINGS_MAX, SAMPLE_MAX, sample};
use super::{
    AuditOutcome, DeclaredUse, ENTRIES_MAX, GeneralEvent, GeneralLicence, Keeper, LINE_CHARS_MAX,
    Registration, RegistrationState, TEXT_CHARS_MAX,
};
use crate::message::Reason;
use crate::rules::TypeRule;

/// Documents of one answer at most.
const DOCUMENTS_MAX: usize = 50;
/// The longest time for an answer or a correction, in days: a later day is a slip of the keyboard.
const DAYS_MAX: i32 = 366;
/// In which a registration has not ended.
const LIVE: [RegistrationState; 2] = [RegistrationState::Active, RegistrationState::Suspended];

/// What a user states when it registers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registering {
    /// Conditions that it confirms to hold.
    pub confirmed: Vec<String>,
    /// Conditions that it states not to hold.
    pub denied: Vec<String>,
    /// Contact and records.
    pub keeper: Keeper,
}

/// Which side does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The registered user.
    User,
    /// The authority.
    Authority,
}

/// What somebody wants to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// The authority stops the use for the time being.
    Suspend {
        /// Why.
        reason: String,
    },
    /// The authority lets it be used again.
    Reinstate {
        /// Why.
        reason: String,
    },
    /// The authority ends it.
    Withdraw {
        /// Why.
        reason: String,
    },
    /// The user ends it.
    GiveUp {
        /// Why.
        reason: String,
    },
    /// The user tells of its first use.
    NoticeFirstUse {
        /// The day of the use.
        day: Date,
        /// What else is said.
        text: String,
    },
    /// The authority begins an audit.
    AuditBegin(AuditAsked),
    /// The user answers.
    AuditAnswer {
        /// The answer.
        text: String,
        /// SHA-256 of documents.
        documents: Vec<String>,
    },
    /// The authority notes what it found.
    AuditFind {
        /// The use of the sample that it is about; nothing where it is about the whole.
        about: Option<DeclaredUse>,
        /// What.
        text: String,
    },
    /// The authority ends the audit.
    AuditClose {
        /// How.
        outcome: AuditOutcome,
        /// Last day to correct.
        correct_by: Option<Date>,
        /// In words.
        text: String,
    },
    /// The user says that what was found is corrected.
    AuditCorrect {
        /// Which audit.
        audit: u32,
        /// How.
        text: String,
    },
}

impl Command {
    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Command::Suspend { .. } => "suspend",
            Command::Reinstate { .. } => "reinstate",
            Command::Withdraw { .. } => "withdraw",
            Command::GiveUp { .. } => "give_up",
            Command::NoticeFirstUse { .. } => "notice_first_use",
            Command::AuditBegin(_) => "audit_begin",
            Command::AuditAnswer { .. } => "audit_answer",
            Command::AuditFind { .. } => "audit_find",
            Command::AuditClose { .. } => "audit_close",
            Command::AuditCorrect { .. } => "audit_correct",
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Command::GiveUp { .. }
            | Command::NoticeFirstUse { .. }
            | Command::AuditAnswer { .. }
            | Command::AuditCorrect { .. } => Side::User,
            Command::Suspend { .. }
            | Command::Reinstate { .. }
            | Command::Withdraw { .. }
            | Command::AuditBegin(_)
            | Command::AuditFind { .. }
            | Command::AuditClose { .. } => Side::Authority,
        }
    }
}

/// What an audit is to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditAsked {
    /// First day of what is looked at.
    pub from: Date,
    /// Last day of it.
    pub to: Date,
    /// How many uses to draw.
    pub size: u32,
    /// Last day for the answer.
    pub answer_by: Date,
    /// What is asked.
    pub text: String,
}

/// What is known beside the registration.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The day in the authority's zone.
    pub today: Date,
    /// The uses on record that count, with their days.
    pub uses: &'a [(DeclaredUse, Date)],
    /// Chance for the sample.
    pub seed: u64,
}

fn text_check(field: &str, text: &str, most: usize, reasons: &mut Vec<Reason>) {
    let count = text.trim().chars().count();
    if count == 0 || count > most {
        let message = format!("`{field}` has {count} characters");
        reasons.push(Reason::new(
            "general_text",
            field,
            message,
            format!("1 to {most} characters"),
        ));
    }
}

/// Registers a user with a general licence. `kind` is the kind of licence that it belongs to, `others` the
/// user's registrations, `known` conditions of the pack that are known to hold of the user.
///
/// # Errors
/// Every reason why not.
pub fn register(
    general: &GeneralLicence,
    kind: &TypeRule,
    asked: &Registering,
    (others, known): (&[Registration], &[String]),
    (pack, today): (&str, Date),
) -> Result<GeneralEvent, Vec<Reason>> {
    let mut reasons = Vec::new();
    if general.valid_to.is_some_and(|last| last < today) {
        let message = format!("`{}` is over", general.id);
        reasons.push(Reason::new("general_over", "general", message, "one that is in force"));
    }
    let same = |other: &&Registration| other.general == general.id && other.state.live();
    if let Some(other) = others.iter().find(same) {
        let message = format!("`{}` is registered with it as `{}`", other.user, other.number);
        reasons.push(Reason::new("general_registered", "general", message, "that registration"));
    }
    for id in kind.requires.iter().filter(|id| !asked.confirmed.contains(id)) {
        let message = format!("`{id}` is not confirmed");
        reasons.push(Reason::new("general_unconfirmed", "confirmed", message, id.clone()));
    }
    for id in kind.barred_if.iter().filter(|id| !asked.denied.contains(id)) {
        let message = format!("`{id}` is not denied");
        reasons.push(Reason::new("general_undenied", "denied", message, id.clone()));
    }
    for id in kind.barred_if.iter().filter(|id| known.contains(id)) {
        let message = format!("`{id}` bars the user from it");
        let instead = kind.falls_back_to.as_deref().unwrap_or("another kind of licence");
        reasons.push(Reason::new("general_barred", "general", message, instead));
    }
    let keeper = &asked.keeper;
    for (field, text) in [("name", &keeper.name), ("records_at", &keeper.records_at)] {
        text_check(field, text, LINE_CHARS_MAX, &mut reasons);
    }
    let email = keeper.email.trim();
    let at =
        email.split_once('@').is_some_and(|(left, right)| !left.is_empty() && right.contains('.'));
    if !at || email.chars().count() > LINE_CHARS_MAX || email.contains(char::is_whitespace) {
        let message = format!("`{}` is no e-mail address", short(email));
        reasons.push(Reason::new(
            "general_email",
            "email",
            message,
            "an address such as a@b.example",
        ));
    }
    if !reasons.is_empty() {
        return Err(reasons);
    }
    let of = |from: &[String], wanted: &[String]| -> Vec<String> {
        wanted.iter().filter(|id| from.contains(id)).cloned().collect()
    };
    Ok(GeneralEvent::Registered {
        general: general.id.clone(),
        pack: pack.to_owned(),
        confirmed: of(&asked.confirmed, &kind.requires),
        denied: of(&asked.denied, &kind.barred_if),
        keeper: Keeper {
            name: keeper.name.trim().to_owned(),
            email: email.to_owned(),
            records_at: keeper.records_at.trim().to_owned(),
        },
    })
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

impl Registration {
    /// Decides about a command.
    ///
    /// # Errors
    /// Every reason why not; then nothing happens.
    pub fn decide(
        &self,
        side: Side,
        command: &Command,
        context: &Context<'_>,
    ) -> Result<Vec<GeneralEvent>, Vec<Reason>> {
        let mut reasons = Vec::new();
        if command.side() != side {
            let message = format!("`{}` is for the other side", command.code());
            return Err(vec![Reason::new("general_side", "command", message, "")]);
        }
        if self.entries.len() >= ENTRIES_MAX {
            let message = format!("the registration has {ENTRIES_MAX} entries");
            return Err(vec![Reason::new(
                "general_full",
                "command",
                message,
                "a new registration",
            )]);
        }
        let events = match command {
            Command::Suspend { reason } => {
                let from = &[RegistrationState::Active];
                let reason = self.turn(command, from, reason, &mut reasons);
                vec![GeneralEvent::Suspended { reason }]
            }
            Command::Reinstate { reason } => {
                let from = &[RegistrationState::Suspended];
                let reason = self.turn(command, from, reason, &mut reasons);
                vec![GeneralEvent::Reinstated { reason }]
            }
            Command::Withdraw { reason } => {
                vec![GeneralEvent::Withdrawn {
                    reason: self.turn(command, &LIVE, reason, &mut reasons),
                }]
            }
            Command::GiveUp { reason } => {
                vec![GeneralEvent::GivenUp {
                    reason: self.turn(command, &LIVE, reason, &mut reasons),
                }]
            }
            Command::NoticeFirstUse { day, text } => {
                self.notice_check(*day, text, context.today, &mut reasons);
                vec![GeneralEvent::FirstUseNoticed { day: *day, text: text.trim().to_owned() }]
            }
            Command::AuditBegin(asked) => vec![self.audit_begin(asked, context, &mut reasons)],
            Command::AuditCorrect { audit, text } => {
                self.audit_correct(*audit, &mut reasons);
                text_check("text", text, TEXT_CHARS_MAX, &mut reasons);
                vec![GeneralEvent::AuditCorrected { audit: *audit, text: text.trim().to_owned() }]
            }
            Command::AuditAnswer { .. }
            | Command::AuditFind { .. }
            | Command::AuditClose { .. } => self.audit_step(command, context, &mut reasons),
        };
        if reasons.is_empty() { Ok(events) } else { Err(reasons) }
    }

    /// Checks a change of where the registration stands; gives the reason as it is kept.
    fn turn(
        &self,
        command: &Command,
        from: &[RegistrationState],
        reason: &str,
        reasons: &mut Vec<Reason>,
    ) -> String {
        if !from.contains(&self.state) {
            let accepted: Vec<&str> = from.iter().map(|state| state.code()).collect();
            let (state, code) = (self.state.code(), command.code());
            let message =
                format!("the registration is `{state}`, which does not let `{code}` happen");
            reasons.push(Reason::new("general_state", "command", message, accepted.join(" or ")));
        }
        text_check("reason", reason, TEXT_CHARS_MAX, reasons);
        reason.trim().to_owned()
    }

    fn notice_check(&self, day: Date, text: &str, today: Date, reasons: &mut Vec<Reason>) {
        if !self.state.live() {
            let message = format!("the registration is `{}`", self.state.code());
            let accepted = "active or suspended";
            reasons.push(Reason::new("general_state", "command", message, accepted));
        }
        if let Some((before, _)) = self.notice {
            let message = format!("the first use was told before: `{before}`");
            reasons.push(Reason::new("general_noticed", "day", message, ""));
        }
        if (day - today).get_days().abs() > DAYS_MAX {
            let message = format!("`{day}` is more than a year away");
            reasons.push(Reason::new("general_day", "day", message, "a day within a year"));
        }
        if text.trim().chars().count() > LINE_CHARS_MAX {
            text_check("text", text, LINE_CHARS_MAX, reasons);
        }
    }

    fn audit_begin(
        &self,
        asked: &AuditAsked,
        context: &Context<'_>,
        reasons: &mut Vec<Reason>,
    ) -> GeneralEvent {
        let AuditAsked { from, to, size, answer_by, text } = asked;
        if let Some(open) = self.audit_open() {
            let message = format!("audit `{}` is open", open.number);
            reasons.push(Reason::new("general_audit_open", "command", message, "its end first"));
        }
        // A registration that has ended can be audited: its records are kept for years.
        if from > to || *to > context.today {
            let message = format!("`{from}` to `{to}` is no time that is over");
            let accepted = "a first day not after the last, and a last day not after today";
            reasons.push(Reason::new("general_period", "from", message, accepted));
        }
        if *size > SAMPLE_MAX {
            let message = format!("`{size}` uses cannot be looked through");
            reasons.push(Reason::new(
                "general_sample",
                "size",
                message,
                format!("0 to {SAMPLE_MAX}"),
            ));
        }
        self.day_to_come("answer_by", *answer_by, context.today, reasons);
        text_check("text", text, TEXT_CHARS_MAX, reasons);
        let within: Vec<DeclaredUse> = context
            .uses
            .iter()
            .filter(|(_, day)| (from..=to).contains(&day))
            .map(|(of, _)| of.clone())
            .collect();
        GeneralEvent::AuditBegun {
            audit: u32::try_from(self.audits.len() + 1).unwrap_or(u32::MAX),
            from: *from,
            to: *to,
            seed: context.seed,
            sample: sample(&within, *size, context.seed),
            answer_by: *answer_by,
            text: text.trim().to_owned(),
        }
    }

    fn day_to_come(&self, field: &str, day: Date, today: Date, reasons: &mut Vec<Reason>) {
        let ahead = (day - today).get_days();
        if !(1..=DAYS_MAX).contains(&ahead) {
            let message = format!("`{day}` leaves no time, or more than a year");
            reasons.push(Reason::new(
                "general_day",
                field,
                message,
                "a day after today, within a year",
            ));
        }
    }

    fn audit_correct(&self, number: u32, reasons: &mut Vec<Reason>) {
        let of = self.audits.iter().find(|audit| audit.number == number);
        let fits = of.is_some_and(|audit| {
            let end = audit.outcome.as_ref();
            audit.corrected.is_none()
                && end.is_some_and(|end| end.outcome == AuditOutcome::ToCorrect)
        });
        if !fits {
            let message = format!("nothing of audit `{number}` is to be corrected");
            let accepted = "the number of an audit that ended with something to correct";
            reasons.push(Reason::new("general_audit_unknown", "audit", message, accepted));
        }
    }

    /// What happens in an audit that is open.
    fn audit_step(
        &self,
        command: &Command,
        context: &Context<'_>,
        reasons: &mut Vec<Reason>,
    ) -> Vec<GeneralEvent> {
        let Some(open) = self.audit_open() else {
            let message = "no audit is open".to_owned();
            reasons.push(Reason::new(
                "general_audit_unknown",
                "command",
                message,
                "one that is open",
            ));
            return Vec::new();
        };
        let audit = open.number;
        match command {
            Command::AuditAnswer { text, documents } => {
                text_check("text", text, TEXT_CHARS_MAX, reasons);
                let hash = |of: &String| {
                    of.len() == 64 && of.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
                };
                if documents.len() > DOCUMENTS_MAX || !documents.iter().all(hash) {
                    let message = "a document is named that cannot be one".to_owned();
                    let accepted = "at most 50 SHA-256 in hexadecimal";
                    reasons.push(Reason::new("general_documents", "documents", message, accepted));
                }
                if open.answers.len() >= ANSWERS_MAX {
                    let message = format!("audit `{audit}` has {ANSWERS_MAX} answers");
                    reasons.push(Reason::new("general_full", "text", message, ""));
                }
                let (text, documents) = (text.trim().to_owned(), documents.clone());
                vec![GeneralEvent::AuditAnswered { audit, text, documents }]
            }
            Command::AuditFind { about, text } => {
                text_check("text", text, TEXT_CHARS_MAX, reasons);
                if about.as_ref().is_some_and(|of| !open.sample.contains(of)) {
                    let message = "the use is not in the sample".to_owned();
                    let accepted = "a use of the sample, or none";
                    reasons.push(Reason::new("general_about", "about", message, accepted));
                }
                if open.findings.len() >= FINDINGS_MAX {
                    let message = format!("audit `{audit}` has {FINDINGS_MAX} findings");
                    reasons.push(Reason::new("general_full", "text", message, ""));
                }
                let (about, text) = (about.clone(), text.trim().to_owned());
                vec![GeneralEvent::AuditFound { audit, about, text }]
            }
            Command::AuditClose { outcome, correct_by, text } => {
                let wanted = (*outcome, *correct_by, text.trim());
                self.audit_close(open, wanted, context, reasons)
            }
            _ => Vec::new(),
        }
    }

    fn audit_close(
        &self,
        open: &super::Audit,
        (outcome, correct_by, text): (AuditOutcome, Option<Date>, &str),
        context: &Context<'_>,
        reasons: &mut Vec<Reason>,
    ) -> Vec<GeneralEvent> {
        let against = outcome != AuditOutcome::InOrder;
        text_check("text", text, TEXT_CHARS_MAX, reasons);
        if against && open.findings.is_empty() {
            let message = "nothing was found".to_owned();
            reasons.push(Reason::new("general_finding_missing", "outcome", message, "in_order"));
        }
        if !against && !open.findings.is_empty() {
            let message = format!("{} findings stand", open.findings.len());
            let accepted = "to_correct or suspended";
            reasons.push(Reason::new("general_finding_stands", "outcome", message, accepted));
        }
        // Who is judged is heard first.
        if against && !open.heard(context.today) {
            let message = format!("the user may answer until `{}`", open.answer_by);
            let accepted = "its answer, or the day after";
            reasons.push(Reason::new("general_unheard", "outcome", message, accepted));
        }
        match (outcome, correct_by) {
            (AuditOutcome::ToCorrect, Some(day)) => {
                self.day_to_come("correct_by", day, context.today, reasons);
            }
            (AuditOutcome::ToCorrect, None) => {
                let message = "the last day to correct is missing".to_owned();
                reasons.push(Reason::new(
                    "general_day",
                    "correct_by",
                    message,
                    "a day after today",
                ));
            }
            (_, Some(day)) => {
                let message = format!("`{day}`: nothing is to be corrected");
                reasons.push(Reason::new("general_day", "correct_by", message, "no day"));
            }
            (_, None) => {}
        }
        if outcome == AuditOutcome::Suspended && self.state != RegistrationState::Active {
            let message = format!("the registration is `{}`", self.state.code());
            reasons.push(Reason::new("general_state", "outcome", message, "active"));
        }
        let (audit, text) = (open.number, text.to_owned());
        let mut events =
            vec![GeneralEvent::AuditClosed { audit, outcome, correct_by, text: text.clone() }];
        if outcome == AuditOutcome::Suspended {
            events.push(GeneralEvent::Suspended { reason: text });
        }
        events
    }
}
