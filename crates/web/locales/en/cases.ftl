# Cases: the queue, the page of a case, its steps.

# Queue
nav-cases = Cases
cases-title = Cases
cases-lede = The most urgent first: by the days left on the clock and the days until a stock runs out.
cases-lede-agency = Applications on which your agency is asked to advise, the most urgent first.
cases-kept-label = Queues
cases-chip-mine = My cases
cases-chip-nobodys = Not assigned
cases-chip-sign = To sign
cases-chip-all = All open
cases-chip-asked = To advise on
cases-chip-answered = Answered
cases-oldest = Waiting the longest, since { $x }:
cases-filter-text = Number, applicant or good
cases-filter-officer = Officer
cases-filter-waits = Whose turn
cases-filter-state = State
cases-filter-kind = Kind of licence
cases-filter-to = To
cases-none = No case fits.
cases-column-choose = Choose
cases-column-case = Case
cases-column-clock = Due in, days
cases-column-stock = Stock, days
cases-column-goods = Goods
cases-column-to = To
cases-column-applicant = Applicant
cases-column-officer = Officer
cases-column-why = Why here
cases-with-chosen = With the chosen cases
cases-do-take = Take them
cases-do-release = Give them back
cases-give-to = Give them to
cases-do-give = Give them
cases-none-chosen = No case is chosen: tick at least one.
cases-no-officer = Choose to whom the cases go.
cases-first-page = First page
cases-keep-title = Keep this queue under a name
cases-keep-name = Name
cases-keep-button = Keep it
cases-forget = Forget “{ $x }”
cases-given-title = What became of the chosen cases
cases-given-yes = Done
cases-given-no = Not done
cases-given-done = It stands as you asked.
cases-given-meanwhile = Somebody else was given it meanwhile; look at it anew.
cases-given-unknown = There is no such case.
case-officer-any = Anybody
case-officer-me = Me
case-officer-none = Nobody yet
case-nobody = Nobody yet
case-why-overdue = Overdue
case-why-stock_out = Stock has run out
case-why-stock_before_clock = Stock { $x } d < clock { $y } d
case-why-clock = Clock
case-why-stock = Stock
case-why-waited = Waited { $x } days
case-why-nothing = Nothing presses

# Head and states
case-title = Case { $x }
case-back-label = Back
case-applicant = Applicant
case-state-open = Open
case-state-ended = Ended
case-state-all = All
case-state-received = Received
case-state-review = Under review
case-state-decided = Decided
case-state-returned = Returned
case-state-withdrawn = Withdrawn
case-state-lapsed = Lapsed
case-waits-officer = Officer’s turn
case-waits-applicant = Waits for the applicant
case-waits-agency = Waits for an agency
case-waits-step = A step is under way
case-waits-signature = Waits for a signature
case-licences = Licence
case-ended = { $x }, { $y }.
case-stat-clock = { $x }: due { $y }
case-left-of = { $x } { $y } left
case-stat-stock = until the end user’s stock runs out
case-stat-stock-out = since the end user’s stock ran out
case-fact-type = Kind of licence
case-fact-received = Received
case-fact-accepted = Accepted
case-fact-reference = Applicant’s reference
case-fact-route = Route
case-fact-contact = Contact
case-fact-conflict = Decides the conflict
case-fact-referred = Referred upwards
case-fact-first = First ended

