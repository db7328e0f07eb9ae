# Applications as their applicant writes, hands in and follows them.
nav-applications = Applications
applications-title = My applications
applications-lede = What you are writing, and what you have handed in: what happens with it, and what waits for you.
applications-new = New application
applications-drafts = Not handed in yet
applications-cases = Handed in
applications-none = Nothing has been handed in yet.
applications-count = { $n ->
    [one] One case, the most urgent first.
   *[other] { $count } cases, the most urgent first.
}
apply-draft = Draft
apply-amendment = Amendment
apply-untyped = Application
apply-unnamed = Without a name
apply-nothing = Nothing
apply-choose = Choose
apply-changed = Last changed { $x } by { $y }
apply-working = Sending …
apply-column-number = Case
apply-column-goods = Goods
apply-column-state = State
apply-column-waits = Waits for
apply-column-due = Due
apply-column-received = Received
apply-column-element = What changes
apply-column-before = Now
apply-column-after = Then
apply-column-key = Key element

apply-state-received = Received
apply-state-review = In review
apply-state-decided = Decided
apply-state-returned = Returned
apply-state-withdrawn = Withdrawn
apply-state-lapsed = Lapsed
apply-waits-applicant = You
apply-waits-step = An examination
apply-waits-authority = The authority
apply-waits-nobody = Nobody
apply-waits-long-applicant = It waits for you: answer the question below
apply-waits-long-step = It waits for an examination
apply-waits-long-authority = It waits for the authority
apply-ended-decided = It is decided
apply-ended-licensed = It is licensed
apply-ended-refused = It is refused
apply-ended-no_licence = No licence is required
apply-ended-returned = It was returned to you
apply-ended-withdrawn = You took it back
apply-ended-lapsed = It lapsed
apply-done-handed_in = It is handed in. This page tells what happens with it; you need not do anything now.
apply-done-answered = Your answer is handed in.
apply-done-withdrawn = The application is taken back.
apply-done-removed = The draft is removed.

apply-new-title = New application
apply-new-lede = Nothing is handed in before you have seen everything on one page. What you write is kept, and your colleagues can go on with it.
apply-new-button = Begin
apply-choose-type = Choose a kind of licence
apply-again-title = The same as last time
apply-again-from = Begin with what was asked for in
apply-again-hint = Goods, parties, uses and documents are taken over. Stocks and end users’ certificates are not: they were of that time.
apply-again-button = Begin with that
apply-appeal = Appeal the decision
apply-appeal-until = You can appeal until { $x }, that day included. Who appeals says what is wrong with the decision; others than those who made it decide.
apply-again-case = Apply for the same again
apply-earlier-draft = Draft · { $x } · { $y }
apply-limit-drafts = There are { $count } drafts already. Hand in or remove some of them first.
apply-type-registration = registered by the rules, without a decision on the merits
apply-type-months = { $n ->
    [one] valid for up to one month
   *[other] valid for up to { $count } months
}
apply-type-days = { $n ->
    [one] valid for one day
   *[other] valid for up to { $count } days
}
apply-type-exports = { $n ->
    [one] for one export
   *[other] for up to { $count } exports
}
apply-type-end-users = { $n ->
    [one] for one end user
   *[other] for up to { $count } end users
}

apply-back = All parts of the application
apply-back-part = Back
apply-next = Go on to: { $x }
apply-change = Change
apply-save = Save
apply-save-another = Save and add another
apply-remove = Take this out
apply-remove-draft = Remove this draft
apply-remove-text = What is written here is then gone, for your colleagues too. It cannot be brought back.
apply-rest-saved = Everything else is saved. What is marked below is not, and stands as you typed it.
apply-autosaving = Saving …
apply-autosaved = Saved { $x }
apply-autosave-failed = It could not be saved just now. Use the Save button.
apply-autosave-stale = Somebody else changed this meanwhile, so it was not saved. Use the Save button to see both.
apply-handed-in-meanwhile = It was handed in meanwhile, as case { $x }.
apply-stale-title = Somebody else changed this meanwhile
apply-stale-by = Changed by { $x }, { $y }.
apply-stale-text = Nothing was saved, and nothing is lost: the fields hold what you typed, and beneath each stands what is there now where it differs. Save to put yours in its place.
apply-stale-gone = It was taken out meanwhile. Save to put it in again as it stands here.
apply-stale-theirs = Leave it as it is there
apply-stale-now = There now: { $x }
apply-amends-text = This amends case { $x }. What you change here is worked out when you hand it in.

