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
