# The pages, and the pieces that several of them share.

another-party = another party
more-count = and { $count } more
rows-count = { $n ->
    [0] whole file
    [one] 1 row
   *[other] { $count } rows
}
accepted-label = What to do:
date-hint = For example 2025-05-03
filter-all = All
filter-button = Filter
country-or-area = country or area { $x }

column-accepted = What to do
column-bounds = Range
column-column = Column
column-concerns = Concerns
column-content = Content
column-counterparty = Other party
column-date = Date
column-detail = Details
column-element = Element
column-expected = Expected
column-fault = What is wrong
column-filing = Filing
column-filings = Filings
column-finding = Finding
column-kind = Kind
column-line = Line
column-lot = Lot
column-mass = Net mass
column-month = Month
column-observed = Stated
column-origin = Origin
column-party = Party
column-role = Leg
column-severity = Severity
column-share = Share
column-site = Site
column-stage = Stage
column-state = State
column-total = Total
column-use = Used for

stat-filings = filings
stat-first-date = first filing date
stat-faults = faults since the start
stat-hours = hours since the start
stat-last-date = last filing date
stat-lots = lots
stat-lots-held = lots in stock
stat-parties = parties
stat-rows = rows filed
stat-sessions = open sessions
stat-sites = sites
stat-started = started
stat-version = version

home-title = Home
home-filer-caption = Your book
home-todo = To do
home-case-yours = Case { $x } waits for your answer
home-case-about = { $x }; to { $y }
home-case-overdue = Case { $x } is overdue since { $y }
home-case-due = Case { $x } is due on { $y }
home-count-drafts = Applications not handed in yet
home-text-drafts = Go on writing, check them and hand them in.
home-count-to_sign = Cases that wait for a signature
home-text-to_sign = Read what is to be decided, and sign it or send it back.
home-count-mine = My open cases
home-text-mine = The most urgent first, by clock and stock.
home-count-open = Open cases
home-text-open = The most urgent first, by clock and stock.
home-count-nobodys = Cases that nobody has taken
home-text-nobodys = Their clocks run.
home-count-enquiries = Enquiries to answer
home-text-enquiries = The enquirer waits for an answer on record.
home-count-registrations = Companies to verify
home-text-registrations = They asked to be registered.
home-office-none = Nothing to do. No case waits for you.
home-todo-none = Nothing to do. There are no open findings in your book.
home-file-title = File a batch
home-file-text = Upload a file of filings. You see what would happen before anything is filed.
home-file-button = File a batch
home-all-stock = More lots in stock
home-all-filings = More filings in my book
home-no-book = Nothing is on record for this party yet. Your first batch opens the book.
home-authority-title = The state of the record
home-period = Filings dated { $x } to { $y }
home-serious = The most serious findings
home-all-findings = { $n ->
    [one] See the finding
   *[other] See all { $count } findings
}
home-operator-title = The installation
home-operator-text = How the service is doing. Trade data is not shown to operators.
operator-health = Is the process alive?
operator-ready = Is it ready for requests?
operator-metrics = Metrics for your monitoring

chart-finding = { $x } has the most filings: { $y }
chart-finding-even = Filings month by month
chart-about = Filings in each month, { $x } to { $y }
chart-bar = { $x }: { $y }
chart-source = Counted by business date. Filings that were corrected or voided are left out.
chart-table = Show the figures as a table

findings-title = Findings
findings-lede = What the record contradicts or leaves open. A finding goes away by itself when a later filing settles it.
findings-none = No findings. What has been filed fits together.
findings-found = { $n ->
    [0] No findings
    [one] 1 finding
   *[other] { $count } findings
}

search-title = Search
search-label = Party, lot or filing
search-hint = The beginning of an identifier, a lot id or a filing reference
search-button = Search
search-found = { $n ->
    [0] Nothing starts with “{ $x }”
    [one] 1 result for “{ $x }”
   *[other] { $count } results for “{ $x }”
}
search-parties = Parties
search-lots = Lots
search-filings = Filings
search-full = There may be more. Type more of the identifier to narrow it down.

party-caption = Party
party-verified = Verified
party-unverified = Not verified
party-findings = { $n ->
    [one] 1 finding
   *[other] { $count } findings
}
party-balance = Balance
party-balance-text = Content of each element at each site over all filings: opening + in + made − consumed − out − loss = closing. Unaccounted is the difference from the last stock count. Shown to the gram; the API gives the exact figures.
party-balance-none = No material has been booked yet.
party-stock = In stock
party-stock-none = No lots in stock.
party-recent = Latest filings
balance-opening = Opening
balance-in = In
balance-made = Made
balance-consumed = Consumed
balance-out = Out
balance-loss = Loss
balance-closing = Closing
balance-unaccounted = Unaccounted

