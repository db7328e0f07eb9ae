# Documents that applicants hand in

stop-document_too_large-title = The document is too large
stop-document_too_large-text = Nothing was stored. A document may have 25 MB: save it with smaller pictures, or split it.
stop-document_waiting-title = This document has not been scanned yet
stop-document_waiting-text = Documents are scanned for viruses before anybody opens them. Try again in a minute.
stop-document_scan_failed-title = This document could not be scanned
stop-document_scan_failed-text = Nobody opens a document that was not scanned for viruses. The operator has been told and can have it tried again.
stop-document_infected-title = This document is infected
stop-document_infected-text = A scanner found a virus in it. It is kept locked away, as evidence, and given to nobody. Check the computer that it came from, and hand in a clean copy.

problem-document_too_large-title = Document too large
problem-document_too_large-text = Nothing was stored. A document may have 25 MiB.
problem-document_waiting-title = Not scanned yet
problem-document_waiting-text = A document is given out when its scan found it clean. Ask for its metadata until “scan” is no longer “waiting”.
problem-document_scan_failed-title = Could not be scanned
problem-document_scan_failed-text = The scanner could not scan it. The operator can have it tried again.
problem-document_infected-title = Infected
problem-document_infected-text = The scanner found a virus. The document is kept sealed and given to nobody. Hand in a clean copy.

api-group-documents = Documents

audit-action-document_stored = Handed in a document
audit-action-documents_key_changed = Changed the key that seals the documents
audit-action-document_clean = A document was found clean
audit-action-document_infected = A document was found infected
audit-action-document_scan_failed = A document could not be scanned

activity-what-document = A document

job-kind-document_scan = Scan of a document
documents-title = Documents
documents-scanner = Scanner: { $x }
scanner-none = None is set up. Documents wait, and nobody downloads them. Start the server with --scanner.
scanner-clamd = clamd
scanner-command = a program of the operator
scanner-signature = only the signature of the test file. This is no virus scanner; it is for demonstrations.
documents-waiting = Not scanned yet: { $count }
documents-clean = Found clean: { $count }
documents-infected = Infected, kept sealed: { $count }
documents-failed = Could not be scanned: { $count }

documents-lede = What you hand in with an application. Each is kept encrypted and scanned for viruses before anybody opens it.
documents-choose = Choose a document
documents-hint = { $x }; up to { $y }. The content must be what the ending of the name says.
documents-button = Hand in the document
documents-list = Handed in
documents-none = No document was handed in yet.
documents-name = Name
documents-size = Size
documents-scan = Scan
documents-shown = The last { $x } are shown.
documents-how = The same file is kept once, however often it is handed in. A document cannot be changed or removed: hand in a new one. Your company's people, and officers of the authority, may download it once it was found clean; who did is on record.
documents-stored = The document was handed in. It is being scanned.
documents-there = This document had been handed in before. It was not stored again.
documents-scan-waiting = Being scanned
documents-scan-clean = Clean
documents-scan-infected = Infected, locked away
documents-scan-failed = Could not be scanned
documents-kind-pdf = PDF
documents-kind-png = Picture (PNG)
documents-kind-jpeg = Picture (JPEG)
documents-kind-tiff = Picture (TIFF)
documents-kind-docx = Word document
documents-kind-xlsx = Excel sheet
documents-kind-odt = OpenDocument text
documents-kind-ods = OpenDocument sheet
documents-kind-text = Plain text
documents-kind-csv = Table (CSV)
documents-kind-xml = XML
documents-refused-file_missing = Choose a document
documents-refused-document_name = The name of the document must have an ending, such as report.pdf
documents-refused-document_extension = The ending of the name is of no kind that is taken: choose one of those listed, or save the document as PDF
documents-refused-document_kind = The content is not what the ending of the name says, or the document is damaged: open it, save it anew and choose it again
documents-refused-document_empty = The document is empty: choose one with something in it
documents-refused-document_too_large = The document is larger than 25 MB: save it with smaller pictures, or split it
documents-refused-document_day_full = Your company has handed in 2 GB in the last 24 hours: try again tomorrow
documents-refused-document_cut = The document broke off on its way: hand it in again
