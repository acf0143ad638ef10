//! The gateways of IRC, which state the addresses of their clients with `WEBIRC`.

use chat_server::accounts::{
    Credentials, Hasher, HasherConfig, HasherConfigError, Password, Verdict,
};
use chat_server::engine::Secret;
use chat_server::proxy::Gateway;
use chat_server::runtime::TrustedProxies;
use std::sync::Arc;
use toml::Value;

/// A gateway that the file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GatewayConfig {
    name: String,
    addresses: TrustedProxies,
    /// The credentials of its password.
    credentials: Secret,
}

/// Reads the table of gateways; `None` if one of them is not valid.
pub(crate) fn read(value: &Value) -> Option<Vec<GatewayConfig>> {
    let gateway = |(name, value): (&String, &Value)| {
        let table = value.as_table().filter(|table| table.len() == 2)?;
        let addresses = table.get("addresses")?.as_array().filter(|list| !list.is_empty())?;
        let addresses = addresses.iter().try_fold(TrustedProxies::default(), |all, address| {
            all.trust(address.as_str()?).ok()
        })?;
        let hash = Secret::new(table.get("password")?.as_str()?);
        let credentials = Credentials::from_hash(&hash).ok()?.to_secret();
        Some(GatewayConfig { name: name.clone(), addresses, credentials })
    };
    value.as_table()?.iter().map(gateway).collect()
}

/// Returns the gateways, with a check of their passwords.
pub(crate) fn gateways(configs: &[GatewayConfig]) -> Result<Vec<Gateway>, HasherConfigError> {
    let mut settings = HasherConfig::default();
    settings.threads = 1;
    let hasher = Arc::new(Hasher::new(&settings)?);
    let gateway = |config: &GatewayConfig| {
        let GatewayConfig { name, addresses, credentials } = config.clone();
        let hasher = hasher.clone();
        Gateway::new(name, addresses, move |password| {
            check(hasher.clone(), credentials.clone(), Secret::new(password))
        })
    };
    Ok(configs.iter().map(gateway).collect())
}

async fn check(hasher: Arc<Hasher>, credentials: Secret, password: Secret) -> bool {
    let (Ok(password), Ok(credentials)) =
        (Password::prepare(&password), Credentials::parse(&credentials))
    else {
        return false;
    };
    // If too many others wait, the gateway tries again.
    let verdict = hasher.verify(&password, Some(&credentials)).await;
    matches!(verdict, Ok(Verdict::Right { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(source: &str) -> Option<Vec<GatewayConfig>> {
        let table: toml::Table = source.parse().expect("TOML");
        read(&Value::Table(table))
    }

    #[tokio::test]
    async fn password_of_a_gateway_is_checked() {
        let mut settings = HasherConfig::default();
        (settings.memory, settings.threads) = (8, 1);
        let hasher = Arc::new(Hasher::new(&settings).expect("valid"));
        let password = Password::prepare(&Secret::new("s3cret")).expect("a password");
        let credentials = hasher.hash(&password).await.expect("it is not busy");
        let hash = credentials.hash();
        let source =
            format!("kiwi = {{ addresses = [\"192.0.2.1\"], password = \"{}\" }}", hash.expose());
        let configs = read_text(&source).expect("valid");
        assert_eq!(gateways(&configs).expect("valid").len(), 1);
        for (password, is_right) in [("s3cret", true), ("wrong", false), ("", false)] {
            let credentials = configs[0].credentials.clone();
            let checked = check(hasher.clone(), credentials, Secret::new(password)).await;
            assert_eq!(checked, is_right, "{password}");
        }
    }

    #[test]
    fn gateway_needs_addresses_and_a_hash() {
        for wrong in [
            "kiwi = 7",
            "kiwi = { addresses = [\"192.0.2.1\"] }",
            "kiwi = { addresses = [], password = \"$argon2id$\" }",
            "kiwi = { addresses = [\"192.0.2.1\"], password = \"s3cret\" }",
        ] {
            assert_eq!(read_text(wrong), None, "{wrong}");
        }
    }
}
