//! A report as an object.

use super::event::MessageObject;
use crate::times::Rfc3339;
use chat_core::{AccountName, Report, Text, UserInfo};
use serde::Serialize;

/// A report of a user.
#[derive(Serialize)]
pub(super) struct ReportObject<'a> {
    id: u64,
    at: Rfc3339,
    by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_account: Option<&'a str>,
    nickname: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<MessageObject<'a>>,
}

impl<'a> From<&'a Report> for ReportObject<'a> {
    fn from(report: &'a Report) -> Self {
        let account = |user: &'a UserInfo| user.account.as_ref().map(AccountName::as_str);
        Self {
            id: report.id.0,
            at: report.at.into(),
            by: report.by.nickname.shown(),
            by_account: account(&report.by),
            nickname: report.user.nickname.shown(),
            account: account(&report.user),
            reason: report.reason.as_ref().map(Text::as_str),
            message: report.message.as_ref().map(|message| message.as_ref().into()),
        }
    }
}
