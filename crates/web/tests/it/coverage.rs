//! Every route has a row in the authorisation matrix, says what it leaves in the audit, and, where it is
//! for programs, stands in the OpenAPI document. A route without one fails here, by name.

use std::collections::BTreeSet;

use app::audit::AuditFilter;
use app::law::desk::{PackState, Step};
use app::people::{By, NewPerson, NewRegistration, PersonKind, Scope};
use base::Timestamp;
use base::authorisation::{Actor, Role};
use licensing::enquiry::{About, Finding};

use crate::certificates;
use crate::matrix::{Filing, concrete, places, status};
use crate::world::{ACCOUNT_KEYS, World, clock_forward, moment};

/// What an answer of a route leaves in the audit, for each of [`ACCOUNT_KEYS`]: nobody signed in, the
/// magnet maker (whose data is asked for) and its manager, another company, officer, supervisor, analyst,
/// operator. `-` is nothing; why,
/// says the second column.
const EXPECTED: &str = "
GET    /applications                                        own or refused  -             -             -             -             -             -             -             -
GET    /applications/new                                    own or refused  -             -             -             -             -             -             -             -
GET    /applications/{draft}                                own or refused  -             -             -             -             -             -             -             -
GET    /applications/{draft}/check                          own or refused  -             -             -             -             -             -             -             -
GET    /applications/{draft}/documents                      own or refused  -             -             -             -             -             -             -             -
GET    /applications/{draft}/{part}                         own or refused  -             -             -             -             -             -             -             -
GET    /applications/{draft}/{part}/{entry}                 own or refused  -             -             -             -             -             -             -             -
GET    /api/v1/applications                                 own or refused  -             -             -             -             -             -             -             -
GET    /api/v1/applications/{draft}                         own or refused  -             -             -             -             -             -             -             -
POST   /applications                                        refused         -             draft_made    draft_made    draft_made    -             -             -             -
POST   /applications/{draft}/check                          refused         -             case_submitted case_submitted -             -             -             -             -
POST   /applications/{draft}/documents                      refused         -             document_stored -             -             -             -             -             -
POST   /applications/{draft}/remove                         refused         -             draft_removed draft_removed -             -             -             -             -
POST   /applications/{draft}/{part}                         a working paper -             -             -             -             -             -             -             -
POST   /applications/{draft}/{part}/{entry}                 a working paper -             -             -             -             -             -             -             -
POST   /cases/{number}/amend                                refused         -             draft_made    draft_made    -             -             -             -             -
POST   /cases/{number}/answer                               nothing asked   -             -             -             -             -             -             -             -
POST   /cases/{number}/withdraw                             refused         -             case_step     case_step     -             -             -             -             -
POST   /api/v1/applications                                 refused         -             draft_made    draft_made    draft_made    -             -             -             -
POST   /api/v1/applications/check                           nothing stored  -             -             -             -             -             -             -             -
POST   /api/v1/applications/{draft}                         a working paper -             -             -             -             -             -             -             -
POST   /api/v1/applications/{draft}/hand-in                 refused         -             case_submitted case_submitted -             -             -             -             -
POST   /api/v1/cases/{number}/amend                         refused         -             case_step     case_step     -             -             -             -             -
POST   /api/v1/cases/{number}/answer                        nothing asked   -             -             -             -             -             -             -             -
POST   /api/v1/cases/{number}/withdraw                      refused         -             case_step     case_step     -             -             -             -             -
DELETE /api/v1/applications/{draft}                         refused         -             draft_removed draft_removed -             -             -             -             -
GET    /                                                    own or refused  -             -             -             -             findings_read findings_read findings_read -
GET    /accessibility                                       public          -             -             -             -             -             -             -             -
GET    /account                                            own account     -             -             -             -             -             -             -             -
GET    /account/confirm                                    own account     -             -             -             -             -             -             -             -
GET    /account/cover                                      own account     -             -             -             -             -             -             -             -
GET    /account/identities                                 own account     -             -             -             -             -             -             -             -
GET    /account/second-factor                              public          -             totp_begun    totp_begun    totp_begun    totp_begun    totp_begun    totp_begun    totp_begun
GET    /activity                                            own or refused  -             -             -             -             -             -             -             -
GET    /api                                                 public          -             -             -             -             -             -             -             -
GET    /api/openapi.json                                    public          -             -             -             -             -             -             -             -
GET    /api/v1/activity                                     own or refused  -             -             -             -             -             -             -             -
GET    /api/v1/audit                                        refused         -             -             -             -             audit_read    audit_read    -             audit_read
GET    /api/v1/balance                                      own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/border/changes                               customs only   -             -             -             -             -             -             -             -
GET    /api/v1/border/licences/{number}                     own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /api/v1/cases                                       refused         -             -             -             -             case_read     case_read     -             -
GET    /api/v1/cases/{number}                              own or refused  -             -             -             -             case_read     case_read     -             -
GET    /api/v1/control-list                                 public          -             -             -             -             -             -             -             -
GET    /api/v1/duties                                      nobody reported -             -             -             -             -             -             -             -
GET    /api/v1/filings/{filer}/{reference}                  own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/filings/{filer}/{reference}/shipments own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/documents/{sha256}                           own or refused  -             -             -             -             book_read     book_read     -             -
GET    /api/v1/documents/{sha256}/content                   own or refused  -             -             -             -             book_read     book_read     -             -
GET    /documents                                           own or refused  -             -             -             -             -             -             -             -
GET    /documents/{sha256}                                  own or refused  -             -             -             -             book_read     book_read     -             -
GET    /api/v1/findings                                     own or refused  -             -             -             -             findings_read findings_read findings_read -
GET    /api/v1/licences/{number}/check                      public          -             -             -             -             -             -             -             -
GET    /api/v1/lots/{id}                                    own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/lots/{id}/lineage                            own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/lots/{id}/trace                              own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/me                                           own account     -             -             -             -             -             -             -             -
GET    /api/v1/me/sessions                                 own account     -             -             -             -             -             -             -             -
GET    /api/v1/me/tokens                                   own account     -             -             -             -             -             -             -             -
GET    /api/v1/organisations/{id}                          own or refused  -             -             -             -             party_read     party_read     party_read     -
GET    /api/v1/parties/{id}                                 own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /api/v1/quotas                                      own or refused  -             -             -             -             quota_read    quota_read    quota_read    -
GET    /api/v1/regimes                                     public          -             -             -             -             -             -             -             -
GET    /api/v1/registrations                               no party yet    -             -             -             -             -             -             -             -
GET    /api/v1/search                                       own or refused  -             -             -             -             search_read   search_read   search_read   -
GET    /api/v1/totals                                       no party's data -             -             -             -             -             -             -             -
GET    /assets/{digest}/{name}                              public          -             -             -             -             -             -             -             -
GET    /audit                                               refused         -             -             -             -             audit_read    audit_read    -             audit_read
GET    /audit.csv                                           refused         -             -             -             -             audit_read    audit_read    -             audit_read
GET    /authority                                          own house       -             -             -             -             -             -             -             -
GET    /certificate/{secret}                                led to its own page certificate_opened -             -             certificate_opened -             -             -             -
GET    /certificate/{secret}/paper                          the end users own -             -             -             -             -             -             -             -
POST   /certificate/{secret}/check                          nothing is done -             -             -             -             -             -             -             -
POST   /certificate/{secret}/sign                           led to its own page certificate_signed -             -             certificate_signed -             -             -             -
POST   /certificate/{secret}/correct                        led to its own page certificate_corrected -             -             certificate_corrected -             -             -             -
POST   /certificate/{secret}/decline                        led to its own page certificate_declined -             -             certificate_declined -             -             -             -
POST   /certificate/{secret}/revoke                         led to its own page certificate_revoked -             -             certificate_revoked -             -             -             -
GET    /certificates                                        own or no case named -             -             -             -             -             -             -             -
POST   /certificates                                        refused         -             certificate_asked,certificate_linked certificate_asked,certificate_linked certificate_asked,certificate_linked -             -             -             -
GET    /certificates/{id}                                   own or refused  -             -             -             -             case_read     case_read     -             -
GET    /api/v1/certificates                                 own or no case named -             -             -             -             -             -             -             -
POST   /api/v1/certificates                                 refused         -             certificate_asked,certificate_linked certificate_asked,certificate_linked certificate_asked,certificate_linked -             -             -             -
GET    /api/v1/certificates/{id}                            own or refused  -             -             -             -             case_read     case_read     -             -
GET    /certificates/{id}/paper                             own or refused  -             -             -             -             case_read     case_read     -             -
GET    /certificates/new                                    own or refused  -             -             -             -             -             -             -             -
POST   /certificates/{id}/steps/{step}                      refused         -             certificate_signed certificate_signed -             -             -             -             -
POST   /certificates/{id}/checks/{step}                     refused         -             -             -             -             case_read,certificate_signed case_read,certificate_signed -             -
POST   /api/v1/certificates/{id}/steps                      refused         -             certificate_signed certificate_signed -             -             -             -             -
POST   /api/v1/certificates/{id}/links                      refused         -             certificate_linked certificate_linked -             -             -             -             -
POST   /api/v1/certificates/{id}/checks                     refused         -             -             -             -             case_read,certificate_signed case_read,certificate_signed -             -
GET    /cases                                              refused         -             -             -             -             case_read     case_read     -             -
GET    /cases/{number}                                     own or refused  -             -             -             -             case_read     case_read     -             -
GET    /cases/{number}/advice                              no agency       -             -             -             -             -             -             -             -
GET    /cases/{number}/draft                               refused         -             -             -             -             case_read     case_read     -             -
GET    /cases/{number}/sign                                refused         -             -             -             -             case_read     case_read     -             -
GET    /controls/check                                     public          -             -             -             -             -             -             -             -
GET    /controls/clock                                     public          -             -             -             -             -             -             -             -
GET    /controls/list                                      public          -             -             -             -             -             -             -             -
GET    /controls/list.csv                                  public          -             -             -             -             -             -             -             -
GET    /controls/list/changes                              public          -             -             -             -             -             -             -             -
GET    /controls/regimes                                   public          -             -             -             -             -             -             -             -
GET    /duties                                             nobody reported -             -             -             -             -             -             -             -
GET    /file                                                own or refused  -             -             -             -             -             -             -             -
GET    /file/preview/{upload}                               own or refused  -             -             -             -             -             -             -             -
GET    /file/preview/{upload}/rejects.csv                   own or refused  -             -             -             -             -             -             -             -
GET    /file/receipt/{upload}                               own or refused  -             -             -             -             -             -             -             -
GET    /file/template.csv                                   own or refused  -             -             -             -             -             -             -             -
GET    /filings/{filer}/{reference}                         own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /findings                                            own or refused  -             -             -             -             findings_read findings_read findings_read -
GET    /healthz                                             public          -             -             -             -             -             -             -             -
GET    /invitation/{code}                                  public          -             -             -             -             -             -             -             -
GET    /law                                                no party's data -             -             -             -             -             -             -             -
GET    /law/{pack}/{version}                               no party's data -             -             -             -             -             -             -             -
GET    /law/{pack}/{version}/files/{file}                  no party's data -             -             -             -             -             -             -             -
GET    /law/{pack}/{version}/replay                        alike: no party -             -             -             -             -             -             -             -
GET    /law/{pack}/{version}/tables/{file}/{row}           no party's data -             -             -             -             -             -             -             -
GET    /lots/{id}                                           own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /lots/{id}/trace.csv                                 own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /metrics                                             public          -             -             -             -             -             -             -             -
GET    /operations/jobs                                     no party's data -             -             -             -             -             -             -             -
GET    /operations/mail-templates                           no party's data -             -             -             -             -             -             -             -
GET    /operations/mail-templates/{kind}/{language}         no party's data -             -             -             -             -             -             -             -
GET    /organisations/{id}                                 own or refused  -             -             -             -             party_read     party_read     party_read     -
GET    /parties/{id}                                        own or refused  -             -             -             -             book_read     book_read     book_read     -
GET    /quotas                                             own or refused  -             -             -             -             quota_read    quota_read    quota_read    -
GET    /readyz                                              public          -             -             -             -             -             -             -             -
GET    /register                                           public          -             -             -             -             -             -             -             -
GET    /registrations                                      no party yet    -             -             -             -             -             -             -             -
GET    /registrations/{id}                                 no party yet    -             -             -             -             -             -             -             -
GET    /search                                              own or refused  -             -             -             -             search_read   search_read   search_read   -
GET    /sign-in                                             public          -             -             -             -             -             -             -             -
GET    /sign-in/oidc/{provider}                            no provider     -             -             -             -             -             -             -             -
GET    /sign-in/oidc/{provider}/callback                   no provider     -             -             -             -             -             -             -             -
GET    /sign-in/second                                     none awaited    -             -             -             -             -             -             -             -
GET    /sign-out/oidc/{provider}                           no provider     -             -             -             -             -             -             -             -
POST   /account                                            refused         -             profile_changed profile_changed profile_changed profile_changed profile_changed profile_changed profile_changed
POST   /account/act                                        refused         -             acting_ended  acting_ended  acting_ended  acting_ended  acting_ended  acting_ended  acting_ended
POST   /account/confirm                                    refused         -             sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed
POST   /account/cover                                      no colleague    -             cover_made    cover_made    -             cover_made    cover_made    -             -
POST   /account/cover/{id}/end                             no colleague    -             cover_ended   cover_ended   -             cover_ended   cover_ended   -             -
POST   /account/identities                                 no provider     -             -             -             -             -             -             -             -
POST   /account/identities/{id}/remove                     none is there   -             -             -             -             -             -             -             -
POST   /account/passkeys                                   no passkey      -             -             -             -             -             -             -             -
POST   /account/passkeys/options                           own account     -             -             -             -             -             -             -             -
POST   /account/passkeys/{id}/remove                       none is there   -             -             -             -             -             -             -             -
POST   /account/password                                   refused         -             sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed sign_in_failed
POST   /account/recovery-codes                             refused         -             recovery_codes_made recovery_codes_made recovery_codes_made recovery_codes_made recovery_codes_made recovery_codes_made recovery_codes_made
POST   /account/second-factor                              wrong code      -             -             -             -             -             -             -             -
POST   /account/second-factor/remove                       refused         -             totp_removed  totp_removed  totp_removed  totp_removed  totp_removed  totp_removed  totp_removed
POST   /account/sessions/end-others                        refused         -             sessions_ended sessions_ended sessions_ended sessions_ended sessions_ended sessions_ended sessions_ended
POST   /account/sessions/{id}/end                          refused         -             session_ended session_ended session_ended session_ended session_ended session_ended session_ended
POST   /account/tokens                                     refused         -             token_made    token_made    token_made    token_made    token_made    token_made    token_made
POST   /account/tokens/{id}/revoke                         refused         -             token_revoked token_revoked token_revoked token_revoked token_revoked token_revoked token_revoked
POST   /api/v1/border/acknowledgements                      customs only   -             -             -             -             -             -             -             -
POST   /api/v1/border/allotments                            customs only   -             -             -             -             -             -             -             -
POST   /api/v1/border/messages                              customs only   -             -             -             -             -             -             -             -
POST   /api/v1/cases/{number}/steps                        refused         -             -             -             -             case_read,case_step case_read,case_step -             -
POST   /api/v1/classify                                     public          -             -             -             -             -             -             -             -
POST   /api/v1/clock                                       public          -             -             -             -             -             -             -             -
POST   /api/v1/duties/reports                              refused         -             holder_reported holder_reported holder_reported -             -             -             -
POST   /api/v1/filings                                      refused         -             filings_taken filings_taken -             -             -             -             -
POST   /authority/people                                   refused         -             -             -             -             -             -             -             account_made
POST   /authority/people/{account}/{deed}                  refused         -             -             -             -             -             -             -             account_reset
POST   /duties                                             refused         -             holder_reported holder_reported holder_reported -             -             -             -
POST   /duties/receipts                                    refused         -             -             -             -             holder_reported holder_reported -             -
POST   /cases                                              nothing to give -             -             -             -             -             -             -             -
POST   /cases/views                                        own queues      -             -             -             -             -             -             -             -
POST   /cases/{number}/advice                              no agency       -             -             -             -             -             -             -             -
POST   /cases/{number}/draft                               refused         -             -             -             -             case_read     case_read     -             -
POST   /cases/{number}/note                                refused         -             -             -             -             case_read,case_step case_read,case_step -             -
POST   /cases/{number}/sign                                refused         -             -             -             -             case_read     case_read     -             -
POST   /cases/{number}/step                                refused         -             -             -             -             case_read,case_step case_read,case_step -             -
POST   /file                                                only a trial    -             -             -             -             -             -             -             -
POST   /file/preview/{upload}                               refused         -             filings_taken -             -             -             -             -             -
POST   /documents                                          refused         -             document_stored document_stored document_stored -             -             -             -
POST   /api/v1/documents                                   refused         -             document_stored document_stored document_stored -             -             -             -
POST   /invitation/{code}                                                  invitation_accepted invitation_accepted invitation_accepted invitation_accepted invitation_accepted invitation_accepted invitation_accepted invitation_accepted
POST   /law/{pack}/drafts                                  refused         -             -             -             -             pack_drafted  pack_drafted  -             -
POST   /law/{pack}/{version}/decision                      refused         -             -             -             -             -             pack_sent_back -             -
POST   /law/{pack}/{version}/files/{file}                  refused         -             -             -             -             pack_changed  pack_changed  -             -
POST   /law/{pack}/{version}/step                          refused         -             -             -             -             pack_proposed pack_proposed -             -
POST   /law/{pack}/{version}/tables/{file}/{row}           refused         -             -             -             -             pack_changed  pack_changed  -             -
POST   /operations/jobs/{job}/retry                         refused         -             -             -             -             -             -             -             job_retried
POST   /operations/mail-templates/{kind}/{language}         refused         -             -             -             -             -             -             -             mail_template_changed
POST   /organisations/{id}/people                          refused         -             -             account_made  -             -             -             -             -
POST   /organisations/{id}/people/{account}/{deed}         refused         -             -             account_reset -             -             -             -             -
POST   /organisations/{id}/sites                           refused         -             -             site_written  -             -             -             -             -
POST   /preferences                                         public          -             -             -             -             -             -             -             -
POST   /quotas                                             refused         -             -             -             -             -             quota_moved   -             -
POST   /register                                                           registration_asked registration_asked registration_asked registration_asked registration_asked registration_asked registration_asked registration_asked
POST   /registrations/{id}/decide                          refused         -             -             -             -             registration_refused registration_refused -             -
POST   /registrations/{id}/take                            refused         -             -             -             -             registration_assigned registration_assigned -             -
POST   /sign-in                                                            signed_in     signed_in     signed_in     signed_in     signed_in     signed_in     signed_in     signed_in
POST   /sign-in/passkey                                    none awaited    -             -             -             -             -             -             -             -
POST   /sign-in/passkey/options                            public          -             -             -             -             -             -             -             -
POST   /sign-in/second                                     none awaited    -             -             -             -             -             -             -             -
POST   /sign-out                                           nobody          -             signed_out    signed_out    signed_out    signed_out    signed_out    signed_out    signed_out
DELETE /api/v1/me/sessions/{id}                            refused         -             session_ended session_ended session_ended session_ended session_ended session_ended session_ended
DELETE /api/v1/me/tokens/{id}                              refused         -             token_revoked token_revoked token_revoked token_revoked token_revoked token_revoked token_revoked
GET    /account/calendar                                   own account     -             -             -             -             -             data_read     -             -
GET    /calendar/{token}                                   public          -             -             -             -             -             -             -             -
GET    /enquiries                                          own or refused  -             -             -             -             enquiry_read  enquiry_read  -             -
GET    /enquiries/new                                      own or refused  -             -             -             -             -             -             -             -
GET    /enquiries/{number}                                 own or refused  -             -             -             -             enquiry_read  enquiry_read  -             -
GET    /webhooks                                           own or refused  -             -             -             -             -             -             -             -
GET    /webhooks/{id}                                      own or refused  -             -             -             -             -             -             -             -
GET    /api/v1/enquiries                                   own or refused  -             -             -             -             enquiry_read  enquiry_read  -             -
GET    /api/v1/enquiries/{number}                          own or refused  -             -             -             -             enquiry_read  enquiry_read  -             -
GET    /api/v1/webhooks                                    own or refused  -             -             -             -             -             -             -             -
GET    /api/v1/webhooks/{id}                               own or refused  -             -             -             -             -             -             -             -
POST   /account/calendar                                   refused         -             calendar_link_made calendar_link_made calendar_link_made calendar_link_made calendar_link_made calendar_link_made calendar_link_made
POST   /account/calendar/revoke                            refused         -             calendar_link_revoked calendar_link_revoked calendar_link_revoked calendar_link_revoked calendar_link_revoked calendar_link_revoked calendar_link_revoked
POST   /enquiries                                          refused         -             enquiry_asked enquiry_asked enquiry_asked -             -             -             -
POST   /enquiries/{number}/answer                          refused         -             -             -             -             enquiry_answered,enquiry_read enquiry_answered,enquiry_read -             -
POST   /enquiries/{number}/questions                       refused         -             enquiry_asked_on enquiry_asked_on -             -             -             -             -
POST   /webhooks                                           refused         -             -             webhook_made  -             -             webhook_made  -             -
POST   /webhooks/{id}/{deed}                               refused         -             -             webhook_tried -             -             webhook_tried -             -
POST   /api/v1/enquiries                                   refused         -             enquiry_asked enquiry_asked enquiry_asked -             -             -             -
POST   /api/v1/enquiries/{number}/answer                   refused         -             -             -             -             enquiry_answered,enquiry_read enquiry_answered,enquiry_read -             -
POST   /api/v1/enquiries/{number}/questions                refused         -             enquiry_asked_on enquiry_asked_on -             -             -             -             -
POST   /api/v1/webhooks                                    refused         -             -             webhook_made  -             -             webhook_made  -             -
POST   /api/v1/webhooks/{id}/rotate                        refused         -             -             webhook_rotated -             -             webhook_rotated -             -
POST   /api/v1/webhooks/{id}/resume                        refused         -             -             webhook_resumed -             -             webhook_resumed -             -
POST   /api/v1/webhooks/{id}/try                           refused         -             -             webhook_tried -             -             webhook_tried -             -
GET    /screening                                          refused         -             -             -             -             screening_read screening_read screening_read -
GET    /screening/hits/{hit}                               refused         -             -             -             -             screening_read screening_read screening_read -
POST   /screening/hits/{hit}                               refused         -             -             -             -             hit_decided    hit_decided    -              -
GET    /screening/lists                                    no party's data -             -             -             -             -              -              -              -
GET    /screening/lists/{list}                             no party's data -             -             -             -             -              -              -              -
POST   /screening/lists                                    refused         -             -             -             -             -              list_put       list_put       -
POST   /screening/thresholds                               refused         -             -             -             -             -              threshold_set  threshold_set  -
POST   /api/v1/screen                                      refused         -             -             -             -             screening_read screening_read screening_read -
POST   /api/v1/match/{dataset}                             refused         -             -             -             -             screening_read screening_read screening_read -
GET    /api/v1/screening/lists                             no party's data -             -             -             -             -              -              -              -
GET    /api/v1/screening/lists/{list}                      no party's data -             -             -             -             -              -              -              -
POST   /api/v1/screening/lists/{list}                      refused         -             -             -             -             -              list_put       list_put       -
GET    /api/v1/screening/hits                              refused         -             -             -             -             screening_read screening_read screening_read -
GET    /api/v1/screening/hits/{hit}                        refused         -             -             -             -             screening_read screening_read screening_read -
POST   /api/v1/screening/hits/{hit}                        refused         -             -             -             -             hit_decided    hit_decided    -              -
DELETE /api/v1/webhooks/{id}                               refused         -             -             webhook_removed -             -             webhook_removed -             -
GET    /border                                             customs only    -             -             -             -             -             -             -             -
POST   /border                                             customs only    -             -             -             -             -             -             -             -
GET    /border/licences/{number}                           customs only    -             -             -             -             -             -             -             -
POST   /border/licences/{number}                           customs only    -             -             -             -             -             -             -             -
POST   /border/licences/{number}/allotments                customs only    -             -             -             -             -             -             -             -
GET    /licences                                           own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /licences/{number}                                  own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /licences/{number}/document                         own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /cases/{number}/letters/{kind}/{seq}                no letter yet   -             -             -             -             -             -             -             -
GET    /check                                              public          -             -             -             -             -             -             -             -
POST   /licences/{number}/manage                           refused         -             -             -             -             licence_read,licence_suspended licence_read,licence_reinstated -             -
POST   /licences/{number}/surrender                        refused         -             licence_surrendered -             -             -             -             -             -
GET    /general                                            own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /general/{number}                                   own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /api/v1/general-licences                            public          -             -             -             -             -             -             -             -
GET    /api/v1/general-registrations                       own or refused  -             -             -             -             licence_read  licence_read  -             -
GET    /api/v1/general-registrations/{number}              own or refused  -             -             -             -             licence_read  licence_read  -             -
POST   /general                                            registered once -             general_registered -             general_registered -             -             -             -
POST   /general/{number}/own                               told once       -             general_first_use_noticed -             -             -             -             -             -
POST   /general/{number}/returns                           none is due     -             -             -             -             -             -             -             -
POST   /general/{number}/manage                            refused         -             -             -             -             general_suspended,licence_read general_reinstated,licence_read -             -
POST   /licences/{number}/users                            not general     -             -             -             -             licence_read  licence_read  -             -
POST   /api/v1/border/general-uses                         customs only    -             -             -             -             -             -             -             -
POST   /api/v1/general-registrations                       registered once -             -             -             general_registered -             -             -             -
POST   /api/v1/general-registrations/{number}/authority-steps suspended once  -             -             -             -             general_suspended,licence_read -  -             -
POST   /api/v1/general-registrations/{number}/own-steps    given up once   -             general_given_up -             -             -             -             -             -
POST   /api/v1/general-registrations/{number}/returns      filed once      -             general_return_filed -             -             -             -             -             -
";

