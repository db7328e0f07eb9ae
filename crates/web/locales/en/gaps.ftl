# What an application lacks: `x` is the entry, `y` what stands there or is wanted.
gap-licence_type_missing = The kind of licence is not chosen
gap-licence_type_unknown = “{ $y }” is no kind of licence here
gap-ground_missing = The ground of the registration is missing; one of: { $y }
gap-ground_unknown = “{ $y }” is no ground of this registration
gap-appeal_grounds_missing = It is not said why you appeal
gap-condition_missing = This kind of licence asks that this holds: { $y }
gap-condition_barred = This kind of licence is barred where this holds: { $y }
gap-condition_unknown = “{ $y }” is no condition of the rules
gap-watch_listed_barred = A party is on the watch list, which bars this kind of licence
gap-contact_name_missing = It is not said whom to ask
gap-contact_email_missing = The e-mail address of whom to ask is missing
gap-contact_email_form = “{ $y }” is no e-mail address
gap-route_missing = It is not said how the goods go
gap-key_missing = An entry has no key
gap-key_repeated = The key “{ $y }” stands twice
gap-goods_missing = No good is listed
gap-good_name_missing = A good has no name
gap-good_hs_missing = { $x }: the HS or CN code is missing
gap-good_hs_form = { $x }: “{ $y }” is no HS or CN code
gap-good_grade_missing = { $x }: the grade is not stated
gap-good_form_unknown = { $x }: “{ $y }” is no form of goods here
gap-good_origin_missing = { $x }: the country of origin is missing
gap-good_origin_unknown = { $x }: “{ $y }” is no country
gap-good_composition_missing = { $x }: the composition is missing
gap-good_assay_missing = { $x }: the composition does not say how much it holds of { $y }
gap-good_unreadable = { $x }: something stated of it cannot be read: { $y }
gap-good_unit_mass = { $x }: the mass of one piece is not above 0
gap-good_codes_missing = { $x }: it is controlled, and no control code is stated; found: { $y }
gap-good_codes_differ = { $x }: the list in force says other control codes: { $y }
gap-good_not_controlled = { $x }: by the list in force it is not controlled; perhaps no licence is needed
gap-good_undetermined = { $x }: from what is stated it cannot be told whether it is controlled
gap-good_unused = { $x }: it is listed, and not asked for
gap-consignee_missing = No consignee is listed
gap-end_user_missing = No end user is listed
gap-party_name_missing = A party has no name
gap-party_part_missing = { $x }: it is not said what it is here
gap-party_country_missing = { $x }: the country is missing
gap-party_country_unknown = { $x }: “{ $y }” is no country
gap-party_address_missing = { $x }: the address is missing
gap-party_identifier_missing = { $x }: an identifier is missing
gap-party_identifier_form = { $x }: “{ $y }” is no identifier
gap-party_watch_listed = { $x }: it is on the watch list
gap-party_unused = { $x }: it is listed, and nothing is asked for it
gap-uses_missing = No end use is listed
gap-use_missing = An end use is not chosen
gap-use_unknown = “{ $y }” is no use of the list
gap-use_text_missing = { $x }: the use is not described in words
gap-use_unused = { $x }: the use is listed, and nothing is asked for it
gap-cells_missing = Nothing is asked for
gap-cell_good_unknown = { $x }: the good is not chosen
gap-cell_consignee_unknown = { $x }: the consignee is not chosen
gap-cell_end_user_unknown = { $x }: the end user is not chosen
gap-cell_end_use_unknown = { $x }: the end use is not chosen
gap-cell_party_part = { $x }: “{ $y }” is not listed in this part
gap-cell_repeated = { $x }: another line asks for the same
gap-cells_one_export = This kind of licence is for one export, and the lines are { $y }
gap-end_users_too_many = More end users than this kind of licence allows: { $y }
gap-destination_missing = { $x }: the destination is missing
gap-destination_unknown = { $x }: “{ $y }” is no country
gap-destination_differs = { $x }: the destination is neither the consignee’s nor the end user’s country: { $y }
gap-quantity_missing = { $x }: the quantity is missing
gap-quantity_invalid = { $x }: “{ $y }” is no quantity
gap-quantity_repeated = { $x }: the unit “{ $y }” stands twice
gap-quantity_unit_missing = { $x }: the quantity is also asked for in this unit: { $y }
gap-unit_mass_differs = { $x }: pieces and net mass do not agree: { $y }
gap-content_exceeds_mass = { $x }: what is contained is more than the net mass: { $y }
gap-document_missing = A document is missing: { $x }
gap-document_advised = In practice this document is asked for, too: { $x }
gap-document_number_unknown = { $x }: this kind of licence asks for no such document
gap-document_absent = { $x }: the file is not in the store
gap-document_unscanned = { $x }: it is not scanned for viruses yet
gap-document_infected = { $x }: a virus was found in it
gap-certificate_missing = { $x }: the end user’s certificate is missing
gap-certificate_unusable = { $x }: the certificate cannot be used: { $y }
gap-certificate_quantity = { $x }: the certificate covers less than is asked for: { $y }
gap-stock_missing = No stock that runs out is stated
gap-stock_end_user_unknown = A stock is of no end user of the application
gap-stock_stops_missing = { $x }: it is not said what stops when the stock runs out
gap-accepted-good_hs_form = Six to ten digits, as in 8505.11.
gap-accepted-good_composition_missing = As in Nd=28.5, one in each line; a test report has it.
gap-accepted-party_identifier_missing = Such as an LEI, or the number in its register of companies.
gap-accepted-party_identifier_form = With its scheme, as in lei:529900T8BM49AURSDO55.
gap-accepted-good_not_controlled = Look at it with “Is it controlled?” before you apply.
gap-accepted-document_unscanned = Nothing to do: it is scanned within minutes.
gap-accepted-document_infected = Take it out and hand in a clean copy.
gap-accepted-certificate_missing = Ask the end user for it early: no other gap costs more.
gap-accepted-cell_repeated = One line with the sum of both.
gap-accepted-stock_missing = It may put the case before others that can wait.
gap-costs = usually { $x }
gap-group-blocks = { $n ->
    [one] One thing keeps it from being a case
   *[other] { $count } things keep it from being a case
}
gap-group-gap = { $n ->
    [one] One thing that would be asked for
   *[other] { $count } things that would be asked for
}
gap-group-doubt = { $n ->
    [one] One thing that would be asked about
   *[other] { $count } things that would be asked about
}
gap-group-advice = What would help, and nobody may ask for
