nav-quotas = Quotas
quotas-title = Quotas
quotas-lede = How much may be mined and separated in a year, who has how much of it, and what filings have used. All masses are oxide (REO).
quotas-none = Nobody was given anything of this year, and nobody used any.
quota-year = Year
quota-line = Stage and type of ore
quota-stage-mining = Mining
quota-stage-separation = Separation
quota-stage-smelting_separation = Smelting and separation
quota-issued-caption = What the authority issued
quota-issued = Issued
quota-slices = Slices
quota-reserved = In reserve
quota-undivided = Not handed out
quota-groups = Groups
quota-group = { $x }: given { $y }, of which { $z } not handed down
quota-companies-caption = Where companies stand
quota-standing = Standing
quota-standing-awaiting = Awaiting allocation
quota-standing-within = Within
quota-standing-alarmed = Nearly used
quota-standing-over = Over quota
quota-allocated = Allocated
quota-carried = carried over
quota-cut-short = cut
quota-used = Used
quota-uncounted = do not count
quota-left = Left
quota-proof = Filings that use it
quota-beyond = { $x } beyond the quota
quota-proofs-more =
    { $n ->
        [one] { $count } earlier filing
       *[other] { $count } earlier filings
    }
quota-imported-yes = What is made of imported ore counts.
quota-imported-no = What is made of imported ore does not count.
quota-secondary-yes = What is made of secondary feed counts.
quota-secondary-no = What is made of secondary feed does not count.
quota-carry = Of what is left of the year’s own allocation, { $x } % may be used in the next year.
quota-cut = An excess cuts the next year by { $x } % of it.
quota-cut-unknown = By how much an excess cuts the next year is not stated; nothing is cut here.
quota-reserve = { $x } % of each slice is held in reserve.
quota-allocate = Allocate
quota-allocate-text = Issue a slice, hand an amount down, take back what is not used, or move it to another company of the same group. Each step stays on record with its reason.
quota-from = From
quota-from-issue = New: the authority issues it
quota-from-authority = The authority, not handed out
quota-from-reserve = The reserve
quota-to = To
quota-to-hint = authority, group:Name, or a company such as gad:skarn-mining. Leave it empty to issue a slice.
quota-amount = Amount in tonnes of oxide
quota-amount-hint = Digits and one decimal point, such as 1200.5. A grant of 0 says that there is none.
quota-slice = Slice
quota-slice-hint = Only where a slice is issued: its number, from 1.
quota-day = Holds from
quota-reason = Reason
quota-refused-quota_line = Choose a stage and type of ore of this pack.
quota-refused-quota_unknown = Choose a quota of this pack.
quota-refused-quota_year = Give the year in four digits.
quota-refused-quota_holder = Give authority, reserve, group:Name or a company’s identifier.
quota-refused-quota_company = No company is registered under this identifier.
quota-refused-quota_amount = Give an amount in tonnes above 0 with digits and one decimal point; 0 only for a grant that says there is none.
quota-refused-quota_way = Nothing goes this way. Amounts go from the authority to a group or company, from a group to its companies, back up, or between companies of one group.
quota-refused-quota_other_parent = This holder has its quota from another. Take it back first, or give it through the same group.
quota-refused-quota_beyond_parent = There is not so much where it comes from.
quota-refused-quota_used = The company has used more than would be left to it. Take back at most what is left.
quota-refused-quota_slice = This slice is issued already, or the pack has no such slice. Number slices from 1, and leave the field empty for every other step.
quota-refused-quota_day = Give a day, such as 2026-02-01, not before the last step of this line and year.
quota-refused-quota_reason = Give a reason of 1 to 1,000 characters.
quota-refused-changed_meanwhile = Somebody else allocated meanwhile. Look at the amounts again.

rule-quota_exceeded = Quota exceeded
about-quota_exceeded = More was mined or separated than the quota gives; the filings named went beyond it.
repair-quota_exceeded = Ask for more of the quota, or correct the filings. The excess may cut next year’s quota.