# Sections
case-cells = Cells
case-column-good = Good
case-column-consignee = Consignee
case-column-end-user = End user
case-column-end-use = End use
case-column-to = To
case-column-quantity = Quantity
case-column-advice = Advice
case-column-decision = Draft or decision
case-column-what = What
case-column-before = Before
case-column-after = After
case-column-facts = Facts
case-column-claimed = Claimed
case-column-found = Found
case-conflict = Agencies differ
case-less = Less than asked
case-agencies = Agencies
case-agency-open = Waits for its advice
case-agency-replied = Replied
case-agency-silent = Silent: no objection
case-agency-asked = Asked { $x }
case-agency-due = due { $x }
case-agency-must = { $x } (must be asked)
case-conditions = Conditions of agencies
case-conditions-due = These conditions of agencies stand in an approval:
case-reworded-by = Worded anew by { $x }, { $y }: { $z }
case-dropped-by = Dropped by { $x }, { $y }: { $z }
case-draft = Draft and signatures
case-drafted = Drafted by { $x }
case-content = Content hash
case-content-text = A signature binds itself to this. Whatever changes the application, the advice or the draft changes it and voids the signature.
case-signatures = Signatures
case-signature = Signature { $x }: { $y }
case-signature-missing = missing
case-signature-voided = { $x }; voided { $y }
case-questions = Questions and answers
case-unanswered = Not answered yet
case-steps = Steps
case-step-identification = Identification of the goods
case-step-expert = Opinion of experts
case-step-verification = Verification on site
case-step-began = since { $x }
case-step-ended = Ended { $x }: { $y }
case-step-open = Under way
case-step-done = Ended
case-notes = Notes
case-readers-authority = The authority alone
case-readers-agencies = Agencies as well
case-readers-applicant = The applicant as well
case-amendments = Amendments
case-amendment-open = Asked for, not decided yet
case-amendment-decided = { $x }, { $y }: { $z }
case-element-item_kind = Kind of item
case-element-destination = Destination
case-element-end_user = End user
case-element-end_use = End use
case-element-consignee = Consignee
case-element-quantity = Quantity
case-element-other = Other
case-goods = Goods and classification
case-codes-none = not controlled
case-codes-differ = Differs from the claim
case-parties = Parties
case-part-consignee = Consignee
case-part-end_user = End user
case-part-intermediate = Intermediate
case-watch-listed = On the watch list
case-documents = Documents
case-precedents = Precedents
case-precedents-none = Nothing was decided yet on this good, destination and end user.
case-clocks = Clocks
case-happened = What happened
case-by-rule = By rule
case-the-authority = The authority
case-by-at = { $x }, { $y }
case-acting-for = { $x } for { $y }
case-follows-appeal = Appeals
case-follows-key-change = Changes
case-follows-again = The same as
case-appealed-by = Appealed by
case-desk = What is to be done
case-assigned = Officer:
case-lacking = Lacking for a decision
case-to-sign = Look at it and sign
case-to-draft = Draft the decision
case-to-draft-again = Draft it anew
case-to-advise = Advise
case-since-title = Something happened meanwhile
case-since-text = Nothing of your form was done. What you typed is kept below; look at what happened and send it again if it still holds.
case-asked-for = Asked for: { $x }
case-cell = { $x }. { $y }
case-choose = Choose
case-outcome-approve = Approve
case-outcome-refuse = Refuse
case-outcome-no_licence = No licence required
case-position-approve = Approve
case-position-refuse = Refuse
case-position-no_licence = No licence required
case-position-not_applicable = Not ours: neutral
case-verdict-taken = Taken
case-verdict-refused = Refused
case-how-drop = Drop it
case-how-reword = Word it anew

# Units
case-unit-net = net
case-unit-content = of contained { $x }
case-unit-oxide = as oxide of { $x }
case-unit-pieces = pieces
case-unit-value = value

# What is done
case-do-take = Take the case
case-do-release = Give it back to the queue
case-do-give = Give it to somebody
case-do-accept = Accept as complete
case-do-ask = Ask the applicant
case-do-begin_step = Begin a step
case-do-end_step = End a step
case-do-refer_up = Refer it upwards
case-do-watch_list = Record a match of the watch list
case-do-ask_agency = Ask an agency
case-do-mark_silent = Record that an agency was silent
case-do-override = Drop or reword a condition
case-do-note = Write a note
case-do-draft = Put the draft to signature
case-do-refer_conflict = Refer the conflict to a person
case-do-finalise = Decide as signed
case-do-sign = Sign this content
case-do-refuse_signature = Send it back
case-do-return = Return the application
case-do-reopen = Open it again
case-do-lapse = Let it lapse
case-do-classify = Classify otherwise
case-do-accept_amendment = Accept the amendment for decision
case-do-decide_amendment = Decide on the amendment
case-do-hint-ask = The applicant gets a letter with a link. Before acceptance everything that is missing is asked at once, and once.
case-do-hint-override = It goes against the agency and is recorded with its reason; a second signature may be needed.
case-do-hint-finalise = Nothing lacks any more. A licence is issued for what is approved; the applicant gets a letter.
case-do-hint-sign = You sign with your own account. Nobody signs what they drafted, nor twice.
case-do-hint-refuse_signature = The signatures so far are voided and kept on record.
case-do-hint-return = It ends without a decision on the merits; the applicant gets a letter.
case-do-hint-refer_conflict = From then on that person alone drafts and decides.
case-do-hint-classify = Control codes, separated by commas; none: not controlled.

