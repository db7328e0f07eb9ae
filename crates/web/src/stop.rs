//! Why a request is not answered as asked, in one enum for pages and API.
//!
//! A handler returns a [`Stop`]; the frame around all routes (`frame.rs`) dresses it as a page or as
//! `application/problem+json` (RFC 9457) with the stable code given here. What one may not see is
//! "not found", never "forbidden".

use app::documents::{Refusal, ScanState};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// One field of a request that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub(crate) struct FieldFault {
    /// The field, as it is named in the request.
    pub field: String,
    /// Stable code.
    pub code: &'static str,
    /// What is wrong, with what was found in backticks.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// Why a request stops.
#[derive(Debug, Clone)]
pub(crate) enum Stop {
    /// It does not exist, or not for this actor.
    NotFound,
    /// Not signed in: a page leads to the sign-in, the API says 401.
    SignIn,
    /// Signed in by one factor where two are needed: a page leads to setting the second up.
    SecondFactor,
    /// The last proof of who it is was given too long ago for this: a page asks again.
    ProveAgain,
    /// The form carries no valid token: it is from elsewhere or too old.
    FormExpired,
    /// Fields that are not as they should be, all at once.
    Fields(Vec<FieldFault>),
    /// The method is not one of this address.
    Method,
    /// Larger than the limit.
    TooLarge,
    /// A document that is larger than one may be.
    DocumentTooLarge,
    /// A document that is not given out, for how its scan stands.
    DocumentHeld(ScanState),
    /// It took longer than the limit.
    TooSlow,
    /// Too many attempts; wait so many seconds.
    TooMany(u32),
    /// An `Idempotency-Key` used before with another body.
    KeyReused,
    /// The same `Idempotency-Key` is being worked on right now.
    KeyBusy,
    /// Neither CSV nor another form that is filed.
    MediaType,
    /// Our own fault; the cause is in the log under this number.
    Fault,
}

impl Stop {
    /// The status.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Stop::NotFound => StatusCode::NOT_FOUND,
            Stop::SignIn => StatusCode::UNAUTHORIZED,
            Stop::FormExpired | Stop::SecondFactor | Stop::ProveAgain => StatusCode::FORBIDDEN,
            Stop::Fields(_) | Stop::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Stop::Method => StatusCode::METHOD_NOT_ALLOWED,
            Stop::TooLarge | Stop::DocumentTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Stop::TooSlow => StatusCode::SERVICE_UNAVAILABLE,
            Stop::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Stop::KeyBusy | Stop::DocumentHeld(_) => StatusCode::CONFLICT,
            Stop::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Stop::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable code; the message of a page is `stop-<code>-title` and `stop-<code>-text`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Stop::NotFound => "not_found",
            Stop::SignIn => "sign_in",
            Stop::SecondFactor => "second_factor",
            Stop::ProveAgain => "prove_again",
            Stop::FormExpired => "form_expired",
            Stop::Fields(_) => "fields",
            Stop::Method => "method",
            Stop::TooLarge => "too_large",
            Stop::DocumentTooLarge => Refusal::TooLarge.code(),
            Stop::DocumentHeld(state) => Refusal::NotClean { state: *state }.code(),
            Stop::TooSlow => "too_slow",
            Stop::TooMany(_) => "too_many",
            Stop::KeyReused => "key_reused",
            Stop::KeyBusy => "key_busy",
            Stop::MediaType => "media_type",
            Stop::Fault => "fault",
        }
    }

    /// The page that a person is led to instead of being told.
    pub(crate) fn door(&self) -> Option<&'static str> {
        match self {
            Stop::SignIn => Some("/sign-in"),
            Stop::SecondFactor => Some("/account/second-factor"),
            Stop::ProveAgain => Some("/account/confirm"),
            _ => None,
        }
    }

    /// One fault of one field.
    pub(crate) fn field(
        field: &str,
        code: &'static str,
        message: String,
        accepted: impl Into<String>,
    ) -> Stop {
        Stop::Fields(vec![FieldFault {
            field: field.to_owned(),
            code,
            message,
            accepted: accepted.into(),
        }])
    }

    /// The stop that a bare status of the router or of a layer stands for.
    pub(crate) fn of_status(status: StatusCode) -> Option<Stop> {
        Some(match status {
            StatusCode::NOT_FOUND => Stop::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Stop::Method,
            StatusCode::PAYLOAD_TOO_LARGE => Stop::TooLarge,
            StatusCode::REQUEST_TIMEOUT | StatusCode::SERVICE_UNAVAILABLE => Stop::TooSlow,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Stop::MediaType,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => Stop::Fields(Vec::new()),
            StatusCode::INTERNAL_SERVER_ERROR => Stop::Fault,
            _ => return None,
        })
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Notes a fault of ours in the log, once, and gives the stop for the answer.
pub(crate) fn fault(cause: &dyn std::fmt::Display) -> Stop {
    tracing::error!(%cause, "a request failed for a reason of ours");
    Stop::Fault
}
