//! The table `[oidc]` of the configuration file: the login of the page with an identity provider.

use chat_server::engine::{Secret, SettingError};
use chat_server::fetch::{FetchError, Fetcher};
use chat_server::oidc::{Oidc, OidcConfig, OidcError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use toml::{Table, Value};

/// The login with a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OidcSettings {
    config: OidcConfig,
    client_secret_file: Option<PathBuf>,
}

/// An error in the table.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcProblem {
    #[error(
        "there is no setting '{0}'; there are issuer, client_id, client_secret_file, page, label, \
         scopes and name_claims"
    )]
    Unknown(String),
    #[error("{0}")]
    Value(SettingError),
    #[error("{0} is missing; issuer, client_id and page are needed")]
    Missing(&'static str),
    #[error("{0}")]
    Address(OidcError),
}

/// The reason for which the login cannot be offered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OidcStartError {
    #[error("[oidc]: cannot read {}: {error}", path.display())]
    Secret { path: PathBuf, error: io::Error },
    #[error("[oidc]: {0}")]
    Fetch(#[from] FetchError),
    #[error("[oidc]: {0}")]
    Config(#[from] OidcError),
}

impl OidcSettings {
    /// Reads the table. An empty table means that there is no such login.
    pub(crate) fn read(table: Table) -> Result<Option<Self>, OidcProblem> {
        if table.is_empty() {
            return Ok(None);
        }
        let config = OidcConfig::new("", "", "");
        let mut settings = Self { config, client_secret_file: None };
        for (name, value) in table {
            settings.set(name, &value)?;
        }
        let OidcConfig { issuer, client_id, page, .. } = &settings.config;
        for (name, value) in [("issuer", issuer), ("client_id", client_id), ("page", page)] {
            if value.is_empty() {
                return Err(OidcProblem::Missing(name));
            }
        }
        settings.config.check().map_err(OidcProblem::Address)?;
        Ok(Some(settings))
    }

    fn set(&mut self, name: String, value: &Value) -> Result<(), OidcProblem> {
        let invalid = |expected| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            OidcProblem::Value(SettingError::Value { name: name.clone(), value, expected })
        };
        let text = || match value.as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            Some(_) | None => Err(invalid("a text in quotes")),
        };
        let texts = || {
            let texts = value.as_array().map(|texts| texts.iter().map(Value::as_str));
            let texts = texts.and_then(Iterator::collect::<Option<Vec<_>>>);
            let texts = texts.filter(|texts| texts.iter().all(|text| !text.is_empty()));
            let texts = texts.ok_or_else(|| invalid("a list of texts in quotes"))?;
            Ok(texts.into_iter().map(str::to_owned).collect())
        };
        match name.as_str() {
            "issuer" => self.config.issuer = text()?,
            "client_id" => self.config.client_id = text()?,
            "client_secret_file" => self.client_secret_file = Some(text()?.into()),
            "page" => self.config.page = text()?,
            "label" => self.config.label = text()?,
            "scopes" => self.config.scopes = texts()?,
            "name_claims" => self.config.name_claims = texts()?,
            _ => return Err(OidcProblem::Unknown(name)),
        }
        Ok(())
    }

    /// Resolves a relative file name against this folder, which is that of the configuration file.
    pub(crate) fn relative_to(&mut self, folder: &Path) {
        if let Some(path) = &mut self.client_secret_file {
            *path = folder.join(&*path);
        }
    }

    /// Prepares the login. Blocks while it reads files.
    pub(crate) fn login(&self) -> Result<Arc<Oidc>, OidcStartError> {
        let mut config = self.config.clone();
        if let Some(path) = &self.client_secret_file {
            let secret = std::fs::read_to_string(path)
                .map_err(|error| OidcStartError::Secret { path: path.clone(), error })?;
            config.client_secret = Some(Secret::new(secret.trim_end_matches(['\r', '\n'])));
        }
        Ok(Arc::new(Oidc::new(config, Fetcher::new()?)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = "issuer = \"https://login.example.org\"\nclient_id = \"chat\"\n\
        page = \"https://chat.example.org/\"\n";

    fn read(source: &str) -> Result<Option<OidcSettings>, OidcProblem> {
        OidcSettings::read(source.parse().expect("TOML"))
    }

    #[test]
    fn error_names_the_problem_and_the_valid_values() {
        assert_eq!(read("").expect("valid"), None);
        assert!(read(VALID).expect("valid").is_some());
        for (source, said) in [
            ("label = \"x\"".to_owned(), "issuer is missing; issuer, client_id and page"),
            (VALID.replace("client_id", "label"), "client_id is missing"),
            (VALID.replace("https://login", "http://login"), "issuer: it has to begin with"),
            (VALID.replace("org/\"", "org\""), "has to end with /"),
            (format!("{VALID}secret = \"x\""), "there are issuer, client_id, "),
            (format!("{VALID}label = \"\""), "a text in quotes"),
            (format!("{VALID}scopes = \"email\""), "a list of texts"),
            (format!("{VALID}name_claims = [7]"), "a list of texts"),
        ] {
            match read(&source) {
                Ok(settings) => panic!("{source} is {settings:?}"),
                Err(problem) => {
                    assert!(problem.to_string().contains(said), "{source}: {problem}");
                }
            }
        }
    }
}