/// A row of the table.
struct Row {
    route: String,
    why_none: String,
    actions: Vec<String>,
}

fn expected() -> Vec<Row> {
    let rows = EXPECTED.lines().filter(|line| !line.is_empty());
    rows.map(|line| {
        let mut words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let actions = words.split_off(words.len() - ACCOUNT_KEYS.len());
        let route = format!("{} {}", words[0], words[1]);
        Row { route, why_none: words[2..].join(" "), actions }
    })
    .collect()
}

/// What routes lack: a sentence for each, with the route's name.
fn lacking(routes: &[(&str, &str)], openapi: &BTreeSet<String>) -> Vec<String> {
    let matrix =
        include_str!("snapshots/it__matrix__every_route_answers_each_role_as_the_matrix_says.snap");
    let audited = expected();
    let mut lacking = Vec::new();
    for (method, path) in routes {
        let route = format!("{method} {path}");
        if !matrix.lines().any(|line| line.starts_with(&format!("{route} "))) {
            lacking.push(format!("{route} has no row in the authorisation matrix"));
        }
        if !audited.iter().any(|row| row.route == route) {
            lacking.push(format!("{route} does not say what it leaves in the audit"));
        }
        if path.starts_with("/api/") && !openapi.contains(&route) {
            lacking.push(format!("{route} does not stand in the OpenAPI document"));
        }
    }
    let known = |route: &str| routes.iter().any(|r| format!("{} {}", r.0, r.1) == route);
    for row in audited.iter().filter(|row| !known(&row.route)) {
        lacking.push(format!("{} stands in the table of the audit and is no route", row.route));
    }
    lacking
}

