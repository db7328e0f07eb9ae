# The law: packs, control lists, classification, clocks, and the desk at which it is changed.

law-pack = Regime
law-citation = Rule
confidence-high = sure
confidence-medium = check before relying on this
confidence-low = from memory: check before relying on this

# The statutory clock
clock-title = When is the answer due?
clock-lede = Say what has happened in a case. The answer names the due date and accounts for every day: counted, or why not.
clock-now = As of
clock-now-hint = Empty means the last event.
clock-events = What has happened
clock-events-hint = In the time of { $x }. Leave a line empty that you do not need.
clock-event-row = Event { $x }
clock-event-at = When
clock-event-kind = What
clock-event-agency = Agency
clock-event-notice = Notice, days
clock-button = Work it out
clock-answer = The clocks
clock-none = None of these events starts a clock of this regime.
clock-due = Due: { $x }
clock-due-between = between { $x } and { $y }
clock-due-from = not before { $x }
clock-due-none = no limit
clock-provisional = Provisional: the calendar is published up to { $x }. The date is worked out anew when the next year is published.
clock-starts = Day zero
clock-by = { $x } ({ $y })
clock-deemed = Deemed
clock-deemed-text = Nobody acted in time; the law takes the step as done.
clock-limit = Limit
clock-used = Days used
clock-left = Days left
clock-ended = Ended
clock-removed = Without limit since
clock-by-notice = Due if the stop takes as long as its notice says
clock-breach = If the limit passes
clock-binding = The limit is
clock-proof = Every day, and why it counts or does not
clock-proof-of = Days of: { $x }
clock-column-counts = Counts
clock-column-why = Why
clock-day-number = day { $x }
clock-fault-at = `{ $x }` is no day and time; give one such as 2025-04-07T09:12
clock-state-running = running
clock-state-stopped = stopped
clock-state-unlimited = no limit
clock-state-met = met
clock-state-overdue = overdue
unit-working_day = working days
unit-calendar_day = calendar days
breach-record_overdue = it is recorded as overdue; nothing is granted by silence
breach-deemed_accepted = the application is deemed accepted from its receipt
breach-deemed_no_objection = whoever was asked is deemed not to object
breach-escalate = the case goes to the next higher body
binding-statutory = statutory
binding-target = a published target
binding-none = left to other law
day-day_zero = day zero: counting begins the day after
day-no_limit = no limit any more
day-stopped = the clock is stopped
day-stop_without_notice = counts: the stop has no written notice of its length
day-calendar_day = calendar day
day-working_day = working day
day-rest_day = weekend
day-public_holiday = holiday
day-make_up_workday = make-up working day
day-unpublished = not published yet

# The same application in every regime
regimes-title = One application, every regime
regimes-lede = Received and accepted on the same day: when the answer is due, and how it can end, by the rules of each pack.
regimes-received = Received and accepted on
regimes-due = Answer due
regimes-outcomes = Possible outcomes
regimes-clock = Work out a case with its own events

# The control list
law-fault-date = `{ $x }` is no day; give one such as 2025-04-04
list-title = Control list
list-as-of = In force on
list-known-at = As known on
list-known-hint = “As known on” leaves out what was published later. Empty means everything that the pack knows.
list-search = Code, element or words
list-button = Show
list-dates = Days on which something changes
list-changes = What changed last
list-csv = Download as CSV
list-none = No item has these words.
list-item = Item
list-wording = Wording
list-source = Rule
list-hs = HS, a hint only: { $x }
list-read-in = Where it was read
item-in_force = in force
item-suspended = suspended
item-unknown = not known
item-not_yet = not yet in force
item-not_published = not yet published
item-ended = ended
changes-title = What changes between two days
changes-lede = Items that stand otherwise on the second day than on the first.
changes-from = First day
changes-to = Second day
changes-button = Compare
changes-count = { $x } items changed, { $y } did not.
changes-before = On the first day
changes-after = On the second day