rule-quota_nearly_used = Quota nearly used
about-quota_nearly_used = Most of the year’s quota is used.
repair-quota_nearly_used = Plan the rest of the year, or ask for more of the quota.

rule-export_without_licence = Export without a licence
about-export_without_licence = A controlled good left, and the filing names no licence.
repair-export_without_licence = Correct the filing to name the licence, or hand in an assay that shows the good is not controlled.

rule-export_declaration_missing = Export without a declaration
about-export_declaration_missing = The filing names a licence and no customs declaration, so nothing can be held against it.
repair-export_declaration_missing = Correct the filing to name the customs declaration.

rule-licence_unknown = Licence line never issued
about-licence_unknown = The filing names a licence line that was never issued.
repair-licence_unknown = Correct the filing to name a licence line that was issued.

rule-licence_of_another = Licence of another holder
about-licence_of_another = The filing names a licence that another company holds.
repair-licence_of_another = Correct the filing to name a licence of the filer.

rule-licence_not_in_force = Licence not in force
about-licence_not_in_force = The export lies outside the days on which the licence may be used.
repair-licence_not_in_force = Correct the date or the licence; or customs dates the draw-down within it.

rule-licence_wrong_destination = Another destination than licensed
about-licence_wrong_destination = The goods went to another destination than the licence or the draw-down says.
repair-licence_wrong_destination = Correct the destination, or have the licence amended.

rule-export_not_drawn_down = Export not drawn down
about-export_not_drawn_down = The export was filed, and customs drew nothing down for this declaration.
repair-export_not_drawn_down = Customs draws it down, or the filing is corrected to name the right declaration.

rule-draw_down_not_filed = Draw-down without a filing
about-draw_down_not_filed = Customs drew the licence down, and the export was not filed.
repair-draw_down_not_filed = File the export of this declaration, or customs corrects the draw-down.

rule-licence_wrong_line = Drawn down on another line
about-licence_wrong_line = Filing and draw-down name different lines of one licence.
repair-licence_wrong_line = Correct the filing, or customs the draw-down, so that both name one line.

rule-licence_wrong = Drawn down on another licence
about-licence_wrong = Filing and draw-down name different licences.
repair-licence_wrong = Correct the filing, or customs the draw-down, so that both name one licence.

rule-draw_down_differs = Filing and draw-down differ
about-draw_down_differs = Filing and draw-down of one declaration state different quantities.
repair-draw_down_differs = Correct the filing, or customs the draw-down, so that both state one quantity.

rule-duty_overdue = Report overdue
about-duty_overdue = A report that is owed after the grant has not come by its last day.
repair-duty_overdue = Send the report.

rule-report_unknown = Report without a draw-down
about-report_unknown = Something was reported of an export that customs never drew down.
repair-report_unknown = Replace the report by one that names the right licence line and declaration.

rule-report_before_draw_down = Reported before the draw-down
about-report_before_draw_down = The report is dated before customs drew the licence down.
repair-report_before_draw_down = Replace the report by one with the right day.

rule-receipt_short = Less arrived than was drawn down
about-receipt_short = What arrived and came back is less than what was drawn down.
repair-receipt_short = Report the rest, or what came back; or replace a wrong report.

rule-receipt_beyond = More arrived than was drawn down
about-receipt_beyond = The other side received more than was drawn down.
repair-receipt_beyond = Replace a wrong report, or customs corrects the draw-down.

rule-reimport_beyond = More came back than was drawn down
about-reimport_beyond = The re-imports are more than what was drawn down.
repair-reimport_beyond = Replace a wrong report, or customs corrects the draw-down.

rule-installed_beyond = More installed than arrived
about-installed_beyond = More was reported as installed than as arrived.
repair-installed_beyond = Replace a wrong report.

rule-report_unit = Reported in another unit
about-report_unit = The report counts in a unit in which nothing was drawn down.
repair-report_unit = Replace the report by one in the units of the licence line.

