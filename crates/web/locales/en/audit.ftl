# The audit, jobs and letters.

nav-activity = Who looked
nav-audit = Audit
nav-jobs = Jobs
nav-letters = Letters

column-account = Account
column-action = What was done
column-chain = Chain value
column-letter = Letter
column-looked-at = What was looked at
column-number = Entry
column-resource = On what
column-time = Time
column-version = Version
column-who = Who

audit-title = Audit
audit-lede = Who did what, and who looked at whose data. Nothing here can be changed or deleted; that you read it is noted too.
audit-lede-operator = What concerns accounts and the installation. Trade data is not shown to operators. Nothing here can be changed or deleted; that you read it is noted too.
audit-from = From day
audit-to = To day
audit-none = No entry fits the filter.
audit-fault = Check “{ $x }”: give a day such as 2025-05-03, and follow the links of the page to go on
audit-older = Older
audit-verify = Check the chain over these entries
audit-csv = All entries of the filter as a file (CSV, at most 100,000; choose fewer days for the rest)
audit-holds = The chain holds over entries { $x } to { $y }: none was changed, removed or inserted.
audit-broken = The chain does not hold over entries { $x } to { $y }:
audit-head = The last entry is { $count }. Whoever keeps its number and chain value can prove later that nothing before it was changed:

audit-action-account_signed_in = Signed in
audit-action-account_signed_out = Signed out
audit-action-audit_read = Read the audit
audit-action-book_read = Read a book
audit-action-data_read = Read data
audit-action-filings_taken = Filed
audit-action-findings_read = Read findings
audit-action-job_retried = Had a failed job tried again
audit-action-mail_template_changed = Worded a letter
audit-action-search_read = Searched
audit-action-trace_read = Read a trace across books

activity-title = Who has looked at my data
activity-lede = Every time somebody outside your company opened a page or asked a program that shows your data.
activity-none = Nobody outside your company has looked at your data so far.
activity-authority = The authority
activity-rows = { $n ->
    [one] 1 row of yours
   *[other] { $count } rows of yours
}
activity-how = Your own people are not listed. A lot or filing is named only where you may see it yourself: a trace of another company's lot can pass through your book.
activity-how-unnamed = The authority does not name its people here; its own audit has each of them.
activity-what-audit = The record of who looked at your data
activity-what-balance = Balance
activity-what-book = Your book
activity-what-filing = A filing
activity-what-findings = Findings
activity-what-lot = A lot
activity-what-other = Your data
activity-what-search = A search that found you or your lots
activity-what-trace = A trace

jobs-title = Jobs
jobs-lede = What the service does after a change, such as sending a letter. A job that fails is tried again, later each time; after the last try it waits for you.
jobs-failed = Failed
jobs-failed-none = No job has failed.
jobs-running = Under way
jobs-running-none = No job is under way.
jobs-waiting = Waiting
jobs-waiting-none = No job waits.
jobs-created = Asked for
jobs-due = Due
jobs-until = Taken until
jobs-tries = Tries
jobs-action = Action
jobs-retry = Try again
job-kind-mail = Letter

letters-title = Letters
letters-lede = What the service writes to people. Word each letter as your authority speaks; every version is kept.
letters-carried = Words of the program
letters-version = Version { $x }
letter-invitation = Invitation
letter-password_reset = New password
letter-new_sign_in = New sign-in
letter-company_verified = Company verified
letter-title = { $x } ({ $y })
letter-subject = Subject
letter-body = Text
letter-names = These places are filled in:
letter-preview = Preview
letter-preview-text = With made-up contents. Nothing is saved yet.
letter-button-preview = Preview
letter-button-save = Save as a new version
letter-button-carried = Back to the words of the program
letter-versions = Versions
letter-line = Line { $x }: { $y }
letter-accepted = Accepted:
letter-changed-meanwhile = Somebody else has saved a version meanwhile. Your words are still in the form: open the letter in another tab, compare, and save there.
letter-fault-form = The template is not complete or not understood.
letter-fault-length = Too short or too long.
letter-fault-line_break = A subject is one line.
letter-fault-link_missing = The link is missing.
letter-fault-statement = This cannot be used in a letter.
letter-fault-too_long = Filling it in takes too long.
letter-fault-unknown_name = There is no such place in this letter.