apply-part-type = Kind of licence and contact
apply-part-goods = Goods
apply-part-parties = Consignees, end users and others
apply-part-uses = End uses
apply-part-cells = What is asked for
apply-part-documents = Documents
apply-part-certificates = End users’ certificates
apply-part-stock = Stocks that run out
apply-part-hint-type = What you apply for, and whom to ask
apply-part-hint-goods = What is exported
apply-part-hint-parties = Who receives, uses or handles it
apply-part-hint-uses = What it is used for
apply-part-hint-cells = How much of which good, to whom, for what, where
apply-part-hint-documents = What the rules ask for
apply-part-hint-certificates = What each end user promises
apply-part-hint-stock = How long the end user can go on without it
apply-part-state-done = Complete
apply-part-state-todo = To be filled in
apply-part-state-optional = Nothing yet
apply-part-state-gaps = { $n ->
    [one] One thing open
   *[other] { $count } things open
}
apply-lede-goods = Each good that differs in composition, grade or form is one of its own.
apply-lede-parties = Everybody who takes part, each once. Whoever only handles or works the goods on the way is listed as intermediate.
apply-lede-uses = What the goods, or what is made of them, are used for.
apply-lede-cells = One line for each good, consignee, end user, use and destination. Each is decided on by itself.
apply-lede-documents = Documents are stored encrypted and scanned for viruses; until a document is found clean nobody opens it.
apply-lede-certificates = Each end user certifies what it will do with the goods.
apply-lede-stock = Not asked by law, and it helps: an officer sees what stops if the answer comes late.
apply-none-goods = No good is listed yet.
apply-none-parties = Nobody is listed yet.
apply-none-uses = No use is listed yet.
apply-none-cells = Nothing is asked for yet.
apply-none-documents = No document is handed in yet.
apply-none-certificates = No certificate is listed yet.
apply-none-stock = No stock is listed yet.
apply-add-goods = Add a good
apply-add-parties = Add a party
apply-add-uses = Add a use
apply-add-cells = Add a line
apply-add-documents = Document
apply-add-certificates = Add a certificate
apply-add-stock = Add a stock
apply-add-type = Kind of licence and contact
apply-entry-type = Kind of licence and contact
apply-entry-goods = Good
apply-entry-parties = Party
apply-entry-uses = End use
apply-entry-cells = What is asked for
apply-entry-documents = Document
apply-entry-certificates = End user’s certificate
apply-entry-stock = Stock that runs out
apply-entry-lede-cells = Numbers have digits and one decimal point, as in 1000.5, without anything between thousands.
apply-certificates-without = Still without a certificate:

apply-field-licence_type = Kind of licence
apply-field-ground = Ground of the registration
apply-field-appeal_grounds = Why you appeal
apply-field-meets = What holds of your company
apply-field-reference = Your own reference
apply-field-route = How the goods go
apply-field-contact_name = Whom to ask: name
apply-field-contact_email = Whom to ask: e-mail
apply-field-name = Name
apply-field-hs = HS or CN code
apply-field-grade = Grade
apply-field-form = Form
apply-field-origin = Country of origin
apply-field-composition = Composition, % by mass
apply-field-parameters = Other parameters
apply-field-control_codes = Control codes
apply-field-unit_mass_mg = Mass of one piece, g
apply-field-parts = Part
apply-field-local_name = Name in its own script
apply-field-country = Country
apply-field-address = Address
apply-field-identifiers = Identifiers
apply-field-website = Web address
apply-field-code = Use
apply-field-text = In words
apply-field-good = Good
apply-field-consignee = Consignee
apply-field-end_user = End user
apply-field-end_use = End use
apply-field-destination = Destination
apply-field-net = Net mass
apply-field-written = Unit
apply-field-element-kind = Mass of
apply-field-element = Element
apply-field-amount = Amount
apply-field-pieces = Pieces
apply-field-value = Value
apply-field-currency = Currency
apply-field-quantities = Quantity
apply-field-number = What it is
apply-field-date = Date on it
apply-field-id = Number of the certificate
apply-field-days = Days that the stock lasts
apply-field-stops = What stops then
apply-hint-appeal_grounds = What is wrong with the decision, reason by reason. What is new belongs here, and its documents under Documents.
apply-hint-reference = Whatever you call it; it stands on letters beside the case number.
apply-hint-route = Ports, carriers and stops on the way, as far as you know them.
apply-hint-name = As on invoices and papers.
apply-hint-hs = Digits, as in 8505.11.
apply-hint-grade = As the maker calls it, as in N42UH.
apply-hint-origin = Two letters, as in DE.
apply-hint-country = Two letters, as in DE.
apply-hint-destination = Two letters, as in DE.
apply-hint-composition = One element or oxide in each line, as in Nd=28.5. Less than a limit: Dy<0.01.
apply-hint-control_codes = Those that you think apply, with commas between them. The list in force is asked as well.
apply-hint-unit_mass_mg = Where it is sold by the piece.
apply-hint-identifiers = One in each line, with its scheme, as in lei:529900T8BM49AURSDO55.
apply-hint-text = What is made of it, where, and for whom.
apply-hint-date = As in 2026-05-03.
apply-hint-days = From the day on which you hand in.
apply-hint-stops = As in: line 3 for steering motors, 240 people.
apply-hint-element = Its symbol, as in Dy.
apply-hint-currency = Three letters, as in EUR.
apply-hint-id = As it stands on the certificate.
apply-legend-identity = What it is
apply-legend-net = Net mass
apply-legend-value = Value
apply-legend-parameters = Further data that the control list may ask for
apply-legend-content = { $n ->
   *[other] Contained mass { $count }
}
apply-party-consignee = Consignee: receives the goods
apply-party-end_user = End user: uses them, or what is made of them
apply-party-intermediate = Intermediate: handles or works them on the way
apply-unit-content = the element contained
apply-unit-oxide = the element as its oxide
apply-unit-net_mass = net mass
apply-unit-pieces = pieces
apply-unit-value = value
apply-unit-asked = Asked for by { $x }.
apply-certificate-unknown = it is not known
apply-certificate-expired = it has run out
apply-certificate-revoked = it was revoked
apply-certificate-not_signed = it is not signed yet
apply-certificate-corrected = the end user states something otherwise; answer that first
apply-certificate-void = what was signed was changed since
apply-certificate-declined = the end user declined
apply-days = { $n ->
    [one] one day
   *[other] { $count } days
}