# Said after it was done
case-did-take = You have the case now.
case-did-release = It is back in the queue.
case-did-give = It was given.
case-did-accept = The application is accepted.
case-did-ask = The applicant is asked.
case-did-begin_step = The step has begun.
case-did-end_step = The step has ended.
case-did-refer_up = It is referred upwards.
case-did-watch_list = The match is recorded.
case-did-ask_agency = The agency is asked.
case-did-mark_silent = The silence is recorded.
case-did-override = The condition was overridden.
case-did-note = The note is written.
case-did-draft = The draft stands; it waits for signature.
case-did-refer_conflict = The conflict is referred.
case-did-finalise = The case is decided.
case-did-sign = You have signed.
case-did-refuse_signature = It is sent back to who drafted it.
case-did-return = The application is returned.
case-did-reopen = The case is open again.
case-did-lapse = The case has lapsed.
case-did-classify = The classification is recorded.
case-did-accept_amendment = The amendment is accepted for decision.
case-did-decide_amendment = The amendment is decided.
case-did-advise = Your advice is recorded.
case-did-reply = Your agency has replied.

# Fields
case-field-officer = To whom
case-field-question = Question
case-field-cells = About these cells; none: the whole case
case-field-verdict = Decision
case-field-reason = Reason
case-field-agency = Agency
case-field-agency-text = What it is asked
case-field-condition = Condition
case-field-how = What becomes of it
case-field-words = The words instead
case-field-step = Step
case-field-step-text = What is to be found out
case-field-notice = Days that the applicant was told
case-field-notice-hint = Empty where it was not told in writing.
case-field-found = What was found
case-field-party = Party
case-field-codes = Control codes of { $x }
case-field-as-of = Day of the list, such as 2026-01-31
case-field-reasons = Reasons
case-field-letter = In words, for the letter
case-field-letter-hint = For a refusal, or where no licence is required.
case-field-ground = On what ground
case-field-readers = Who reads it
case-field-note = Note
case-field-outcome = Outcome
case-field-quantity = Quantity in { $x } ({ $y })
case-field-quantity-hint = At most { $x }; digits and one decimal point.
case-field-conditions = Conditions
case-field-own-words = Conditions in own words, one a line
case-field-own-words-hint = They are not in the list above.
case-field-reasoning = Reasoning, for those who sign
case-field-reasoning-hint = The applicant does not read it.
case-field-valid-from = Valid from
case-field-valid-from-hint = Such as 2026-01-31; empty: the day of issue.
case-field-valid-months = Months of validity
case-field-valid-months-hint = Empty: as long as the kind of licence allows.
case-field-position = Position
case-field-kept = Conditions that you set before and keep
case-fault-choice = “{ $x }” is not one of the choices.
case-fault-number = “{ $x }” is no whole number.
case-fault-date = “{ $x }” is no date such as 2026-01-31.

# Draft, advice and signing
case-draft-title = Draft of the decision on { $x }
case-draft-whole = The whole decision
case-draft-voids = A new draft voids the signatures that were given; they stay on record.
case-draft-barred = You cannot draft the decision now:
case-advice-title = Advice on { $x }
case-advice-again = Your agency has replied. New advice takes the place of the earlier and voids signatures.
case-advise-reply = Record and reply
case-advise-only = Record, reply later
case-sign-title = Countersign { $x }
case-sign-nothing = There is no draft to sign.
case-sign-what = What is to be decided
case-sign-drafted = Drafted by
case-sign-validity = Validity
case-sign-yours = Your signature
case-sign-barred = You cannot sign this now:
case-validity = From { $x }, { $y }
case-validity-issue = the day of issue
case-validity-most = as long as the kind of licence allows