async fn openapi(world: &World) -> BTreeSet<String> {
    let document = world.get("officer", "/api/openapi.json").await.json();
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

#[tokio::test]
async fn every_route_is_covered_and_one_that_is_not_is_named() {
    let world = World::new();
    let openapi = openapi(&world).await;
    let mut routes: Vec<_> = web::routes().map(|route| (route.0, route.1)).collect();
    assert_eq!(lacking(&routes, &openapi), Vec::<String>::new());
    routes.push(("GET", "/api/v1/rogue"));
    assert_eq!(
        lacking(&routes, &openapi),
        [
            "GET /api/v1/rogue has no row in the authorisation matrix",
            "GET /api/v1/rogue does not say what it leaves in the audit",
            "GET /api/v1/rogue does not stand in the OpenAPI document",
        ]
    );
    let gone = routes.iter().position(|route| route.1 == "/search").unwrap();
    routes.remove(gone);
    let last = lacking(&routes, &openapi).pop().unwrap();
    assert_eq!(last, "GET /search stands in the table of the audit and is no route");
}

/// The path of a route with what must be made for it first: a session, token or cover of the account
/// itself, somebody to manage, an invitation that nobody has used, a registration that waits.
fn placed(world: &World, account: &str, pattern: &str) -> String {
    if pattern.contains("/certificate") {
        return certificates::placed(world, pattern);
    }
    let (people, by) = (world.people(), By::account(account));
    if account.is_empty() && pattern.contains("{id}") && pattern.contains("/account/") {
        return pattern.replace("{id}", "MAG-1");
    }
    if pattern.contains("{code}") {
        return pattern.replace("{code}", &invite(world, Role::Officer, "").1);
    }
    if pattern.contains("/people/{account}/{deed}") {
        let authority = pattern.starts_with("/authority");
        let of = if authority { (Role::Officer, "") } else { (Role::Filer, "gad:mag-d") };
        return pattern
            .replace("{account}/{deed}", &format!("{}/reset", invite(world, of.0, of.1).0));
    }
    if pattern.contains("/registrations/{id}") {
        let id = people.registration_ask(By::COMMAND_LINE, &REGISTRATION, &moment()).unwrap();
        return pattern.replace("{id}", &id);
    }
    if pattern.contains("/{version}") {
        return pattern.replace("{version}", &drafted(world, account, pattern).to_string());
    }
    if pattern.contains("/enquiries/{number}") {
        return pattern.replace("{number}", &enquiry(world, pattern.ends_with("/questions")));
    }
    if account.is_empty() {
        return pattern.to_owned();
    }
    if pattern.contains("/webhooks/{id}") && matches!(account, "manager" | "supervisor") {
        let party = if account == "manager" { "gad:mag-d" } else { "" };
        let url = "https://hooks.example/";
        let now = moment().now;
        for one in people.webhooks(party, now).unwrap() {
            people.webhook_remove(by, (party, &one.id), now).unwrap();
        }
        return pattern.replace("{id}", &people.webhook_make(by, party, url, &moment()).unwrap().0);
    }
    if pattern.contains("/sessions/{id}") {
        let own = people.sessions(account, moment().now).unwrap().pop().unwrap();
        return pattern.replace("{id}", &own.id);
    }
    if pattern.contains("/tokens/{id}") {
        let name = format!("spare {}", people.tokens(account).unwrap().len());
        people.token_make(by, account, &name, Scope::Read, 1, &moment()).unwrap();
        let made = people.tokens(account).unwrap().into_iter().find(|t| t.name == name);
        return pattern.replace("{id}", &made.unwrap().id);
    }
    if pattern.contains("/cover/{id}") {
        let Some(delegate) = people.colleagues(account).unwrap().pop() else {
            return pattern.to_owned();
        };
        let days = (moment().now, Timestamp::from_us(moment().now.us() + 3_600_000_000));
        people.cover_make(by, &delegate.account, days, "leave", &moment()).unwrap();
        let mut covers = people.covers(account, moment().now).unwrap();
        covers.retain(|cover| cover.account == account);
        return pattern.replace("{id}", &covers[0].id);
    }
    pattern.to_owned()
}

/// An enquiry of the magnet maker, answered where it is to be asked on; gives its number. One that stands so
/// already will do: not many may wait at once.
fn enquiry(world: &World, answered: bool) -> String {
    let state = if answered { "answered" } else { "open" };
    let there = world.platform().enquiries(Some("gad:mag-d"), state, None).unwrap();
    if let Some(row) = there.rows.last() {
        return row.number.clone();
    }
    let actor = |key: &str, role, party: &str| Actor::new(key, role, party);
    let (maker, officer) =
        (actor("magnet-maker", Role::Filer, "gad:mag-d"), actor("officer", Role::Officer, ""));
    let by = |actor| app::cases::Step { actor, moment: moment() };
    let about = About::Classification {
        good: "magnet".to_owned(),
        hs: String::new(),
        composition: String::new(),
    };
    let law = crate::notices::law();
    let number = world.platform().enquiry_ask(&law, (&about, "is it?"), &by(&maker)).unwrap();
    if answered {
        let answer = ("it is not", Some(Finding::NotControlled), [].as_slice());
        world.platform().enquiry_answer(&law, &number, answer, &by(&officer)).unwrap();
    }
    number
}

/// A draft of the account's own where it may have one, else of the officer's; proposed by the officer where
/// it is to be decided.
fn drafted(world: &World, account: &str, pattern: &str) -> u32 {
    let decision = pattern.ends_with("/decision");
    let author = if account == "supervisor" && !decision { account } else { "officer" };
    let step = Step { account: author, at: moment().now };
    let version = world.platform().pack_draft("demo", "Draft", step).unwrap();
    if decision {
        world.platform().pack_move(("demo", version, 1), PackState::Proposed, step).unwrap();
    }
    version
}

const REGISTRATION: NewRegistration<'static> = NewRegistration {
    name: "Neodym Works",
    local_name: "",
    country: "SE",
    address: "",
    identifiers: "gad:neodym-works",
    contact_name: "Nora Lind",
    contact_email: "nora@works.example",
};