nav-duties = Duties
duties-title = Duties after the grant
duties-lede = What a holder must report of each export under a licence: transport, arrival, installation, use; and what the other side received.
duties-owed = What is owed
duties-none = Nothing was drawn down, so nothing is owed.
duties-none-open = Everything that is owed was reported.
duties-done-title = What is done
duties-done = { $n ->
    [one] 1 report is done
   *[other] { $n } reports are done
}
duties-more =
    { $n ->
        [one] { $count } more
       *[other] { $count } more, less urgent
    }
duties-gaps = What does not come out even
duties-told = Reports on record
duties-told-none = Nothing was reported yet.
duties-told-more =
    { $n ->
        [one] { $count } earlier report
       *[other] { $count } earlier reports
    }
duty-what = Report
duty-last-day = Last day
duty-gap = What does not fit
duty-expected = Drawn down, or arrived
duty-observed = Reported
duty-state-done = Done
duty-state-done_late = Done late
duty-state-due = Due
duty-state-owed = Owed
duty-state-overdue = Overdue
report-kind-transport = Transport
report-kind-arrival = Arrival
report-kind-installation = Installation
report-kind-use = Use
report-kind-receipt = Receipt of the other side
report-kind-reimport = Re-import
report-title = Report
report-text = A report is recorded as told and stays on record. A wrong one is replaced by a later one.
duties-receipt-title = Receipt of the other side
receipt-text = What the end user or the importing authority says it received. It outweighs what the holder reports of the arrival.
report-holder = Holder, such as gad:magnet-maker
report-reference = Reference
report-licence = Licence number
report-line = Line of the licence
report-day = When it happened
report-mass = Net mass in kg, if told
report-pieces = Pieces, if told
report-quantities = Quantities
report-note = Note
report-replaces = Replaces the report
report-replaced = replaced by { $x }
report-button = Record the report
report-refused-report_field = Give 1 to 64 visible characters; a line number at most 16.
report-refused-report_holder = No company is registered under this identifier.
report-refused-report_day = Give a day, such as 2026-02-01, that is not still to come.
report-refused-report_kind = Choose what is reported.
report-refused-report_teller = This is told by the other side: receipts by the authority, all else by the holder.
report-refused-report_note = A note has at most 1,000 characters.
report-refused-report_quantities = Give a quantity above 0 with digits and at most one decimal point; pieces as a whole number.
report-refused-report_taken = Another report has this reference. Give a new one.
report-refused-report_replaces = There is no such report of this side, or it was replaced already.

shipments-title = Licence and customs
shipments-lede = Whether a licence is needed, whether the shipment fits what is left of the licence named, and what customs drew down for the declaration.
shipments-more =
    { $n ->
        [one] One export filing more is not shown here; its own page tells it once it is filed.
       *[other] { $count } export filings more are not shown here; their own pages tell it once they are filed.
    }
shipment-declaration = Customs declaration
shipment-licence = Licence and line
shipment-none-named = none named
shipment-fit = Fits what is left
shipment-fits = Fits
shipment-fits-not = Does not fit
shipment-unit-fits = { $x } of { $y } left
shipment-unit-beyond = { $x } filed, { $y } left
shipment-unit-untold = { $x } left; the filing does not tell this unit
shipment-customs = At customs
shipment-drawn = { $x }: { $y }, { $z }
shipment-observed = { $x }: { $y }
shipment-expected = { $x }: { $y }
shipment-both = { $x }: expected { $y }, filed { $z }
shipment-goods = Goods
shipment-need = Licence
shipment-codes = Control codes
need-needed = Needed
need-not_needed = Not needed
need-unknown = Not known
need-refer = More must be stated
tie-matched = Drawn down as filed
tie-waiting = Not drawn down yet
tie-differs = Does not agree
tie-no_licence = No licence needed
fit-licence_unknown = The filer holds no such licence line
fit-licence_of_another = Another company holds this licence
fit-licence_not_in_force = The licence is not in force
fit-licence_wrong_destination = Another destination than licensed
quantity-content = { $x } of contained { $y }
quantity-oxide = { $x } of oxide of { $y }
