//! The whole house through its doors: the router over a platform in a temporary directory.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accounts;
mod api;
mod apply;
mod attack;
mod audit;
mod authenticator;
mod border;
mod cases;
mod certificates;
mod coverage;
mod documents;
mod general;
mod guard;
mod journey;
mod keys;
mod law;
mod mail;
mod matrix;
mod notices;
mod organisations;
mod quotas;
mod screening;
mod secrets;
mod wallet;
mod webhooks;
mod words;
mod world;