apply-fault-quantity_blank = a quantity is missing. Give a number above 0.
apply-fault-quantity_ambiguous = “{ $x }” can be read in two ways. Give digits and one decimal point, as in 1000.5.
apply-fault-quantity_not_decimal = “{ $x }” is not a plain number. Give digits and one decimal point, as in 1000.5.
apply-fault-quantity_negative = “{ $x }” is below nothing. Give a number above 0.
apply-fault-quantity_zero = nothing at all is asked for. Give a number above 0.
apply-fault-quantity_fraction = “{ $x }” is finer than this unit goes. Pieces take whole numbers, masses go to the milligram, values to the hundredth.
apply-fault-quantity_too_large = “{ $x }” is too large. At most 9,000,000 t, or 9,000,000,000,000,000 pieces.
apply-fault-quantity_unit = the unit is not one of this quantity.
apply-fault-element = “{ $x }” is no symbol of an element. Give one as in { $y }.
apply-fault-currency = “{ $x }” is no currency. Give three letters as in { $y }.
apply-fault-date = “{ $x }” is no day. Give it as in { $y }.
apply-fault-days = “{ $x }” is no number of days. Give a whole number from 0 to { $y }.
apply-fault-choose = choose one. Where there is none to choose, list the party as end user first.
apply-fault-too_long = this is too long. At most { $y } characters.

apply-document-asked = Asked for
apply-document-advised = Asked for in some cases
apply-document-extra = If you have any
apply-document-other = Other documents
apply-document-given = Handed in
apply-document-download = Download
apply-file = File (at most { $x })
apply-file-button = Hand in
apply-file-missing = Choose a file first.
apply-document-too-large = The file is larger than { $x }. Save it with smaller pictures, or split it.
apply-document-fault-document_empty = The file is empty.
apply-document-fault-document_name = The file has no name that can be kept.
apply-document-fault-document_extension = Files of this kind are not taken: PDF, pictures, Word, Excel, OpenDocument, text, CSV and XML are.
apply-document-fault-document_kind = What is in the file is not what its name says. Save it anew in the form that its name says.
apply-document-fault-case_documents = An application may have at most 200 documents. Put several into one.
apply-document-fault-case_bytes = The documents of an application may have at most 500 MB together. Save pictures smaller.
apply-document-fault-document_day_full = Your company has handed in as much as it may in a day. Go on tomorrow.
apply-scan-waiting = Being scanned
apply-scan-clean = Clean
apply-scan-infected = Infected: hand in a clean copy
apply-scan-failed = Could not be scanned
apply-scan-absent = Not in the store: hand it in again

