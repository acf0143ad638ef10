//! Reads configurations.

use super::*;
use chat_server::engine::Config;
use chat_server::runtime::TrustedProxies;
use std::time::Duration;

fn problem(source: &str) -> String {
    match source.parse::<ServerConfig>() {
        Ok(config) => panic!("{source} is {config:?}"),
        Err(problem) => problem.to_string(),
    }
}

/// Returns the example with all settings uncommented.
fn uncommented() -> String {
    let setting = |line: &str| {
        let setting = line.strip_prefix("# ")?;
        // The entries and the end of a list.
        if setting.starts_with("    \"") || setting == "]" {
            return Some(setting.to_owned());
        }
        let (name, _) = setting.split_once(" = ")?;
        name.chars().all(|c| c.is_ascii_lowercase() || c == '_').then(|| setting.to_owned())
    };
    EXAMPLE.lines().map(|line| setting(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

#[test]
fn example_contains_the_defaults() {
    let config: ServerConfig = uncommented().parse().expect("the example is valid");
    // By default no proxy is trusted: the values in the file are examples.
    let proxies = TrustedProxies::default().trust("127.0.0.1").expect("an address");
    let proxies = proxies.trust("unix").expect("a kind of socket");
    assert_eq!(config.limits, Limits { proxies, ..Limits::default() });
    assert_eq!(config.listen, crate::serve::default_listen());
    assert_eq!(config.shards, Some(crate::serve::DEFAULT_SHARDS));
    // By default there is no certificate and no TLS: the values in the file are examples.
    let files = TlsFiles { cert: Some("chain.pem".into()), key: Some("key.pem".into()) };
    assert_eq!(config.tls, files);
    let expected = "jwt_secret_file = \"jwt.secret\"\njwt_public_key = \"jwt.pem\"\n\
                    jwks = \"https://login.example.org/jwks.json\"\n\
                    issuer = \"https://login.example.org\"\naudience = \"chat\"\n\
                    cookie = \"chat_token\"\naccount_prefix = \"sso:\"\n";
    let expected = AuthConfig::read(expected.parse().expect("TOML")).expect("it is valid");
    assert_eq!(config.auth, expected);
    let expected = "issuer = \"https://login.example.org\"\nclient_id = \"chat\"\n\
                    client_secret_file = \"oidc.secret\"\n\
                    page = \"https://chat.example.org/\"\n";
    let expected = OidcSettings::read(expected.parse().expect("TOML")).expect("it is valid");
    assert_eq!(config.oidc, expected);
    let expected = "server_name = \"chat.example.org\"\nnetwork = \"Example\"\n\
                    motd = \"motd.txt\"\npassword = \"open sesame\"\nsts_port = 6697\n\
                    sts_duration = \"30d\"\n\
                    cloak_key = \"a long text that nobody guesses\"\n";
    let expected = IrcConfig::read(expected.parse().expect("TOML"), &mut Config::default());
    assert_eq!(config.irc, expected.expect("it is valid"));
    // By default there is no cluster: the values in the file are examples and defaults.
    let expected = "servers = [\"nats://n1:4222\", \"nats://n2:4222\", \"nats://n3:4222\"]\n\
                    node = \"a\"\nrealm = \"main\"\ncredentials = \"nats.creds\"\n\
                    ca = \"nats-ca.pem\"\nsnapshot_entries = 10000\n\
                    keep_entries = \"24h\"\n";
    let expected = ClusterConfig::read(expected.parse().expect("TOML")).expect("it is valid");
    assert_eq!(config.cluster, expected);
    // By default there are no accounts: who may register, the code and SCRAM are examples.
    let example = "register = \"off\"\ncode = \"tea-at-five\"\nscram = true";
    let example = example.parse().expect("TOML");
    let accounts = AccountsConfig::read(example, &mut Limits::default().engine);
    assert_eq!(config.accounts.hasher_of_this_machine(), accounts.expect("it is valid"));
    let unchanged: ServerConfig = EXAMPLE.parse().expect("the example is valid");
    assert_eq!(unchanged, ServerConfig::default());
}

/// Checks that docs/operating.md has a row for each limit, with its default.
#[test]
fn guide_has_every_limit_with_its_default() {
    let guide = include_str!("../../../docs/operating.md");
    let limits = EXAMPLE.split_once("[limits]").expect("a table").1;
    let limits = limits.split_once("\n[").map_or(limits, |(limits, _)| limits);
    let settings = limits.lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = "));
    let mut count = 0;
    // These are not limits.
    let others = ["guest_prefix", "reserved_names", "creator_status", "keep_empty_channels"];
    let is_other = |name: &str| others.contains(&name) || name == "public_data_keys";
    for (name, default) in settings.filter(|(name, _)| !is_other(name)) {
        let default = default.trim_matches('"');
        let row = guide.lines().find(|line| {
            let settings = line.split('|').nth(1).unwrap_or_default();
            settings.contains(&format!("`{name}`"))
        });
        let row = row.unwrap_or_else(|| panic!("there is no row for {name}"));
        let defaults = row.split('|').nth(2).unwrap_or_default();
        let has_default = defaults.split(',').any(|one| one.trim() == default);
        assert!(has_default, "the row for {name} does not say {default}: {row}");
        count += 1;
    }
    assert!(count > 30, "{count} settings");
}

#[test]
fn settings_are_read() {
    let source = "listen = [\"tcp+json://127.0.0.1:0\"]\nshards = 4\n\
                  [limits]\nmessage_bytes = 100\n\
                  idle_timeout = \"5m\"\nslow_consumer = \"disconnect\"\n\
                  [tls]\ncert = \"/etc/chat/chain.pem\"\n[api]\nopen = true\n";
    let config: ServerConfig = source.parse().expect("it is valid");
    assert_eq!(config.listen.len(), 1);
    assert_eq!(config.shards, NonZeroUsize::new(4));
    let cert = Some("/etc/chat/chain.pem".into());
    assert_eq!(config.tls, TlsFiles { cert, key: None });
    assert!(config.open_api);
    assert_eq!(config.limits.engine.message_bytes, 100);
    assert_eq!(config.limits.engine.idle_timeout, Some(Duration::from_secs(300)));
    assert_eq!(config.limits.slow_consumer, SlowConsumer::Disconnect);
}

#[test]
fn memory_keeps_messages_no_longer_than_the_store() {
    for (keep, age) in
        [("90d", Some(Duration::from_secs(90 * 86_400))), ("10GB", None), ("unlimited", None)]
    {
        let source = format!("[store]\nfile = \"memory\"\nkeep = \"{keep}\"");
        let config: ServerConfig = source.parse().expect("it is valid");
        assert_eq!(config.limits.engine.message_age, age, "{keep}");
    }
    assert!(problem("[limits]\nmessage_age = \"90d\"").contains("there is no setting"));
}

#[test]
fn error_names_the_problem_and_the_valid_values() {
    assert!(problem("listen = [\n").starts_with("line "));
    assert!(problem("colour = 1").contains("there is no setting 'colour'"));
    assert!(problem("listen = \"tcp://127.0.0.1:7000\"").contains("a list of URLs"));
    assert!(problem("listen = [\"7000\"]").contains("'7000'"));
    for shards in ["0", "-1", "65", "1.5", "\"2\"", "[2]"] {
        assert!(problem(&format!("shards = {shards}")).contains("from 1 to 64"), "{shards}");
    }
    assert!(problem("tls = true").contains("a table with cert and key"));
    assert!(problem("[tls]\ncertificate = \"x\"").contains("there are cert and key"));
    assert!(problem("[tls]\nkey = 1").contains("key has to be the name of a file"));
    assert!(problem("[tls]\ncert = \"\"").contains("cert has to be the name of a file"));
    assert!(problem("proxy = true").contains("a table with trusted and header"));
    assert!(problem("[proxy]\ntrust = []").contains("there are trusted and header"));
    assert!(problem("[proxy]\ntrusted = \"127.0.0.1\"").contains("has to be a list"));
    assert!(problem("[proxy]\ntrusted = [\"example.org\"]").contains("a network such as"));
    assert!(problem("[proxy]\nheader = \"X-Real-IP\"").contains("\"x-forwarded-for\" or"));
    assert!(problem("limits = 1").contains("a table"));
    assert!(problem("auth = 1").contains("[auth] has to be a table"));
    assert!(problem("accounts = true").contains("[accounts] has to be a table"));
    assert!(problem("[accounts]\nregister = 1").contains("[accounts]: '1' is not \"off\""));
    assert!(problem("moderation = 1").contains("[moderation] has to be a table"));
    assert!(problem("[moderation]\nx = 1").contains("[moderation]: there is no setting 'x'"));
    assert!(problem("[limits]\nserver_operators = \"al\"").contains("there is no setting"));
    assert!(problem("[limits]\ntoken_age = \"1h\"").contains("there is no setting"));
    assert!(problem("cluster = true").contains("[cluster] has to be a table"));
    assert!(problem("[cluster]\nquorum = 2").contains("[cluster]: there is no setting 'quorum'"));
    assert!(problem("api = true").contains("a table with open = true or false"));
    assert!(problem("[api]\nopen = \"yes\"").contains("a table with open = true or false"));
    assert!(problem("[api]\nclosed = true").contains("there is open"));
    assert!(problem("[auth]\nguests = true").contains("[auth]: there is no key"));
    assert!(problem("[limits]\nfoo = 1").contains("there is no setting 'foo'"));
    assert!(problem("[limits]\nchannels = \"many\"").contains("'many' is not a number"));
    assert!(problem("[limits]\ndrain = 5").contains("5m or 2h"));
    for (limit, least) in [
        ("command_burst = 0", "1"),
        ("connections = 0", "1"),
        ("connections_per_address = 0", "1"),
        ("frame_bytes = 1", "512"),
        ("queue_bytes = 1", "4096"),
        ("queue_frames = 1", "16"),
        ("handshake = \"0s\"", "100ms"),
        ("silence = \"10s\"", "30s"),
    ] {
        let problem = problem(&format!("[limits]\n{limit}"));
        let name = limit.split(' ').next().expect("a name");
        assert!(problem.starts_with(&format!("[limits]: the setting '{name}' is")), "{problem}");
        assert!(problem.ends_with(&format!("has to be at least {least}")), "{problem}");
    }
    assert!(problem("[limits]\nslow_consumer = \"wait\"").contains("\"lag\" or"));
}

#[test]
fn times_are_limited_to_ten_years() {
    for (name, others) in [
        ("handshake", ""),
        ("keep_alive", ""),
        ("ping_after", "silence = \"87600h\""),
        ("silence", ""),
        ("announcement_delay", ""),
        ("write_stall", ""),
        ("drain", ""),
        ("answer_timeout", ""),
        ("shortest_keep", ""),
        ("naming_timeout", ""),
        ("person_naming_timeout", ""),
        ("reconnect_period", ""),
        ("idle_timeout", ""),
    ] {
        let set = |time: &str| format!("[limits]\n{others}\n{name} = \"{time}\"");
        let ten_years = set("87600h").parse::<ServerConfig>();
        ten_years.unwrap_or_else(|problem| panic!("{name}: {problem}"));
        for time in ["87601h", "315360001s", "4000000h"] {
            let problem = problem(&set(time));
            let start = format!("[limits]: the setting '{name}' is ");
            assert!(problem.starts_with(&start), "{problem}");
            assert!(problem.ends_with("at most 87600h (ten years)"), "{problem}");
        }
    }
}