# Is my good controlled?
controlled-title = Is my good controlled?
controlled-lede = Describe it as on its data sheet. The answer names the items that mean it, the words that matched, and the rule; nothing of it is stored.
controlled-as-of = Exported on
controlled-name = What is it?
controlled-name-hint = For example “N42UH ring magnet, NdFeB” or “dysprosium oxide 99.5 %”
controlled-form = Form
controlled-form-by-name = as its name says
controlled-grade = Grade of a magnet
controlled-hs = HS code
controlled-origin = Made in (two letters)
controlled-composition = Composition, % by mass
controlled-composition-hint = Elements or oxides by assay, for example Nd=28.5; Dy=2.1; Tb<0.01
controlled-parameters = More parameters: purity, density, diffusion, tests
controlled-button = Look it up
controlled-by = By the list of { $x }, on { $y }.
controlled-matched = Matched
controlled-limit = Limit
controlled-refer = To decide, this is needed
controlled-check = Check before relying on this
controlled-api = Many goods at once: the API
verdict-controlled = Controlled
verdict-not_controlled = Not controlled
verdict-unknown = Not known
verdict-refer = Cannot be told yet
fact-element = element
fact-kind = kind of material
fact-family = magnet family
fact-grade = grade
fact-term = term of the item
fact-wording = wording of the item
fact-assay = assay
fact-partner = alloy partner
nav-controls = Controls
nav-sign-in = Sign in
nav-law = Law

# The desk at which the law is changed
law-title = Packs and their versions
law-lede = What is law here, and drafts of what it is to be. A draft is checked, replayed over the exports of the last twelve months, and published by somebody else than its author.
law-in-force = In force: { $x }, { $y } control items.
law-carried = the pack as delivered
law-version = version { $x }
law-about = What it is about
law-author = Author
law-decision = Decision
law-decided = { $x } by { $y }
law-new-title = What is the new version about?
law-new = Begin a draft
law-state-draft = draft
law-state-proposed = proposed
law-state-published = published
law-state-withdrawn = given up
law-version-title = { $x }, version { $y }
law-replay = Replay the last twelve months
law-check = Check
law-faultless = No fault found; the pack answers its own test cases.
law-faults = { $n ->
    [one] One fault. It must be repaired before the version is proposed.
   *[other] { $n } faults. They must be repaired before the version is proposed.
}
law-redline = What it changes
law-no-change = No item differs from the list in force.
law-change-added = new
law-change-removed = taken out
law-change-changed = changed
law-files = Files
law-changed = changed
law-propose = Propose
law-withdraw = Give it up
law-waits = It waits for a supervisor other than its author.
law-publish = Publish
law-send-back = Send back
law-back = Back to the version
law-file-title = { $x }, version { $y }
law-text = Text
law-save = Save
law-find = Find rows
law-rows = { $n ->
    [one] One row
   *[other] { $n } rows
}
law-add-row = Add a row
law-row-title = { $x }, row { $y }
law-remove-row = Take this row out
law-refused-changed_meanwhile = It was changed meanwhile; look at it again.
law-refused-own_review = Who wrote a version does not publish it: somebody else must.
law-refused-not_author = Only its author, { $x }, may change, propose or give it up.
law-refused-state = That step does not follow from the state it is in.
law-refused-pack_faults = The pack has { $x } faults; repair them first.
law-refused-title = Say in 1 to 200 characters what it is about.
law-refused-draft = Not changed: { $x }

# The replay
replay-title = What would change
replay-sentence = { $x } of { $y } exports get another answer on { $z }.
replay-window = Exports from { $x } to { $y }, each judged by the list in force and by the draft.
replay-on = As of
replay-button = Replay
replay-products = products
replay-parties = companies
replay-licences = licences concerned
replay-would-need = exports that would need a licence and named none
replay-nothing = No export gets another answer.
replay-product = Product
replay-before = In force
replay-after = Draft
replay-exports = Exports
replay-who = Who
replay-cases = Licences
replay-lots = Some lots
replay-without = { $n ->
    [one] one without a licence
   *[other] { $n } without a licence
}
replay-change-became_controlled = becomes controlled
replay-change-no_longer = no longer controlled
replay-change-other_item = another item
replay-change-other_answer = another answer
replay-companies = { $n ->
    [one] one company
   *[other] { $n } companies
}
replay-licensed = { $n ->
    [one] one licence
   *[other] { $n } licences
}