apply-check-title = Check and hand in
apply-check-link = Check and hand in
apply-check-complete = Nothing is missing.
apply-check-open = { $n ->
    [0] Nothing is missing; some things would be asked about.
    [one] One thing is missing.
   *[other] { $count } things are missing.
}
apply-check-days = { $n ->
    [one] An application like this usually loses one day to questions.
   *[other] An application like this usually loses { $count } days to questions.
}
apply-check-stale = { $x } changed the draft ({ $y }) after you opened this page. Nothing was handed in. Below is how it stands now: look at it, then hand it in.
apply-gaps-title = What is missing
apply-gaps-lede = Everything at once. Each line leads to the very field; beside it stands what such a gap usually costs. What is asked for is asked for together, so that the worst of them counts, not their sum.
apply-blocked = { $n ->
    [one] It cannot be handed in yet: one thing keeps it from being a case at all.
   *[other] It cannot be handed in yet: { $count } things keep it from being a case at all.
}
apply-said-title = What the application says
apply-said-open = Show the application
apply-hand-in-text = What you hand in cannot be changed any more but by an amendment. You answer for its being true.
apply-hand-in-gaps = You can hand it in as it is. The authority will then ask for what is missing, and its time stands still until you answer.
apply-hand-in-blocked = Mend first what keeps it from being a case; then it can be handed in here.
apply-hand-in = Hand in
apply-hand-in-amendment = Ask for this amendment
apply-changes-title = What the amendment changes
apply-changes-none = Nothing differs from the case yet.
apply-changes-plain = No key element changes: it is asked for in the case itself, and an officer decides on it.
apply-changes-key = A key element changes. By the rules that needs a new application: it is handed in as one that follows the case.
apply-key = Key
apply-not-key = No

apply-case-title = Case { $x }
apply-due = Due { $x }
apply-due-resumed = If you answered today: { $x }
apply-stock-out = The shortest stock runs out
apply-licences = Licences
apply-question = Question { $count }
apply-question-completeness = What was missing
apply-answer = Your answer
apply-answer-button = Hand in the answer
apply-answer-files = Documents, if any
apply-answer-files-hint = Several may be chosen, each at most { $x }.
apply-answered = Answered { $x }
apply-outcome-title = The decision
apply-decided-approve = Licensed
apply-decided-refuse = Refused
apply-decided-no-licence = No licence required
apply-conditions = Conditions
apply-amendments-title = Amendments
apply-amendment-open = Being looked at
apply-amendment-taken = Taken
apply-amendment-refused = Refused
apply-changed-value = { $x }: “{ $y }” → “{ $z }”
apply-amended-differences = { $n ->
    [one] One thing differs.
   *[other] { $count } things differ.
}
apply-notes-title = Notes of the authority to you
apply-happened-title = What happened
apply-by-you = you
apply-by-authority = the authority
apply-do-title = What you can do
apply-amend = Amend it
apply-amend-text = An amendment is written like an application. What differs is worked out: without a key element it is decided on within this case, with one it becomes a new application.
apply-withdraw = Take the application back
apply-withdraw-text = The case then ends, and no licence comes of it. You can apply again at any time.
apply-withdraw-reason = Why, if you wish to say
apply-follows-appeal = Appeals case { $x }.
apply-follows-key_change = Changes case { $x } in a key element.
apply-follows-again = Asks for the same as case { $x }.
apply-step-identification = Identification of the goods
apply-step-expert = Opinion of experts
apply-step-verification = Verification on site
apply-event-submitted = Handed in
apply-event-classified = Classified by the list in force
apply-event-accepted = Found complete and accepted
apply-event-asked = You were asked
apply-event-answered = Answered
apply-event-step_began = An examination began
apply-event-step_ended = An examination ended
apply-event-noted = A note to you
apply-event-decided = Decided
apply-event-returned = Returned
apply-event-withdrawn = Taken back
apply-event-lapsed = Ended by time
apply-event-reopened = Opened again
apply-event-amendment_asked = Amendment asked for
apply-event-amendment_accepted = Amendment accepted for decision
apply-event-amendment_decided = Amendment decided on
apply-event-appealed = Appealed
apply-refused-text_missing = The answer says nothing. Write it down first.
apply-refused-already_answered = The question was answered meanwhile, by a colleague of yours. What you typed was not taken; it still stands here.
apply-refused-question_unknown = There is no such question.
apply-refused-case_ended = The case is at its end; nothing of it changes any more.
apply-refused-already_decided = The case was decided meanwhile; nothing of it changes any more.
apply-refused-amendment_open = An amendment is on its way already. Wait for the decision on it.
apply-refused-amendment_nothing = Nothing differs from the case: there is nothing to amend.
apply-refused-amendment_licence_type = Another kind of licence needs a new application.
apply-refused-registration_barred = This kind of registration is barred to your company. Apply for a licence instead.
apply-refused-follows_wrong = The case that it follows is not one of yours.

api-group-application = Applications and cases
problem-changed_meanwhile-title = Changed meanwhile
problem-changed_meanwhile-text = Somebody changed it since the revision that was named. Nothing was changed; the answer holds what stands there. Look at it, and send the change again with its revision.
audit-action-draft_made = Began a draft of an application
audit-action-draft_removed = Removed a draft of an application