lot-made-by = Made by
lot-mass = Net mass when made
lot-composition = Composition
lot-not-analysed = not analysed
lot-places = Where it is now
lot-trace = Trace
lot-direction = Show
lot-element = Element
direction-back = Where it comes from
direction-forward = Where it went
lot-to = Back to
lot-to-root = Origins
lot-to-party = Suppliers
lot-times = As of another day
lot-as-of = As of this day
lot-known-at = As it was known at this time
lot-times-button = Show
lot-makers = Filings that made it
lot-draws = Filings that took from it or moved it
lot-state-made = Made
lot-state-undeclared = Never declared

trace-empty = { $y } holds no { $x }
trace-others = The { $x } in { $y } comes from other parties
trace-others-some = { $z } of the { $x } comes from another party, the rest from lots of your own
trace-root = { $x } is itself an origin of its { $y }
trace-back-one = All the { $x } comes from { $y }
trace-back = { $n ->
    [one] The { $x } comes from 1 origin
   *[other] The { $x } comes from { $count } origins
}
trace-back-most = , the largest part from { $x } ({ $y })
trace-forward = { $x } of the { $y } is { $z }
trace-about-back = Where the { $x } in lot { $y } comes from; content { $z }
trace-about-forward = Where the { $x } in lot { $y } is now; content { $z }
trace-as-of = { $x }, as of { $y }
trace-table-back = Origins
trace-table-forward = Where it is now
trace-more = { $n ->
    [one] 1 more part is in the CSV file.
   *[other] { $count } more parts are in the CSV file.
}
trace-unexplained = { $x } of it comes from no input: a filing states more than its inputs held.
trace-not-analysed = { $n ->
    [one] 1 lot on the way was not analysed for this element and counts as nothing: { $x }
   *[other] { $count } lots on the way were not analysed for this element and count as nothing, among them { $x }
}
trace-cycles = A lot is its own ancestor here. The loop was cut at { $x }.
trace-source = Mass-balance chain of custody with proportional mixing (ISO 22095), worked out from the filings.
trace-csv = Download as CSV
unexplained = no input explains it ({ $x })
bounds = at least { $x }, proportionally { $y }, at most { $z }
bounds-exact = exact

lineage-label = Picture of the lots before and after this one
lineage-here = This lot
lineage-before = { $n ->
    [one] 1 step before
   *[other] { $count } steps before
}
lineage-after = { $n ->
    [one] 1 step after
   *[other] { $count } steps after
}
lineage-more = { $n ->
    [one] 1 more lot
   *[other] { $count } more lots
}
lineage-card = { $x } { $y } { $z }
lineage-ribbon = From { $x } to { $y }: { $z }

filing-title = Filing { $x }
filing-live = Live
filing-replaced = Replaced
filing-filer = Filed by
filing-counterparty = Other party
filing-date = Date
filing-recorded = On record since
filing-digest = Digest of its rows (first half of the SHA-256)
filing-legs = Material
filing-legs-none = This filing moves no material.
filing-sum-in = Consumed in all
filing-sum-out = Made in all
filing-sum-loss = Stated as lost
filing-chain = Corrections
filing-chain-none = It has not been corrected, and corrects no other.
filing-step = { $x }, on record since { $y }

file-title = File a batch
file-lede = Upload a file of filings. You see what would happen before anything is filed.
file-choose = Choose a file
file-hint = CSV with comma, semicolon or tab, plain or compressed (.gz, .zst), up to { $x }.
file-button = Check the file
file-missing = Choose a file with something in it
file-working = Working, please wait …
file-next-title = What happens next
file-next-1 = We check every row and group the faults by repair.
file-next-2 = You look at the result and confirm. Nothing is filed before that.
file-next-3 = You get a receipt with the time and the digest of your file.
file-form-title = How the file looks
file-form-text = One row is one leg of a filing, below a header line. Columns may stand in any order. Leave out those that you do not need.
file-template = Download a template (CSV)
file-correct-text = To correct a filing, file it anew under another reference and name the earlier one in the column “corrects”.
file-api = File with the API

import-rows = rows read
import-would = filings ready
import-filed = filings filed
import-duplicate = filings on record already
import-rejected = filings rejected
import-rejected-rows = rows rejected

preview-caption = Check before you file
preview-back = Back to the upload
preview-all-good = { $n ->
    [one] Your filing is ready
   *[other] All { $count } filings are ready
}
preview-some = { $n ->
    [one] 1 filing is ready, { $x } rejected
   *[other] { $count } filings are ready, { $x } rejected
}
preview-nothing = Nothing can be filed yet
preview-all-duplicate = All of this is on record already
preview-consequence-all = { $n ->
    [one] When you confirm, the filing goes on record. It cannot be changed then, only corrected by a later filing.
   *[other] When you confirm, { $count } filings go on record. They cannot be changed then, only corrected by later filings.
}
preview-consequence-some = { $n ->
    [one] When you confirm, 1 filing goes on record. Rejected filings are not filed: repair the rejected rows and upload them again.
   *[other] When you confirm, { $count } filings go on record. Rejected filings are not filed: repair the rejected rows and upload them again.
}
preview-consequence-repair = Nothing has been filed. Repair the rows named below and upload the file again.
preview-consequence-none = Nothing has been filed, and nothing here is new.
preview-confirm = { $n ->
    [one] File 1 filing
   *[other] File { $count } filings
}
preview-other = Upload another file
preview-errors = { $n ->
    [one] 1 thing to repair
   *[other] { $count } things to repair
}
preview-errors-text = Rows that the same repair mends stand together. A filing is taken or rejected whole.
preview-notes = Good to know
preview-notes-text = None of this stops your filing. What is a contradiction stays under Findings until a later filing settles it.
preview-rows = Rejected rows
preview-rows-shown = { $n ->
    [one] 1 row is shown here. The file of rejected rows has all, with what to do about each.
   *[other] { $count } rows are shown here. The file of rejected rows has all, with what to do about each.
}
rejects-download = Download the rejected rows (CSV)
group-in-column = { $x }: column “{ $y }”
group-lines = See line { $x }