# What happened
case-event-submitted = Handed in
case-event-classified = Classified: { $x }
case-event-assigned = Given to { $x }
case-event-assigned_nobody = Given back to the queue
case-event-accepted = Accepted
case-event-watch_listed = On the watch list: { $x }
case-event-asked = Question { $x }
case-event-answered = Answer to question { $x }
case-event-step_began = Step began: { $x }
case-event-step_ended = Step ended: { $x }
case-event-referred_up = Referred upwards
case-event-agency_asked = { $x } was asked
case-event-advised = { $x } advised
case-event-agency_replied = { $x } replied
case-event-agency_silent = { $x } was silent
case-event-condition_overridden = A condition of { $x } was overridden
case-event-noted = Note ({ $x })
case-event-drafted = Draft: { $x }
case-event-conflict_referred = Conflict referred to { $x }
case-event-signed = Signature { $x }
case-event-signature_refused = Sent back unsigned
case-event-decided = Decided; licence { $x }
case-event-decided_nothing = Decided; no licence
case-event-returned = Returned
case-event-withdrawn = Withdrawn
case-event-lapsed = Lapsed
case-event-reopened = Opened again
case-event-amendment_asked = Amendment asked for: { $x } changes
case-event-amendment_accepted = Amendment accepted for decision
case-event-amendment_decided = Amendment decided: { $x }
case-event-appealed = Appealed: case { $x }

# Refusals. In English a refusal tells itself; these stand in the other language.
case-refusal-accepted = { $x }. Accepted: { $y }.
case-refusal-rule = { $x } ({ $y })
case-refused-of = { $x }: { $y }
case-refused-not_found = There is no such case
case-refused-not_allowed = This is not for your part in the case
case-refused-already_decided = The case was decided
case-refused-case_ended = The case is at an end
case-refused-not_ended = The case is not at an end
case-refused-not_assigned = The case is not assigned to you
case-refused-not_supervisor = Only a supervisor does this
case-refused-conflict_not_yours = The conflict is another person’s to decide
case-refused-conflict_unreferred = Agencies differ or are overruled: refer the conflict to a person first
case-refused-appeal_same_person = The same person took part in the decision appealed
case-refused-followed_unknown = The case that it follows is not at hand
case-refused-signer_inactive = Your account is not in service as one that signs
case-refused-signer_grade = The next signature is not of your grade
case-refused-signer_is_author = You drafted it, or cover or are covered by who did
case-refused-signer_signed_before = You have signed it, or cover or are covered by who did
case-refused-signatures_complete = Every signature that is needed was given
case-refused-draft_missing = There is no draft
case-refused-draft_changed = The draft, or what it rests on, changed since you saw it
case-refused-already_accepted = It is accepted already
case-refused-not_accepted = It is not accepted yet
case-refused-registration_no_merits = This kind is not decided on the merits
case-refused-not_registration = It is no registration
case-refused-registration_barred = The rules bar this registration
case-refused-officer_unknown = There is no such officer in service
case-refused-assigned_to_other = Only a supervisor gives a case to somebody else
case-refused-licence_type_unknown = There is no such kind of licence
case-refused-licence_type_none = Nothing is applied for under this kind
case-refused-party_missing = A party is missing
case-refused-cells_missing = There is no cell
case-refused-key_duplicate = A key stands twice
case-refused-key_empty = A key is empty
case-refused-cell_dangling = A cell names what is not there
case-refused-cell_part_wrong = A party does not have this part
case-refused-cell_duplicate = Two cells are the same
case-refused-destination_missing = The destination is missing
case-refused-quantity_missing = The quantity is missing
case-refused-quantity_zero = A quantity of nothing
case-refused-quantity_unit_duplicate = A unit stands twice
case-refused-certificate_dangling = A certificate names nobody of the application
case-refused-inventory_dangling = A stock names nobody of the application
case-refused-follows_wrong = It cannot follow that case
case-refused-text_missing = A text is missing
case-refused-reason_missing = The reason is missing
case-refused-reason_unknown = It is no reason of these rules
case-refused-cell_unknown = There is no such cell
case-refused-good_unknown = There is no such good
case-refused-asked_already = What is missing was asked already, and is asked once
case-refused-question_unknown = There is no such question
case-refused-already_answered = It is answered already
case-refused-step_open = This step is under way
case-refused-step_unknown = This step is not under way
case-refused-party_unknown = There is no such party in the case
case-refused-watch_listed_already = It is recorded as watch-listed already
case-refused-agency_unknown = It is no agency of these rules
case-refused-agency_asked_already = It was asked and has not replied
case-refused-agency_replied_already = Your agency has replied already
case-refused-agency_not_silent = Its time has not run out in silence
case-refused-advice_missing = Advice on a cell is missing
case-refused-condition_unknown = There is no such condition
case-refused-condition_duplicate = A condition stands twice
case-refused-condition_neutral = Who has no part in a cell sets no condition on it
case-refused-phrase_unknown = It is no condition of these rules
case-refused-override_nothing = These are the agency’s own words
case-refused-draft_cell_missing = The draft says nothing of a cell
case-refused-draft_cell_unknown = The case has no such cell
case-refused-draft_term_missing = The months for which the licence is valid are missing
case-refused-licence_lines_many = A licence cannot hold so many lines
case-refused-licence_line_dropped = A line that has been drawn on cannot be left out of the new licence
case-refused-licence_below_used = The quantity is below what has been used already
case-refused-licence_faulty = No licence can be made of it
case-refused-licence_standing = The licence no longer stands as this needs
case-refused-licence_before_issue = The day lies before that of the issue
case-refused-licence_not_general = It is no general licence
case-refused-licence_country_outside = The country is outside what the licence covers
case-refused-draft_unit = The unit is not that of the application
case-refused-draft_quantity = It is not within what is asked for
case-refused-draft_condition_missing = A condition of an agency is missing or reworded
case-refused-draft_condition_forged = The agency did not set it in these words
case-refused-draft_validity = This validity is not what the kind allows
case-refused-agency_not_asked = An agency was not asked
case-refused-agency_pending = An agency has not replied
case-refused-agency_outdated = An agency replied before the application changed
case-refused-questions_open = A question has no answer
case-refused-steps_open = A step is under way
case-refused-amendment_open = An amendment is not decided on
case-refused-amendment_nothing = Nothing differs
case-refused-amendment_key = It changes a key element
case-refused-amendment_licence_type = It is another kind of licence
case-refused-amendment_none = There is no amendment
case-refused-amendment_accepted_already = The amendment is accepted already
case-refused-amendment_not_accepted = The amendment is not accepted yet
case-refused-signatures_missing = A signature is missing
case-refused-licences_wrong = The licences do not fit the decision
case-refused-appeal_none = These rules know no appeal to the authority
case-refused-appeal_nothing_refused = Nothing was refused
case-refused-appeal_late = The time for an appeal is over
case-refused-appealed_already = It is appealed already
case-refused-quantity_blank = A quantity is missing
case-refused-quantity_ambiguous = It can be read in two ways
case-refused-quantity_not_decimal = It is not a plain decimal number
case-refused-quantity_negative = It is negative
case-refused-quantity_fraction = It has too many decimals
case-refused-quantity_too_large = It is too large
case-refused-quantity_unit = It is no unit of this quantity

