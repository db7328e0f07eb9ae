# Forecasts, enquiries, webhooks and calendars.
forecast-title = How long it may take
forecast-half-nine = Of similar cases half were decided in { $x } days, nine of ten in { $y }.
forecast-half = { $n ->
    [one] Of similar cases half were decided in one day; within how many nine of ten are is not known yet, since too many are still open.
   *[other] Of similar cases half were decided in { $count } days; within how many nine of ten are is not known yet, since too many are still open.
}
forecast-none = Fewer than half of similar cases are decided so far, so that no number of days can be given.
forecast-of = { $n ->
    [one] Counted are calendar days from receipt to decision, of one decided case { $x }, received in the last two years.
   *[other] Counted are calendar days from receipt to decision, of { $count } decided cases { $x }, received in the last two years.
}
forecast-open = { $n ->
    [one] One that is still open counts with the days that it has been so.
   *[other] { $count } that are still open count with the days that they have been so.
}
forecast-like-destination_and_use = of the same kind of licence, destination and end use
forecast-like-destination = of the same kind of licence and destination
forecast-like-use = of the same kind of licence and end use
forecast-like-type = of the same kind of licence
forecast-waited = { $n ->
    [0] This case came in today.
    [one] This case has been open for one day.
   *[other] This case has been open for { $count } days.
}
forecast-beyond = It has taken longer than nine of ten similar cases did.
forecast-few = { $n ->
    [0] No similar case has been decided in the last two years: too few for a forecast, which needs { $x } of several applicants.
    [one] One similar case was decided in the last two years: too few for a forecast, which needs { $x } of several applicants.
   *[other] { $count } similar cases were decided in the last two years: too few, or of too few applicants, for a forecast, which needs { $x } of several applicants.
}

nav-enquiries = Enquiries
enquiries-title = Enquiries
enquiries-lede = What you asked the authority, and what it answered: both stay on record.
enquiries-lede-authority = What parties ask, those that have waited longest first. Question and answer stay on record.
enquiries-filter = Which enquiries
enquiries-none = There are none.
enquiries-next = Next page
enquiries-new = Ask something
enquiry-new-lede = The question, the answer and the day of each stay on record.
enquiry-good-title = Is my good controlled?
enquiry-good-text = Say what it is and what it is made of. What the control list finds in that is shown at once and binds nobody; an officer then answers.
enquiry-good = Name of the good
enquiry-hs = HS code
enquiry-composition = Composition in % by mass, such as Nd=28.5;Dy=1.6
enquiry-text-good = What you want to know, and what else helps to answer it
enquiry-good-button = Ask about the good
enquiry-case-title = Where is my case?
enquiry-case-text = You are told at once where it stands. If that is not enough, ask on there, and an officer answers.
enquiry-case-number = Number of the case
enquiry-case-button = Ask where it stands
enquiry-asker = Asked by
enquiry-subject = About
enquiry-asked = Asked
enquiry-changed = Last entry
enquiry-state = State
enquiry-number = Number
enquiry-state-open = Waits for an answer
enquiry-state-answered = Answered
enquiry-about-classification = Is it controlled?
enquiry-about-case = Where does it stand?
enquiry-record = On record
enquiry-entry-asked = Question
enquiry-entry-asked_on = Further question
enquiry-entry-stated = Stated by the platform
enquiry-entry-answered = Answer of the authority
enquiry-found-controlled = Controlled
enquiry-found-not_controlled = Not controlled
enquiry-found-refer = More must be stated first
enquiry-found-unknown = Not known
enquiry-listed = What the control list of { $x } finds in the description: { $y }. This is no answer of the authority.
enquiry-codes = Control codes
enquiry-codes-hint = One a line; only where the good is controlled.
enquiry-finding = What was found
enquiry-binding = How far this binds
enquiry-stands = State of the case
enquiry-stands-received = Received, not accepted yet
enquiry-stands-review = Under review
enquiry-stands-decided = Decided
enquiry-stands-returned = Returned without a decision
enquiry-stands-withdrawn = Withdrawn
enquiry-stands-lapsed = Lapsed
enquiry-acts = Who must act next
enquiry-acts-applicant = You: a question waits for your answer
enquiry-acts-authority = The authority
enquiry-acts-step = Nobody until a step that you were told of ends
enquiry-acts-nobody = Nobody
enquiry-due = In time until
enquiry-due-none = No limit runs now
enquiry-case-open = Open the case
enquiry-answer-title = Answer
enquiry-answer-text = Your answer
enquiry-answer-button = Answer on record
enquiry-on-title = Ask on
enquiry-on-text = What else you want to know
enquiry-on-button = Ask on record
enquiry-waits = An officer will answer. You will see it here.
refusal-enquiry_text = Give a text of the length that is taken
refusal-enquiry_codes = Give the control codes of a good that is controlled, and none of any other
refusal-enquiry_finding = Say what was found about the good
refusal-enquiry_answered = This enquiry is answered; it can be answered again when the party asks on
refusal-enquiry_waits = The question before waits for its answer
refusal-enquiry_full = This enquiry is full; make a new one
refusal-enquiry_case = There is no case of yours with this number
refusal-enquiry_many = As many of your enquiries as may wait do so; ask again when one is answered
refusal-enquiry_asker = Your company is not registered here
field-good = Name of the good
field-hs = HS code
field-composition = Composition
field-text = Text
field-codes = Control codes
field-finding = What was found
field-number = Number of the case
api-group-enquiry = Enquiries
audit-action-enquiry_asked = Asked the authority something
audit-action-enquiry_asked_on = Asked on
audit-action-enquiry_answered = Answered an enquiry
audit-action-enquiry_read = Read an enquiry
activity-what-enquiry = Your enquiry

