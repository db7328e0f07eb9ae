//! All routes in one table: path, method, action, door, handler.
//!
//! The action is what `authorise` is asked for, by the handler, on the resource that it finds
//! ([`crate::visit::Visit::allow`]). The table is what the tests walk: each route has an
//! authorisation row, each API route an OpenAPI entry, and no route answers that never asked.

use app::documents::DOCUMENT_BYTES_MAX;
use app::drafts::BODY_BYTES_MAX;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, delete, get, post};
use base::authorisation::Action;

use crate::config::Hall;
use crate::documents::REST_BYTES_MAX;
use crate::{api, assets, frame, ops, pages};

/// Which kind of caller a route is for, hence how it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// A person: a page.
    Page,
    /// A person: a page that may take as long as an import.
    Import,
    /// A person: a page, and a document in, which may take as long as an import.
    Document,
    /// A program: JSON.
    Api,
    /// A program: JSON, may take as long as an import.
    ApiImport,
    /// A program of customs: JSON. What it may send is bounded by the queue of the border's writer, not by
    /// a pace.
    Border,
    /// A program: JSON, and a document in, which may take as long as an import.
    ApiDocument,
    /// The operator's tools: plain text.
    Ops,
}

/// One row of the table.
pub(crate) struct Route {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) action: Action,
    pub(crate) door: Door,
    handler: fn() -> MethodRouter<Hall>,
}

const fn route(
    method: &'static str,
    path: &'static str,
    action: Action,
    door: Door,
    handler: fn() -> MethodRouter<Hall>,
) -> Route {
    Route { method, path, action, door, handler }
}