# Numbers
cases-count = { $n ->
    [one] { $count } case
   *[other] { $count } cases
}
cases-more-than = More than { $count } cases
cases-view-name-fault = Give a name of 1 to { $count } characters.
cases-view-many = You keep { $count } queues already: forget one first.
case-days-left = { $n ->
    [one] { $count } day left
   *[other] { $count } days left
}
case-days-ago = { $n ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
case-stock-of = { $n ->
    [one] Stock lasts { $count } day from receipt; then stops: { $x }
   *[other] Stock lasts { $count } days from receipt; then stops: { $x }
}
case-notice = { $n ->
    [one] { $count } day told to the applicant
   *[other] { $count } days told to the applicant
}
case-with-documents = { $n ->
    [one] { $count } document
   *[other] { $count } documents
}
case-conditions-count = { $n ->
    [one] { $count } condition
   *[other] { $count } conditions
}
case-clocks-show = { $n ->
    [one] { $count } clock, with every day
   *[other] { $count } clocks, with every day
}
case-validity-months = { $n ->
    [one] { $count } month
   *[other] { $count } months
}

problem-case_changed-title = The case has changed
problem-case_changed-text = Something happened to the case since `version`; `errors` says what. Read it again, then decide whether the step still holds.

# What an amendment changes: of what, which field; and the part of a line for which it stands.
changed-of = { $x }: { $y }
changed-as = { $x } ({ $y })