nav-webhooks = Webhooks
webhooks-title = Webhooks
webhooks-lede = What happens to your cases and enquiries is told to a program of yours at once: what, when, and the number. Messages are signed (Standard Webhooks).
webhooks-none = There is none yet.
webhook-title = Webhook
webhook-url = Address
webhook-made = Made
webhook-made-by = By
webhook-make = Add a webhook
webhook-make-text = The address begins with https:// and is reached over the internet. You are then shown the secret with which your program checks messages, this once.
webhook-make-anywhere = Any address that this server reaches, also over http://. You are then shown the secret with which your program checks messages, this once.
webhook-once-title = The secret of the webhook
webhook-once-text = With it your program checks that a message is ours. Keep it where only that program reads it: it is shown this once.
webhook-before-until = The secret before signs as well until
webhook-resume = Send again
webhook-try = Send a try
webhook-rotate = Make a new secret
webhook-remove = Remove the webhook
webhook-state-active = Active
webhook-state-off = Off: the receiver wants no more messages
deliveries-title = Messages of late
deliveries-none = Nothing was sent yet.
delivery-event = What happened
delivery-made = When
delivery-answer = Answer of the receiver
delivery-state-waiting = Waits
delivery-state-delivered = Delivered
delivery-state-failed = Failed
refusal-webhook_url = This is no address of the form https://name/path, without user, password and fragment
refusal-webhook_https = The address must begin with https://
refusal-webhook_inner = The address must be one of the internet
refusal-text_many = There are as many as there may be
field-url = Address
job-kind-webhook = Message to a webhook
api-group-webhook = Webhooks
audit-action-webhook_made = Added a webhook
audit-action-webhook_rotated = Made a new secret of a webhook
audit-action-webhook_resumed = Let a webhook take messages again
audit-action-webhook_removed = Removed a webhook
audit-action-webhook_tried = Sent a try to a webhook
audit-action-webhook_gone = A webhook was switched off, as its receiver asked

calendar-title = Due days in your calendar
calendar-lede = The due days of your open cases, and the last days of your licences and of the reports that you owe.
calendar-nothing = Nothing is due to you.
calendar-day = Day
calendar-what = What is due
calendar-more =
    { $n ->
        [one] One later day is not shown.
       *[other] { $count } later days are not shown.
    }
calendar-link-title = Link for your calendar program
calendar-link-text = A private link that has the same days, by number. Whoever has the link sees them, without signing in.
calendar-none = There is no link.
calendar-made = There is a link, made { $x }.
calendar-make = Make a link
calendar-again = Make another link; the present one ends
calendar-revoke = End the link
calendar-once-title = Your calendar link
calendar-once-text = Subscribe to it in your calendar program. It is shown this once; whoever has it sees your due days.
calendar-name = Due days
calendar-due = Decision due: { $x }
calendar-decision = Decision in time until today: { $x }
calendar-answer = A question waits for your answer; decision in time until today: { $x }
calendar-stock = Stock runs out: { $x }
calendar-licence = Last day of licence { $x }
calendar-advice = Your agency's advice due: { $x }
calendar-advice-of = Advice due: { $x }, { $y }
calendar-duty = Last day of a report ({ $x }): licence { $y }
calendar-link = Due days in your calendar
audit-action-calendar_link_made = Made a link to the own calendar
audit-action-calendar_link_revoked = Ended the link to the own calendar
