# General licences: what is published, registrations, returns, audits.
nav-general = General licences
api-group-general = General licences
activity-what-general = A registration with a general licence
general-title = General licences
general-lede = Published for all: register once, keep records, return your uses. No application for each export.
general-lede-authority = Who is registered with a general licence, how it is used, which returns are late, and audits.
general-own = Your registrations
general-users = Registered users
general-filter = Which registrations
general-none = There are none.
general-next = Next page
general-number = Number
general-user = User
general-licence = General licence
general-standing = Standing
general-returns-late = Returns
general-returns-overdue =
    { $n ->
        [one] { $count } return overdue
       *[other] { $count } returns overdue
    }
general-audit-last = Last audit
general-registered = Registered
general-published = What is published
general-published-none = The rules in force publish no general licence.
general-goods = Goods: control codes that begin with
general-destinations = Destinations
general-barred-uses = Not for these end uses
general-from = In force from
general-to = In force to
general-notice = First use
general-notice-before =
    { $n ->
        [one] told at least { $count } day before
       *[other] told at least { $count } days before
    }
general-notice-after =
    { $n ->
        [one] told within { $count } day after
       *[other] told within { $count } days after
    }
general-months =
    { $n ->
        [one] every month
       *[other] every { $count } months
    }
general-returns = Returns of uses
general-returns-within =
    { $n ->
        [one] { $x }, within { $count } day
       *[other] { $x }, within { $count } days
    }
general-records = Records to keep
general-records-years = Kept for
general-years =
    { $n ->
        [one] { $count } year from the end of the year of the export
       *[other] { $count } years from the end of the year of the export
    }
general-rule = Rule
general-register-with = Register with { $x }
general-statements = State for your company
general-confirms = There is: { $x }
general-denies = There is not: { $x }
general-contact-name = Contact
general-contact-email = E-mail of the contact
general-records-at = Where the records are kept and may be inspected
general-register = Register
general-one-title = Registration { $x }
general-contact = Contact
general-terms = What the general licence allows and asks
general-terms-none = The rules in force have it no more: it cannot be used.
general-returns-none = No returns are asked yet.
general-period = Period
general-last-day = Last day
general-filed = Filed
general-differences = Differs from the border
general-both = (customs: { $x }; return: { $y })
general-return-title = File a return
general-return-kind = Uses in the period
general-return-listed = Listed below
general-no-use = No use
general-uses-listed =
    { $n ->
        [one] { $count } use
       *[other] { $count } uses
    }
general-lines = Uses, one on each line
general-lines-hint = Declaration, its line, day, destination, kilograms, pieces where counted: D-1, 1, 2026-03-31, SE, 12.5, 100
general-line = Line { $count }
general-return-button = File the return
general-uses = Uses that customs recorded
general-uses-none = Customs has recorded none.
general-uses-more =
    { $n ->
        [one] and { $count } more
       *[other] and { $count } more
    }