/// Invites somebody new; gives the key of the account and the code of its invitation.
fn invite(world: &World, role: Role, party: &str) -> (String, String) {
    let account = format!("guest-{}", world.people().persons().unwrap().len());
    let new = NewPerson {
        account: &account,
        kind: PersonKind::Person,
        name: "Guest",
        local_name: "",
        email: "",
        role,
        party,
        desk: "",
    };
    let code = world.people().person_invite(By::COMMAND_LINE, &new, &moment()).unwrap();
    (account, code.unwrap())
}

/// Whose entry it is: of who asked, or of who comes in by it; what failed is nobody's.
fn acting(route: &str, account: &str, action: &str) -> String {
    match (route, action) {
        (_, "sign_in_failed") => String::new(),
        // Whoever comes by a link is the end user, and nobody's account.
        (route, _) if route.contains("/certificate/{secret}") => String::new(),
        ("POST /sign-in", _) => "officer".to_owned(),
        _ => account.to_owned(),
    }
}

/// What is told of a change of a licence, without the instant, which another route may move.
fn dateless(detail: &str) -> &str {
    if detail.starts_with("{\"effective\"") { "{\"effective\":…}" } else { detail }
}

/// A text without what is random in it, keys in hexadecimal, and without the number of a batch.
fn unnumbered(text: &str) -> String {
    let (mut plain, mut before) = (String::new(), "");
    for part in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        // Ids, and digests of a pack whose files change.
        let random = matches!(word.len(), 32 | 36 | 64)
            && word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        plain.push_str(if random || before == "batch:" { "…" } else { word });
        before = part;
        plain.push_str(&part[word.len()..]);
    }
    plain
}