/// The table.
pub(crate) static ROUTES: &[Route] = &[
    route("GET", "/", Action::ReadHome, Door::Page, || get(pages::home::show)),
    route("GET", "/sign-in", Action::ReadPublic, Door::Page, || get(pages::sign_in::show)),
    route("POST", "/sign-in", Action::ReadPublic, Door::Page, || post(pages::sign_in::enter)),
    route("GET", "/sign-in/second", Action::ReadPublic, Door::Page, || {
        get(pages::sign_in::second_show)
    }),
    route("POST", "/sign-in/second", Action::ReadPublic, Door::Page, || {
        post(pages::sign_in::second_enter)
    }),
    route("POST", "/sign-in/passkey/options", Action::ReadPublic, Door::Page, || {
        post(pages::passkey::sign_in_options)
    }),
    route("POST", "/sign-in/passkey", Action::ReadPublic, Door::Page, || {
        post(pages::passkey::sign_in_enter)
    }),
    route("GET", "/sign-in/oidc/{provider}", Action::ReadPublic, Door::Page, || {
        get(pages::oidc::begin)
    }),
    route("GET", "/sign-in/oidc/{provider}/callback", Action::ReadPublic, Door::Page, || {
        get(pages::oidc::callback)
    }),
    route("GET", "/sign-out/oidc/{provider}", Action::ReadPublic, Door::Page, || {
        get(pages::oidc::leave)
    }),
    route("GET", "/invitation/{code}", Action::ReadPublic, Door::Page, || {
        get(pages::invitation::show)
    }),
    route("POST", "/invitation/{code}", Action::ReadPublic, Door::Page, || {
        post(pages::invitation::accept)
    }),
    route("POST", "/sign-out", Action::ReadPublic, Door::Page, || post(pages::sign_in::leave)),
    route("POST", "/preferences", Action::ReadPublic, Door::Page, || post(pages::about::prefer)),
    route("GET", "/accessibility", Action::ReadPublic, Door::Page, || {
        get(pages::about::accessibility)
    }),
    route("GET", "/law", Action::DraftLaw, Door::Page, || get(pages::law::list)),
    route("POST", "/law/{pack}/drafts", Action::DraftLaw, Door::Page, || post(pages::law::draft)),
    route("GET", "/law/{pack}/{version}", Action::DraftLaw, Door::Page, || get(pages::law::show)),
    route("POST", "/law/{pack}/{version}/step", Action::DraftLaw, Door::Page, || {
        post(pages::law::step)
    }),
    route("POST", "/law/{pack}/{version}/decision", Action::DecideLaw, Door::Page, || {
        post(pages::law::decide)
    }),
    route("GET", "/law/{pack}/{version}/replay", Action::DraftLaw, Door::Page, || {
        get(pages::replay::show)
    }),
    route("GET", "/law/{pack}/{version}/files/{file}", Action::DraftLaw, Door::Page, || {
        get(pages::law_file::show)
    }),
    route("POST", "/law/{pack}/{version}/files/{file}", Action::DraftLaw, Door::Page, || {
        post(pages::law_file::save)
    }),
    route("GET", "/law/{pack}/{version}/tables/{file}/{row}", Action::DraftLaw, Door::Page, || {
        get(pages::law_file::row)
    }),
    route(
        "POST",
        "/law/{pack}/{version}/tables/{file}/{row}",
        Action::DraftLaw,
        Door::Page,
        || post(pages::law_file::row_save),
    ),
    // The link is the end user's own way in: it needs no account, and is no way to anything else.
    route("GET", "/certificate/{secret}", Action::SignCertificate, Door::Page, || {
        get(pages::link::show)
    }),
    route("GET", "/certificate/{secret}/paper", Action::SignCertificate, Door::Page, || {
        get(pages::link::paper)
    }),
    route("POST", "/certificate/{secret}/check", Action::SignCertificate, Door::Page, || {
        post(pages::link::confirm)
    }),
    route("POST", "/certificate/{secret}/sign", Action::SignCertificate, Door::Page, || {
        post(pages::link::sign)
    }),
    route("POST", "/certificate/{secret}/correct", Action::SignCertificate, Door::Page, || {
        post(pages::link::correct)
    }),
    route("POST", "/certificate/{secret}/decline", Action::SignCertificate, Door::Page, || {
        post(pages::link::decline)
    }),
    route("POST", "/certificate/{secret}/revoke", Action::SignCertificate, Door::Page, || {
        post(pages::link::revoke)
    }),
    route("GET", "/certificates", Action::ReadCase, Door::Page, || get(pages::certificates::list)),
    route("POST", "/certificates", Action::Apply, Door::Page, || post(pages::certificates::ask)),
    route("GET", "/certificates/new", Action::Apply, Door::Page, || get(pages::certificates::new)),
    route("GET", "/certificates/{id}", Action::ReadCase, Door::Page, || {
        get(pages::certificate::show)
    }),
    route("GET", "/certificates/{id}/paper", Action::ReadCase, Door::Page, || {
        get(pages::certificate::paper)
    }),
    route("POST", "/certificates/{id}/steps/{step}", Action::Apply, Door::Page, || {
        post(pages::certificate::step)
    }),
    route("POST", "/certificates/{id}/checks/{step}", Action::Review, Door::Page, || {
        post(pages::certificate::check)
    }),
    route("GET", "/controls/check", Action::ReadPublic, Door::Page, || {
        get(pages::controlled::show)
    }),
    route("GET", "/controls/list", Action::ReadPublic, Door::Page, || get(pages::list::show)),
    route("GET", "/controls/list.csv", Action::ReadPublic, Door::Page, || get(pages::list::csv)),
    route("GET", "/controls/list/changes", Action::ReadPublic, Door::Page, || {
        get(pages::list::changes)
    }),
    route("GET", "/controls/clock", Action::ReadPublic, Door::Page, || get(pages::clock::show)),
    route("GET", "/controls/regimes", Action::ReadPublic, Door::Page, || get(pages::regimes::show)),
    route("GET", "/assets/{digest}/{name}", Action::ReadPublic, Door::Page, || get(assets::show)),
    route("GET", "/account", Action::ReadOwnAccount, Door::Page, || get(pages::account::show)),
    route("POST", "/account", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::profile)
    }),
    route("GET", "/account/confirm", Action::ReadOwnAccount, Door::Page, || {
        get(pages::account::confirm_show)
    }),
    route("POST", "/account/confirm", Action::ReadOwnAccount, Door::Page, || {
        post(pages::account::confirm)
    }),
    route("POST", "/account/password", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::password)
    }),
    route("GET", "/account/second-factor", Action::ChangeOwnAccount, Door::Page, || {
        get(pages::factor::show)
    }),
    route("POST", "/account/second-factor", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::factor::confirm)
    }),
    route("POST", "/account/second-factor/remove", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::factor::remove)
    }),
    route("POST", "/account/recovery-codes", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::factor::recovery_codes)
    }),
    route("POST", "/account/sessions/{id}/end", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::session_end)
    }),
    route("POST", "/account/sessions/end-others", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::sessions_end)
    }),
    route("GET", "/account/cover", Action::ReadOwnAccount, Door::Page, || get(pages::cover::show)),
    route("POST", "/account/cover", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::cover::make)
    }),
    route("POST", "/account/cover/{id}/end", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::cover::end)
    }),
    route("POST", "/account/act", Action::ChangeOwnAccount, Door::Page, || post(pages::cover::act)),
    route("GET", "/organisations/{id}", Action::ReadParty, Door::Page, || {
        get(pages::organisation::show)
    }),
    route("POST", "/organisations/{id}/people", Action::ManageParty, Door::Page, || {
        post(pages::organisation::party_invite)
    }),
    route(
        "POST",
        "/organisations/{id}/people/{account}/{deed}",
        Action::ManageParty,
        Door::Page,
        || post(pages::organisation::party_change),
    ),
    route("POST", "/organisations/{id}/sites", Action::ManageParty, Door::Page, || {
        post(pages::organisation::site)
    }),
    route("GET", "/authority", Action::ManageAuthority, Door::Page, || {
        get(pages::organisation::authority)
    }),
    route("POST", "/authority/people", Action::ManageAuthority, Door::Page, || {
        post(pages::organisation::authority_invite)
    }),
    route(
        "POST",
        "/authority/people/{account}/{deed}",
        Action::ManageAuthority,
        Door::Page,
        || post(pages::organisation::authority_change),
    ),
    route("GET", "/register", Action::ReadPublic, Door::Page, || {
        get(pages::registration::ask_show)
    }),
    route("POST", "/register", Action::ReadPublic, Door::Page, || post(pages::registration::ask)),
    route("GET", "/registrations", Action::VerifyParty, Door::Page, || {
        get(pages::registration::list)
    }),
    route("GET", "/registrations/{id}", Action::VerifyParty, Door::Page, || {
        get(pages::registration::show)
    }),
    route("POST", "/registrations/{id}/take", Action::VerifyParty, Door::Page, || {
        post(pages::registration::take)
    }),
    route("POST", "/registrations/{id}/decide", Action::VerifyParty, Door::Page, || {
        post(pages::registration::decide)
    }),
    route("POST", "/account/passkeys/options", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::passkey::add_options)
    }),
    route("POST", "/account/passkeys", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::passkey::add)
    }),
    route("POST", "/account/passkeys/{id}/remove", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::passkey::remove)
    }),
    route("GET", "/account/identities", Action::ReadOwnAccount, Door::Page, || {
        get(pages::oidc::link_again)
    }),
    route("POST", "/account/identities", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::oidc::link)
    }),
    route("POST", "/account/identities/{id}/remove", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::oidc::unlink)
    }),
    route("POST", "/account/tokens", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::token_make)
    }),
    route("POST", "/account/tokens/{id}/revoke", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::account::token_revoke)
    }),
    route("GET", "/file", Action::File, Door::Page, || get(pages::file::show)),
    route("POST", "/file", Action::File, Door::Import, || post(pages::file::upload)),
    route("GET", "/file/template.csv", Action::File, Door::Page, || get(pages::file::template)),
    route("GET", "/file/preview/{upload}", Action::File, Door::Page, || get(pages::file::preview)),
    route("POST", "/file/preview/{upload}", Action::File, Door::Import, || {
        post(pages::file::confirm)
    }),
    route("GET", "/file/preview/{upload}/rejects.csv", Action::File, Door::Page, || {
        get(pages::file::rejects)
    }),
    route("GET", "/file/receipt/{upload}", Action::File, Door::Page, || get(pages::file::receipt)),
    route("GET", "/applications", Action::Apply, Door::Page, || get(pages::apply::start::list)),
    route("POST", "/applications", Action::Apply, Door::Page, || post(pages::apply::start::begin)),
    route("GET", "/applications/new", Action::Apply, Door::Page, || get(pages::apply::start::new)),
    route("GET", "/applications/{draft}", Action::Apply, Door::Page, || {
        get(pages::apply::draft::show)
    }),
    route("POST", "/applications/{draft}/remove", Action::Apply, Door::Page, || {
        post(pages::apply::check::remove)
    }),
    route("GET", "/applications/{draft}/check", Action::Apply, Door::Page, || {
        get(pages::apply::check::show)
    }),
    route("POST", "/applications/{draft}/check", Action::Apply, Door::Page, || {
        post(pages::apply::check::hand_in)
    }),
    route("POST", "/applications/{draft}/documents", Action::Apply, Door::Document, || {
        post(pages::apply::upload::store)
    }),
    route("GET", "/applications/{draft}/documents", Action::Apply, Door::Page, || {
        get(pages::apply::draft::documents)
    }),
    route("GET", "/applications/{draft}/{part}", Action::Apply, Door::Page, || {
        get(pages::apply::draft::part)
    }),
    route("POST", "/applications/{draft}/{part}", Action::Apply, Door::Page, || {
        post(pages::apply::save::part)
    }),
    route("GET", "/applications/{draft}/{part}/{entry}", Action::Apply, Door::Page, || {
        get(pages::apply::draft::entry)
    }),
    route("POST", "/applications/{draft}/{part}/{entry}", Action::Apply, Door::Page, || {
        post(pages::apply::save::entry)
    }),
    route("POST", "/cases/{number}/answer", Action::Apply, Door::Document, || {
        post(pages::apply::answer::answer)
    }),
    route("POST", "/cases/{number}/amend", Action::Apply, Door::Page, || {
        post(pages::apply::case::amend)
    }),
    route("POST", "/cases/{number}/withdraw", Action::Apply, Door::Page, || {
        post(pages::apply::case::withdraw)
    }),
    route("GET", "/parties/{id}", Action::ReadBook, Door::Page, || get(pages::party::show)),
    route("GET", "/lots/{id}", Action::ReadBook, Door::Page, || get(pages::lot::show)),
    route("GET", "/lots/{id}/trace.csv", Action::ReadBook, Door::Page, || get(pages::lot::csv)),
    route("GET", "/filings/{filer}/{reference}", Action::ReadBook, Door::Page, || {
        get(pages::filing::show)
    }),
    route("GET", "/enquiries", Action::ReadEnquiry, Door::Page, || get(pages::enquiries::list)),
    route("POST", "/enquiries", Action::Enquire, Door::Page, || post(pages::enquiries::ask)),
    route("GET", "/enquiries/new", Action::Enquire, Door::Page, || get(pages::enquiries::new_show)),
    route("GET", "/enquiries/{number}", Action::ReadEnquiry, Door::Page, || {
        get(pages::enquiries::show)
    }),
    route("POST", "/enquiries/{number}/answer", Action::AnswerEnquiry, Door::Page, || {
        post(pages::enquiries::answer)
    }),
    route("POST", "/enquiries/{number}/questions", Action::Enquire, Door::Page, || {
        post(pages::enquiries::ask_on)
    }),
    route("GET", "/webhooks", Action::ManageWebhooks, Door::Page, || get(pages::webhooks::list)),
    route("POST", "/webhooks", Action::ManageWebhooks, Door::Page, || post(pages::webhooks::make)),
    route("GET", "/webhooks/{id}", Action::ManageWebhooks, Door::Page, || {
        get(pages::webhooks::show)
    }),
    route("POST", "/webhooks/{id}/{deed}", Action::ManageWebhooks, Door::Page, || {
        post(pages::webhooks::change)
    }),
    route("GET", "/account/calendar", Action::ReadOwnAccount, Door::Page, || {
        get(pages::calendar::show)
    }),
    route("POST", "/account/calendar", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::calendar::make)
    }),
    route("POST", "/account/calendar/revoke", Action::ChangeOwnAccount, Door::Page, || {
        post(pages::calendar::revoke)
    }),
    route("GET", "/calendar/{token}", Action::ReadPublic, Door::Page, || {
        get(pages::calendar::feed)
    }),
    route("GET", "/documents", Action::File, Door::Page, || get(pages::document::list)),
    route("POST", "/documents", Action::File, Door::Document, || post(pages::document::hand_in)),
    route("GET", "/documents/{sha256}", Action::ReadBook, Door::Page, || {
        get(pages::document::show)
    }),
    route("GET", "/search", Action::Search, Door::Page, || get(pages::search::show)),
    route("GET", "/cases", Action::ReadCase, Door::Page, || get(pages::case::queue::show)),
    route("POST", "/cases", Action::Review, Door::Page, || post(pages::case::queue::give)),
    route("POST", "/cases/views", Action::Review, Door::Page, || post(pages::case::queue::views)),
    route("GET", "/cases/{number}", Action::ReadCase, Door::Page, || get(pages::case::show)),
    route("POST", "/cases/{number}/step", Action::Review, Door::Page, || post(pages::case::step)),
    route("POST", "/cases/{number}/note", Action::ReadCase, Door::Page, || post(pages::case::note)),
    route("GET", "/cases/{number}/draft", Action::Review, Door::Page, || {
        get(pages::case::draft::show)
    }),
    route("POST", "/cases/{number}/draft", Action::Review, Door::Page, || {
        post(pages::case::draft::draft)
    }),
    route("GET", "/cases/{number}/advice", Action::Advise, Door::Page, || {
        get(pages::case::advice::show)
    }),
    route("POST", "/cases/{number}/advice", Action::Advise, Door::Page, || {
        post(pages::case::advice::advise)
    }),
    route("GET", "/cases/{number}/sign", Action::Countersign, Door::Page, || {
        get(pages::case::sign::show)
    }),
    route("POST", "/cases/{number}/sign", Action::Countersign, Door::Page, || {
        post(pages::case::sign::sign)
    }),
    route("GET", "/screening", Action::ReadScreening, Door::Page, || {
        get(pages::screening::queue::show)
    }),
    route("GET", "/screening/hits/{hit}", Action::ReadScreening, Door::Page, || {
        get(pages::screening::hit::show)
    }),
    route("POST", "/screening/hits/{hit}", Action::DecideHit, Door::Page, || {
        post(pages::screening::hit::decide)
    }),
    route("GET", "/screening/lists", Action::ReadScreening, Door::Page, || {
        get(pages::screening::lists::show)
    }),
    route("POST", "/screening/lists", Action::ManageLists, Door::Import, || {
        post(pages::screening::lists::put)
    }),
    route("GET", "/screening/lists/{list}", Action::ReadScreening, Door::Page, || {
        get(pages::screening::list::show)
    }),
    route("POST", "/screening/thresholds", Action::ManageLists, Door::Page, || {
        post(pages::screening::lists::threshold)
    }),
    route("GET", "/findings", Action::ReadFindings, Door::Page, || get(pages::findings::show)),
    route("GET", "/quotas", Action::ReadQuota, Door::Page, || get(pages::quotas::show)),
    route("POST", "/quotas", Action::AllocateQuota, Door::Page, || post(pages::quotas::allocate)),
    route("GET", "/duties", Action::ReadLicence, Door::Page, || get(pages::duties::show)),
    route("POST", "/duties", Action::Apply, Door::Page, || post(pages::duties::report)),
    route("POST", "/duties/receipts", Action::ManageLicence, Door::Page, || {
        post(pages::duties::receipt)
    }),
    route("GET", "/border", Action::DrawDown, Door::Page, || get(pages::licence::border::find)),
    route("POST", "/border", Action::DrawDown, Door::Page, || post(pages::licence::border::scan)),
    route("GET", "/border/licences/{number}", Action::DrawDown, Door::Page, || {
        get(pages::licence::border::show)
    }),
    route("POST", "/border/licences/{number}", Action::DrawDown, Door::Page, || {
        post(pages::licence::border::book)
    }),
    route("POST", "/border/licences/{number}/allotments", Action::DrawDown, Door::Page, || {
        post(pages::licence::allotment::change)
    }),
    route("GET", "/licences", Action::ReadLicence, Door::Page, || get(pages::licence::list::show)),
    route("GET", "/licences/{number}", Action::ReadLicence, Door::Page, || {
        get(pages::licence::one::show)
    }),
    route("GET", "/licences/{number}/document", Action::ReadLicence, Door::Page, || {
        get(pages::licence::paper::licence)
    }),
    route("POST", "/licences/{number}/manage", Action::ManageLicence, Door::Page, || {
        post(pages::licence::one::manage)
    }),
    route("POST", "/licences/{number}/surrender", Action::Apply, Door::Page, || {
        post(pages::licence::one::surrender)
    }),
    route("POST", "/licences/{number}/users", Action::ManageLicence, Door::Page, || {
        post(pages::licence::users::register)
    }),
    route("GET", "/general", Action::ReadLicence, Door::Page, || get(pages::general::list::show)),
    route("POST", "/general", Action::Apply, Door::Page, || post(pages::general::list::register)),
    route("GET", "/general/{number}", Action::ReadLicence, Door::Page, || {
        get(pages::general::one::show)
    }),
    route("POST", "/general/{number}/own", Action::Apply, Door::Page, || {
        post(pages::general::one::own)
    }),
    route("POST", "/general/{number}/returns", Action::Apply, Door::Page, || {
        post(pages::general::one::file_return)
    }),
    route("POST", "/general/{number}/manage", Action::ManageLicence, Door::Page, || {
        post(pages::general::one::manage)
    }),
    route("GET", "/cases/{number}/letters/{kind}/{seq}", Action::ReadCase, Door::Page, || {
        get(pages::licence::paper::letter)
    }),
    route("GET", "/check", Action::ReadPublic, Door::Page, || get(pages::licence::check::show)),
    route("GET", "/activity", Action::ReadActivity, Door::Page, || get(pages::activity::show)),
    route("GET", "/audit", Action::ReadAudit, Door::Page, || get(pages::audit::show)),
    route("GET", "/audit.csv", Action::ReadAudit, Door::Page, || get(pages::audit::csv)),
    route("GET", "/operations/jobs", Action::Operate, Door::Page, || get(pages::jobs::show)),
    route("POST", "/operations/jobs/{job}/retry", Action::Operate, Door::Page, || {
        post(pages::jobs::retry)
    }),
    route("GET", "/operations/mail-templates", Action::Operate, Door::Page, || {
        get(pages::letters::list)
    }),
    route(
        "GET",
        "/operations/mail-templates/{kind}/{language}",
        Action::Operate,
        Door::Page,
        || get(pages::letters::show),
    ),
    route(
        "POST",
        "/operations/mail-templates/{kind}/{language}",
        Action::Operate,
        Door::Page,
        || post(pages::letters::edit),
    ),
    route("GET", "/api", Action::ReadPublic, Door::Page, || get(pages::reference::show)),
    route("GET", "/api/openapi.json", Action::ReadPublic, Door::Api, || get(api::document)),
    route("GET", "/api/v1/me", Action::ReadHome, Door::Api, || get(api::read::me)),
    route("GET", "/api/v1/me/sessions", Action::ReadOwnAccount, Door::Api, || {
        get(api::account::sessions)
    }),
    route("DELETE", "/api/v1/me/sessions/{id}", Action::ChangeOwnAccount, Door::Api, || {
        delete(api::account::session_end)
    }),
    route("GET", "/api/v1/me/tokens", Action::ReadOwnAccount, Door::Api, || {
        get(api::account::tokens)
    }),
    route("DELETE", "/api/v1/me/tokens/{id}", Action::ChangeOwnAccount, Door::Api, || {
        delete(api::account::token_revoke)
    }),
    route("GET", "/api/v1/organisations/{id}", Action::ReadParty, Door::Api, || {
        get(api::organisation::organisation)
    }),
    route("GET", "/api/v1/registrations", Action::VerifyParty, Door::Api, || {
        get(api::organisation::registrations)
    }),
    route("GET", "/api/v1/cases", Action::ReadCase, Door::Api, || get(api::case::cases)),
    route("GET", "/api/v1/cases/{number}", Action::ReadCase, Door::Api, || get(api::case::case)),
    route("POST", "/api/v1/cases/{number}/steps", Action::ReadCase, Door::Api, || {
        post(api::case::steps)
    }),
    route("GET", "/api/v1/totals", Action::TraceAcross, Door::Api, || get(api::read::totals)),
    route("GET", "/api/v1/parties/{id}", Action::ReadBook, Door::Api, || get(api::read::party)),
    route("GET", "/api/v1/lots/{id}", Action::ReadBook, Door::Api, || get(api::read::lot)),
    route("GET", "/api/v1/lots/{id}/trace", Action::ReadBook, Door::Api, || get(api::trace::trace)),
    route("GET", "/api/v1/lots/{id}/lineage", Action::ReadBook, Door::Api, || {
        get(api::trace::lineage)
    }),
    route("GET", "/api/v1/balance", Action::ReadBook, Door::Api, || get(api::trace::balance)),
    route("GET", "/api/v1/findings", Action::ReadFindings, Door::Api, || get(api::read::findings)),
    route("GET", "/api/v1/quotas", Action::ReadQuota, Door::Api, || get(api::quota::quotas)),
    route("GET", "/api/v1/search", Action::Search, Door::Api, || get(api::read::search)),
    route("GET", "/api/v1/filings/{filer}/{reference}", Action::ReadBook, Door::Api, || {
        get(api::read::filing)
    }),
    route(
        "GET",
        "/api/v1/filings/{filer}/{reference}/shipments",
        Action::ReadBook,
        Door::Api,
        || get(api::licensed::shipments),
    ),
    route("GET", "/api/v1/duties", Action::ReadLicence, Door::Api, || get(api::licensed::duties)),
    route("POST", "/api/v1/duties/reports", Action::Apply, Door::Api, || {
        post(api::licensed::report)
    }),
    route("GET", "/api/v1/audit", Action::ReadAudit, Door::Api, || get(api::audit::audit)),
    route("GET", "/api/v1/activity", Action::ReadActivity, Door::Api, || get(api::audit::activity)),
    route("POST", "/api/v1/filings", Action::File, Door::ApiImport, || post(api::file::file)),
    route("GET", "/api/v1/certificates", Action::ReadCase, Door::Api, || {
        get(api::certificates::list)
    }),
    route("POST", "/api/v1/certificates", Action::Apply, Door::Api, || {
        post(api::certificates::ask)
    }),
    route("GET", "/api/v1/certificates/{id}", Action::ReadCase, Door::Api, || {
        get(api::certificates::show)
    }),
    route("POST", "/api/v1/certificates/{id}/links", Action::Apply, Door::Api, || {
        post(api::certificates::link)
    }),
    route("POST", "/api/v1/certificates/{id}/steps", Action::Apply, Door::Api, || {
        post(api::certificates::step)
    }),
    route("POST", "/api/v1/certificates/{id}/checks", Action::Review, Door::Api, || {
        post(api::certificates::check)
    }),
    route("POST", "/api/v1/documents", Action::File, Door::ApiDocument, || {
        post(api::documents::store)
    }),
    route("GET", "/api/v1/documents/{sha256}", Action::ReadBook, Door::Api, || {
        get(api::documents::show)
    }),
    route("GET", "/api/v1/documents/{sha256}/content", Action::ReadBook, Door::Api, || {
        get(api::documents::content)
    }),
    route("GET", "/api/v1/applications", Action::Apply, Door::Api, || get(api::applications::list)),
    route("POST", "/api/v1/applications", Action::Apply, Door::Api, || {
        post(api::applications::begin)
    }),
    route("POST", "/api/v1/applications/check", Action::Apply, Door::Api, || {
        post(api::applications::check)
    }),
    route("GET", "/api/v1/applications/{draft}", Action::Apply, Door::Api, || {
        get(api::applications::show)
    }),
    route("POST", "/api/v1/applications/{draft}", Action::Apply, Door::Api, || {
        post(api::applications::change)
    }),
    route("DELETE", "/api/v1/applications/{draft}", Action::Apply, Door::Api, || {
        delete(api::applications::remove)
    }),
    route("POST", "/api/v1/applications/{draft}/hand-in", Action::Apply, Door::Api, || {
        post(api::applications::hand_in)
    }),
    route("POST", "/api/v1/cases/{number}/answer", Action::Apply, Door::Api, || {
        post(api::own_case::answer)
    }),
    route("POST", "/api/v1/cases/{number}/withdraw", Action::Apply, Door::Api, || {
        post(api::own_case::withdraw)
    }),
    route("POST", "/api/v1/cases/{number}/amend", Action::Apply, Door::Api, || {
        post(api::own_case::amend)
    }),
    route("POST", "/api/v1/clock", Action::ReadPublic, Door::Api, || post(api::law::clock)),
    route("POST", "/api/v1/classify", Action::ReadPublic, Door::Api, || post(api::law::classify)),
    route("GET", "/api/v1/control-list", Action::ReadPublic, Door::Api, || {
        get(api::law::control_list)
    }),
    route("GET", "/api/v1/regimes", Action::ReadPublic, Door::Api, || get(api::law::regimes)),
    route("GET", "/api/v1/enquiries", Action::ReadEnquiry, Door::Api, || {
        get(api::enquiry::enquiries)
    }),
    route("POST", "/api/v1/enquiries", Action::Enquire, Door::Api, || post(api::enquiry::ask)),
    route("GET", "/api/v1/enquiries/{number}", Action::ReadEnquiry, Door::Api, || {
        get(api::enquiry::enquiry)
    }),
    route("POST", "/api/v1/enquiries/{number}/answer", Action::AnswerEnquiry, Door::Api, || {
        post(api::enquiry::answer)
    }),
    route("POST", "/api/v1/enquiries/{number}/questions", Action::Enquire, Door::Api, || {
        post(api::enquiry::ask_on)
    }),
    route("POST", "/api/v1/screen", Action::ReadScreening, Door::ApiImport, || {
        post(api::screening::screen)
    }),
    route("POST", "/api/v1/match/{dataset}", Action::ReadScreening, Door::ApiImport, || {
        post(api::screening_match::matches)
    }),
    route("GET", "/api/v1/screening/lists", Action::ReadScreening, Door::Api, || {
        get(api::screening::lists)
    }),
    route("GET", "/api/v1/screening/lists/{list}", Action::ReadScreening, Door::Api, || {
        get(api::screening::list)
    }),
    route("POST", "/api/v1/screening/lists/{list}", Action::ManageLists, Door::ApiImport, || {
        post(api::screening::list_put)
    }),
    route("GET", "/api/v1/screening/hits", Action::ReadScreening, Door::Api, || {
        get(api::screening::hits)
    }),
    route("GET", "/api/v1/screening/hits/{hit}", Action::ReadScreening, Door::Api, || {
        get(api::screening::hit)
    }),
    route("POST", "/api/v1/screening/hits/{hit}", Action::DecideHit, Door::Api, || {
        post(api::screening::decide)
    }),
    route("GET", "/api/v1/webhooks", Action::ManageWebhooks, Door::Api, || {
        get(api::webhook::webhooks)
    }),
    route("GET", "/api/v1/webhooks/{id}", Action::ManageWebhooks, Door::Api, || {
        get(api::webhook::webhook)
    }),
    route("DELETE", "/api/v1/webhooks/{id}", Action::ManageWebhooks, Door::Api, || {
        delete(api::webhook::remove)
    }),
    route("POST", "/api/v1/webhooks", Action::ManageWebhooks, Door::Api, || {
        post(api::webhook::make)
    }),
    route("POST", "/api/v1/webhooks/{id}/rotate", Action::ManageWebhooks, Door::Api, || {
        post(api::webhook::rotate)
    }),
    route("POST", "/api/v1/webhooks/{id}/resume", Action::ManageWebhooks, Door::Api, || {
        post(api::webhook::resume)
    }),
    route("POST", "/api/v1/webhooks/{id}/try", Action::ManageWebhooks, Door::Api, || {
        post(api::webhook::attempt)
    }),
    route("POST", "/api/v1/border/messages", Action::DrawDown, Door::Border, || {
        post(api::border::messages)
    }),
    route("GET", "/api/v1/border/licences/{number}", Action::ReadLicence, Door::Border, || {
        get(api::border::licence)
    }),
    route("GET", "/api/v1/border/changes", Action::DrawDown, Door::Border, || {
        get(api::border::changes)
    }),
    route("POST", "/api/v1/border/acknowledgements", Action::DrawDown, Door::Border, || {
        post(api::border::acknowledgements)
    }),
    route("POST", "/api/v1/border/allotments", Action::DrawDown, Door::Border, || {
        post(api::border::allotments)
    }),
    route("POST", "/api/v1/border/general-uses", Action::DrawDown, Door::Border, || {
        post(api::general::uses)
    }),
    route("GET", "/api/v1/general-licences", Action::ReadPublic, Door::Api, || {
        get(api::general::licences)
    }),
    route("GET", "/api/v1/general-registrations", Action::ReadLicence, Door::Api, || {
        get(api::general::registrations)
    }),
    route("POST", "/api/v1/general-registrations", Action::Apply, Door::Api, || {
        post(api::general::register)
    }),
    route("GET", "/api/v1/general-registrations/{number}", Action::ReadLicence, Door::Api, || {
        get(api::general::registration)
    }),
    route(
        "POST",
        "/api/v1/general-registrations/{number}/own-steps",
        Action::Apply,
        Door::Api,
        || post(api::general::own_step),
    ),
    route(
        "POST",
        "/api/v1/general-registrations/{number}/authority-steps",
        Action::ManageLicence,
        Door::Api,
        || post(api::general::authority_step),
    ),
    route(
        "POST",
        "/api/v1/general-registrations/{number}/returns",
        Action::Apply,
        Door::Api,
        || post(api::general::file_return),
    ),
    route("GET", "/api/v1/licences/{number}/check", Action::ReadPublic, Door::Api, || {
        get(api::border::check)
    }),
    route("GET", "/healthz", Action::ReadPublic, Door::Ops, || get(ops::health)),
    route("GET", "/readyz", Action::ReadPublic, Door::Ops, || get(ops::ready)),
    route("GET", "/metrics", Action::ReadPublic, Door::Ops, || get(ops::metrics)),
];

/// Method, path and action of every route, for tests that walk them.
pub fn routes() -> impl Iterator<Item = (&'static str, &'static str, Action)> {
    ROUTES.iter().map(|row| (row.method, row.path, row.action))
}

/// The router of the table, without the frame around it.
pub(crate) fn table(hall: &Hall) -> Router<Hall> {
    let limits = hall.config.limits;
    ROUTES.iter().fold(Router::new(), |router, row| {
        let bytes = match row.door {
            Door::Import | Door::ApiImport => limits.file_bytes + limits.form_bytes,
            Door::Border => limits.border_bytes,
            // What is too large is read to its end, so that whoever sends it hears so.
            Door::Document | Door::ApiDocument => {
                (DOCUMENT_BYTES_MAX + REST_BYTES_MAX) as usize + limits.form_bytes
            }
            // A program sends an application whole.
            Door::Api if row.action == Action::Apply => BODY_BYTES_MAX,
            Door::Page | Door::Api | Door::Ops => limits.form_bytes,
        };
        let handler = (row.handler)()
            .layer(DefaultBodyLimit::max(bytes))
            .layer(from_fn_with_state((hall.clone(), row), frame::gate));
        router.route(row.path, handler)
    })
}