general-declaration = Declaration
general-day = Day
general-codes = Control codes
general-destination = Destination
general-quantities = Quantity
general-noted = Noted
general-audits = Audits
general-audits-none = There was none.
general-audit-title = Audit { $x }
general-audit-period = Exports from – to
general-answer-by = Answer by
general-correct-by = Correct by
general-seed = Sample drawn with
general-sample = Sample: declarations whose records are asked for
general-answer = Answer
general-finding = Finding
general-audit-end = Outcome
general-corrected-how = How it was corrected
general-corrected-button = Say that it is corrected
general-answer-title = Answer the audit
general-documents = Documents
general-documents-hint = Hashes (SHA-256) of documents that you handed in, one on each line.
general-answer-button = Send the answer
general-begin-title = Begin an audit
general-from-day = First day of the exports
general-to-day = Last day of the exports
general-size = How many uses to draw (0 to 50)
general-asked = What is asked of the user
general-begin-button = Draw the sample and ask
general-find-title = Note a finding
general-about = About
general-about-whole = The whole
general-find-button = Note it
general-close-title = End the audit
general-outcome = Outcome
general-close-text = What the user is told
general-close-button = End the audit
general-first-use = Day of the first use
general-notice-button = Tell of it
general-give-up-title = Give the registration up
general-give-up-button = Give it up
general-turn-title = Suspend, reinstate or withdraw
general-deed = What is to be done
general-turn-button = Do it
general-reason = Reason
general-record = What happened
general-do-suspend = Suspend: not to be used for the time being
general-do-reinstate = Reinstate: to be used again
general-do-withdraw = Withdraw: ended for good
general-state-active = Active
general-state-suspended = Suspended
general-state-withdrawn = Withdrawn
general-state-given_up = Given up
general-return-running = Period not over
general-return-due = Due
general-return-overdue = Overdue
general-return-filed = Filed
general-return-filed_late = Filed late
general-audit-asked = Waits for the answer
general-audit-answer_overdue = Answer overdue
general-audit-answered = Answered
general-audit-in_order = In order
general-audit-to_correct = To be corrected
general-audit-correction_overdue = Correction overdue
general-audit-corrected = Corrected, says the user
general-audit-suspended = Ended in suspension
general-outcome-in_order = In order
general-outcome-to_correct = To be corrected by a day
general-outcome-suspended = Registration suspended
general-notice-state-not_asked = Need not be told
general-notice-state-waiting = Not told yet
general-notice-state-due = To be told by
general-notice-state-overdue = Should have been told by
general-notice-state-given = Told on
general-notice-state-given_late = Told late, on
general-mark-late_use = Told after the registration stopped
general-mark-not_in_force = Left while not in force
general-mark-outside_terms = Left outside the terms
general-mark-notice_missing = Left before the notice
general-differs-not_returned = Not in the return
general-differs-not_recorded = Not recorded by customs
general-differs-quantity_differs = The quantity differs
general-differs-destination_differs = The destination differs
general-event-registered = Registered
general-event-suspended = Suspended
general-event-reinstated = Reinstated
general-event-withdrawn = Withdrawn
general-event-given_up = Given up
general-event-first_use_noticed = First use told
general-event-return_filed = Return filed
general-event-audit_begun = Audit begun
general-event-audit_answered = Audit answered
general-event-audit_found = Finding noted
general-event-audit_closed = Audit ended
general-event-audit_corrected = Correction told
general-refused-general_over = This general licence is over
general-refused-general_registered = Your company is registered with it already
general-refused-general_unconfirmed = Confirm each condition that must hold
general-refused-general_undenied = State of each bar that it does not hold
general-refused-general_barred = A condition that is known to hold bars your company
general-refused-general_text = Enter a text of the length that is taken
general-refused-general_email = Enter an e-mail address such as name@company.example
general-refused-general_side = This is for the other side to do
general-refused-general_full = There are as many as there may be
general-refused-general_state = Nothing was changed: the registration stands otherwise than this asks for
general-refused-general_noticed = The first use was told before
general-refused-general_day = Enter a day such as 2026-03-31: for a time to come one after today, within a year
general-refused-general_audit_open = An audit is open: end it first
general-refused-general_period = Enter a first day not after the last, and a last day not after today
general-refused-general_sample = Enter a whole number from 0 to 50
general-refused-general_audit_unknown = There is no such audit that waits for this
general-refused-general_documents = Enter hashes of 64 hexadecimal digits, at most 50
general-refused-general_about = Choose a use of the sample, or the whole
general-refused-general_finding_missing = Nothing was found: the outcome can only be in order
general-refused-general_finding_stands = Findings stand: the outcome cannot be in order
general-refused-general_unheard = The user may still answer: wait for the answer, or for the end of its time
general-refused-general_unknown = There is no such general licence
general-refused-general_user = Your company is not registered here
general-refused-general_deed = Choose what is to be done
general-refused-return_period = Choose a period of the list
general-refused-return_early = This period is not over
general-refused-return_empty = List the uses, or say that there was none
general-refused-return_uses = Uses are listed, and it is said that there was none
general-refused-return_lines = There are more lines than a return may have
general-refused-return_use = the declaration or its line is missing
general-refused-return_twice = this use stands there twice
general-refused-return_day = the day is not in the period
general-refused-return_destination = the destination is not two capital letters
general-refused-return_quantity = the quantity is missing
general-refused-return_form = this is not understood
audit-action-general_registered = Registered with a general licence
audit-action-general_suspended = Suspended a registration with a general licence
audit-action-general_reinstated = Reinstated a registration with a general licence
audit-action-general_withdrawn = Withdrew a registration with a general licence
audit-action-general_given_up = Gave up a registration with a general licence
audit-action-general_first_use_noticed = Told of the first use of a general licence
audit-action-general_return_filed = Filed a return of uses
audit-action-general_used = Recorded a use of a general licence
audit-action-general_audit_begun = Began an audit of a registered user
audit-action-general_audit_answered = Answered an audit
audit-action-general_audit_found = Noted a finding of an audit
audit-action-general_audit_closed = Ended an audit
audit-action-general_audit_corrected = Said that what an audit found is corrected
letter-general_audit = An audit of a registered user
letter-general_changed = Something happened to a registration
licence-users = Registered consignees and end users
licence-users-none = None is registered beside those on the lines.
licence-user-name = Name of the consignee or end user
licence-user-id = Its identifier, where there is one
licence-user-in = Its country or area, two letters
licence-user-button = Register it
licence-user-missing = Enter a name or an identifier
licence-user-country = Enter a destination of the licence, two letters
licence-user-general = Users are registered with a general licence only
