//! The table `[moderation]` of the configuration file: the server operators and the audit log.

use chat_server::engine::{AccountName, Config, SettingError};
use std::time::Duration;
use toml::{Table, Value};

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModerationProblem {
    #[error(
        "there is no setting '{0}'; there are operators, audit_entries, audit_age, \
         open_reports, report_burst and report_interval"
    )]
    Unknown(String),
    #[error("operators has to be a list of accounts, such as [\"alice\"]")]
    Operators,
    #[error("{0}")]
    Value(#[from] SettingError),
}

/// Reads the table into the settings of the engine.
pub(crate) fn read(table: Table, engine: &mut Config) -> Result<(), ModerationProblem> {
    for (name, value) in table {
        match name.as_str() {
            "operators" => engine.server_operators = operators(&value)?,
            "audit_entries" | "open_reports" | "report_burst" => {
                engine.set(&name, &value.to_string())?;
            }
            "report_interval" => {
                let expected = "a time such as 60s or 5m";
                let interval = age(&name, &value).ok().flatten();
                engine.report_interval = interval.ok_or_else(|| SettingError::Value {
                    name,
                    value: value.to_string(),
                    expected,
                })?;
            }
            "audit_age" => engine.audit_age = age(&name, &value)?,
            _ => return Err(ModerationProblem::Unknown(name)),
        }
    }
    Ok(())
}

fn operators(value: &Value) -> Result<Vec<AccountName>, ModerationProblem> {
    let Value::Array(names) = value else { return Err(ModerationProblem::Operators) };
    let name = |name: &Value| name.as_str().filter(|name| !name.is_empty()).map(AccountName::from);
    names.iter().map(name).collect::<Option<_>>().ok_or(ModerationProblem::Operators)
}

/// Reads a time, or `"none"` for no limit.
fn age(name: &str, value: &Value) -> Result<Option<Duration>, SettingError> {
    let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if written == "none" {
        return Ok(None);
    }
    humantime::parse_duration(&written).map(Some).map_err(|_| SettingError::Value {
        name: name.to_owned(),
        value: written,
        expected: "a time such as 12h or 90d, or none",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_source(source: &str) -> Result<Config, String> {
        let mut engine = Config::default();
        let table = source.parse().expect("TOML");
        read(table, &mut engine).map(|()| engine).map_err(|problem| problem.to_string())
    }

    #[test]
    fn operators_are_accounts() {
        let engine = read_source(r#"operators = ["alice", "Bob Smith"]"#).expect("it is right");
        assert_eq!(engine.server_operators, ["alice".into(), "Bob Smith".into()]);
    }

    #[test]
    fn audit_log_has_limits() {
        let engine = read_source("audit_entries = 7\naudit_age = \"30d\"").expect("it is right");
        let month = Duration::from_secs(30 * 86_400);
        assert_eq!((engine.audit_entries, engine.audit_age), (7, Some(month)));
        let engine = read_source("audit_age = \"none\"").expect("it is right");
        assert_eq!(engine.audit_age, None);
    }

    #[test]
    fn errors_name_the_setting() {
        for (source, problem) in [
            ("operator = []", "there is no setting 'operator'"),
            ("operators = \"alice\"", "operators has to be a list of accounts"),
            ("operators = [1]", "operators has to be a list of accounts"),
            ("audit_entries = \"many\"", "is not a number for the setting 'audit_entries'"),
            ("audit_age = \"long\"", "'long' is not a time such as 12h or 90d, or none"),
            ("operators = [\"\"]", "operators has to be a list of accounts"),
        ] {
            let found = read_source(source).expect_err("it is wrong");
            assert!(found.contains(problem), "{source}: {found}");
        }
    }
}
