//! The table `[moderation]` of the configuration file: the server operators.

use chat_server::engine::{AccountName, Config, SettingError};
use toml::{Table, Value};

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ModerationProblem {
    #[error("there is no setting '{0}'; there is operators")]
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
    fn errors_name_the_setting() {
        for (source, problem) in [
            ("operator = []", "there is no setting 'operator'"),
            ("operators = \"alice\"", "operators has to be a list of accounts"),
            ("operators = [1]", "operators has to be a list of accounts"),
            ("operators = [\"\"]", "operators has to be a list of accounts"),
        ] {
            let found = read_source(source).expect_err("it is wrong");
            assert!(found.contains(problem), "{source}: {found}");
        }
    }
}