#[tokio::test]
async fn every_route_leaves_in_the_audit_what_the_table_says() {
    let world = World::new();
    let (upload, asset, job) = places(&world).await;
    let hash = world.document();
    world.licence();
    let mut wrong = Vec::new();
    let mut told = Vec::new();
    let mut actions_told = BTreeSet::new();
    for row in expected() {
        let (method, pattern) = row.route.split_once(' ').unwrap();
        for (account, expected) in ACCOUNT_KEYS.into_iter().zip(&row.actions) {
            let who = world.person(account).await;
            let placed = world.applied(&placed(&world, account, pattern));
            let path = concrete(&placed, &upload, &asset, &job, &hash);
            // So that nobody comes too often.
            clock_forward(10);
            world.recorded(0).await;
            let before = world.platform().audit_head().unwrap().seq;
            let status = status(&world, &who, account, method, &path, Filing::Done).await;
            let entries = world.recorded(before).await;
            let actions: BTreeSet<&str> = entries.iter().map(|e| e.action.as_str()).collect();
            let found = if actions.is_empty() {
                "-".to_owned()
            } else {
                actions.into_iter().collect::<Vec<_>>().join(",")
            };
            let whom = if account.is_empty() { "public" } else { account };
            if found != *expected {
                let route = &row.route;
                wrong.push(format!("{route} as {whom} ({status}): {found}, expected {expected}"));
            }
            for entry in entries {
                // Whoever accepts an invitation acts as who was invited.
                let by = entry.account.strip_prefix("guest-").map_or(&*entry.account, |_| account);
                assert_eq!(by, acting(&row.route, account, &entry.action), "{entry:?}");
                let (count, subject) = (unnumbered(dateless(&entry.detail)), &entry.subject);
                told.push(format!(
                    "{:<58}{whom:<14}{:<22}{subject:<12} {} {count}",
                    row.route,
                    entry.action,
                    unnumbered(&entry.resource)
                ));
                actions_told.insert(entry.action);
            }
        }
        if row.actions.iter().any(|action| action == "-") {
            assert!(!row.why_none.is_empty(), "{}: why nothing?", row.route);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    insta::assert_snapshot!(told.join("\n"));
    let head = world.platform().audit_head().unwrap().seq;
    assert_eq!(world.platform().audit_verify(1, head).unwrap(), Vec::<String>::new());
    let all = world.platform().audit_after(&AuditFilter::default(), 0, 100_000).unwrap();
    assert_eq!(all.len() as u64, head);
    // Each can be chosen in the filter, and in words.
    let page = world.person("officer").await.get("/audit").await.body;
    for action in actions_told {
        let option = page.split_once(&format!("<option value=\"{action}\"")).unwrap_or_default().1;
        let words = option.split(['>', '<']).nth(1).unwrap_or_default();
        assert!(!words.is_empty() && words != action, "{action} stands in the filter as `{words}`");
    }
}