receipt-caption = Receipt
receipt-title = { $n ->
    [0] Nothing was filed
    [one] 1 filing is on record
   *[other] { $count } filings are on record
}
receipt-party = Filed for
receipt-recorded = On record since
receipt-file = File
receipt-digest = Digest of the file (SHA-256)
receipt-digest-text = Keep the file. Its digest shows that it is the one you filed.
receipt-next = File another batch
receipt-home = Go to the home page
receipt-taken = Filings on record

api-title = API
api-lede = Everything that the pages show and do, for programs.
api-rules = Rules of the API
api-document = OpenAPI document (JSON)
api-parameter = Parameter
api-parameters = Parameters
api-parameters-of = Parameters of { $x }
api-where = Where
api-meaning = Meaning
api-example-of = Example for { $x }
api-answers = Answers: { $x }
api-group-account = Your account
api-group-filing = Filing
api-group-trace = Trace and balance
api-group-ledger = Parties, lots, filings and findings
api-group-law = The law
api-group-audit = Who did what, and who looked
api-group-document = This document
api-rule-1 = Send your token in the header “Authorization: Bearer …”. In a browser, your session is enough for reading.
api-rule-2 = Faults come as application/problem+json (RFC 9457) with a code that does not change. All faulty fields are named at once.
api-rule-3 = Masses are exact decimal texts in kilograms, contents are whole micrograms, times are RFC 3339.
api-rule-4 = A long list comes page by page: ask with “limit”, and go on with the answer’s “next” as “cursor”.
api-rule-5 = A POST takes an “Idempotency-Key”. A filing sent again under its reference is not filed twice either.
api-rule-6 = An account may send 1200 requests a minute. After that the answer is 429, with “Retry-After”.
api-problems = Codes of problems
api-problems-text = Each problem has one of these codes, the status, and what to do about it.
api-problem-code = Code
api-problem-status = Status
api-problem-meaning = Meaning

preview-unread = This file cannot be read
preview-consequence-unread = Nothing has been filed. See below what is wrong with the file, and upload it again.
fault-date_form = Enter a day such as 2025-05-03 in place of “{ $x }”
fault-instant_form = Enter a day such as 2025-05-03, or a time such as 2025-05-03T14:00:00Z, in place of “{ $x }”
fault-element = “{ $x }” is not an element: choose one of the lot
fault-other = “{ $x }” is not understood here

lot-trace-not-own = Another party made this lot. Where its material comes from, and where it went beyond your own book, stands in the books of others and is not shown.

problem-sign_in-title = No valid token
problem-sign_in-text = Send a token of this service in the header “Authorization: Bearer …”.
problem-not_found-title = Not found
problem-not_found-text = It does not exist, or it is in a book that this account may not read.
problem-method-title = Method not allowed
problem-method-text = The address does not take this method. The OpenAPI document names those that it takes.
problem-fields-title = Fields not as they should be
problem-fields-text = Nothing was changed. “errors” names each field, what is wrong and what would be accepted.
problem-too_large-title = Too large
problem-too_large-text = Nothing was filed. Send less at once, or compress it with gzip or zstd.
problem-media_type-title = Media type not accepted
problem-media_type-text = Send a table of text as text/csv, plain or compressed with gzip or zstd.
problem-key_reused-title = Idempotency key used before
problem-key_reused-text = The key belongs to another request. Use a new key for a new request.
problem-key_busy-title = Request under way
problem-key_busy-text = A request with this key is being worked on. Wait, then send it again with the same key.
problem-too_many-title = Too many requests
problem-too_many-text = Wait for the seconds that “Retry-After” names, then go on.
problem-too_slow-title = Time limit reached
problem-too_slow-text = The request was given up. Send it again: what is on record already is not filed twice.
problem-fault-title = Fault of the service
problem-fault-text = The fault is ours and has been noted. Send the request again later: what is on record already is not filed twice.
problem-all_rejected-title = Nothing was filed
problem-all_rejected-text = Every filing of the batch was rejected. The report in the answer says why, row by row.
problem-form_expired-title = Form token missing
problem-form_expired-text = This address belongs to the pages. Programs use the addresses under /api/v1.
