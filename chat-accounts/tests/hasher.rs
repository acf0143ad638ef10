//! Passwords are hashed and verified.

use chat_accounts::{
    Busy, Credentials, Hasher, HasherConfig, HasherConfigError, Password, ScramVerifier, Verdict,
};
use chat_core::Secret;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

fn password(text: &str) -> Password {
    Password::prepare(&Secret::new(text)).unwrap()
}

/// The least that argon2id can do: these tests are not about its cost.
fn cheap() -> HasherConfig {
    let mut config = HasherConfig::default();
    config.memory = 8;
    config.passes = 1;
    config
}

fn hasher(config: &HasherConfig) -> Hasher {
    Hasher::new(config).unwrap()
}

const RIGHT: Result<Verdict, Busy> = Ok(Verdict::Right { outdated: false });
const OUTDATED: Result<Verdict, Busy> = Ok(Verdict::Right { outdated: true });
const WRONG: Result<Verdict, Busy> = Ok(Verdict::Wrong);

#[tokio::test]
async fn default_hash_has_the_documented_parameters() {
    let hasher = hasher(&HasherConfig::default());
    let pencil = password("pencil");
    let credentials = hasher.hash(&pencil).await.unwrap();
    let stored = credentials.to_secret();
    assert!(stored.expose().starts_with(r#"{"v":1,"argon2id":"$argon2id$v=19$m=19456,t=2,p=1$"#));
    assert_eq!(credentials.scram(), None);
    assert_eq!(Credentials::parse(&stored).unwrap(), credentials);
    assert_eq!(hasher.verify(&pencil, Some(&credentials)).await, RIGHT);
    assert_eq!(hasher.verify(&password("Pencil"), Some(&credentials)).await, WRONG);
    assert_eq!(hasher.verify(&pencil, None).await, WRONG);
    assert_eq!(hasher.load().finished, 4, "an unknown account is hashed like a known one");
}

#[test]
fn hashed_password_is_verified_and_another_one_is_not() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let hasher = hasher(&cheap());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(64));
    // Of characters that the preparation does not change.
    let texts = ("[ -~\u{430}-\u{44f}]{1,20}", "[ -~\u{430}-\u{44f}]{1,20}");
    runner
        .run(&texts, |(text, other)| {
            let (one, two) = (password(&text), password(&other));
            runtime.block_on(async {
                let credentials = hasher.hash(&one).await.unwrap();
                let again = hasher.hash(&one).await.unwrap();
                prop_assert_ne!(&credentials, &again, "each hash has a salt of its own");
                let credentials = Credentials::parse(&credentials.to_secret()).unwrap();
                prop_assert_eq!(hasher.verify(&one, Some(&credentials)).await, RIGHT);
                if text != other {
                    prop_assert_eq!(hasher.verify(&two, Some(&credentials)).await, WRONG);
                }
                Ok(())
            })
        })
        .unwrap();
}

#[tokio::test]
async fn differently_typed_password_is_the_same() {
    let hasher = hasher(&cheap());
    let credentials = hasher.hash(&password("cafe\u{301} cre\u{300}me")).await.unwrap();
    let other = password("caf\u{e9}\u{a0}cr\u{e8}me");
    assert_eq!(hasher.verify(&other, Some(&credentials)).await, RIGHT);
}

#[tokio::test]
async fn credentials_of_other_parameters_are_verified_and_outdated() {
    let pencil = password("pencil");
    let current = hasher(&cheap());
    let changes: [fn(&mut HasherConfig); 3] = [
        |config| config.memory = 64,
        |config| config.passes = 2,
        |config| config.scram_iterations = Some(5_000),
    ];
    for change in changes {
        let mut config = cheap();
        change(&mut config);
        let other = hasher(&config);
        let credentials = other.hash(&pencil).await.unwrap();
        assert_eq!(other.verify(&pencil, Some(&credentials)).await, RIGHT);
        assert_eq!(current.verify(&pencil, Some(&credentials)).await, OUTDATED);
        assert_eq!(current.verify(&password("pen"), Some(&credentials)).await, WRONG);
    }
}

#[tokio::test]
async fn verifiers_of_scram_can_be_switched_on_and_off() {
    let pencil = password("pencil");
    let mut config = cheap();
    config.scram_iterations = Some(HasherConfig::SCRAM_ITERATIONS);
    let (with, without) = (hasher(&config), hasher(&cheap()));
    let credentials = with.hash(&pencil).await.unwrap();
    let iterations = credentials.scram().map(ScramVerifier::iterations);
    assert_eq!(iterations, Some(HasherConfig::SCRAM_ITERATIONS));
    assert_eq!(without.verify(&pencil, Some(&credentials)).await, OUTDATED);
    let credentials = without.hash(&pencil).await.unwrap();
    assert_eq!(with.verify(&pencil, Some(&credentials)).await, OUTDATED);
}

#[test]
fn impossible_settings_are_refused() {
    let refusal = |change: fn(&mut HasherConfig)| {
        let mut config = HasherConfig::default();
        change(&mut config);
        Hasher::new(&config).err()
    };
    assert_eq!(refusal(|config| config.threads = 0), Some(HasherConfigError::NoThreads));
    assert_eq!(refusal(|config| config.memory = 7), Some(HasherConfigError::Cost));
    assert_eq!(refusal(|config| config.memory = 300 * 1024), Some(HasherConfigError::Cost));
    assert_eq!(refusal(|config| config.passes = 0), Some(HasherConfigError::Cost));
    let few = refusal(|config| config.scram_iterations = Some(4_095));
    assert_eq!(few, Some(HasherConfigError::ScramIterations));
    assert_eq!(refusal(|config| config.queue = 0), None);
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", hasher(&cheap()));
    assert!(shown.starts_with("Hasher { memory: 8, passes: 1, scram_iterations: None, "));
    assert_eq!(format!("{:?}", password("pencil")), "Password(Secret(…))");
}
