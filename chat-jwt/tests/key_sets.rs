//! Tests of key sets, and of keys that are fetched.

use async_trait::async_trait;
use base64ct::{Base64UrlUnpadded, Encoding};
use chat_jwt::{
    FetchKeys, IgnoredKeyReason, JwtAuthenticator, JwtKey, KeyError, KeySet, KeySetError,
    RemoteKeys, RemoteKeysConfig,
};
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{Answer, Secret};
use chat_runtime::chat_dialects::AuthRequest;
use chat_runtime::{Authenticator, ManualClock};
use ed25519_dalek::SigningKey;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use rsa::RsaPrivateKey;
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::rand_core::OsRng;
use rsa::traits::PublicKeyParts;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::error::Error;
use std::future::pending;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::advance;

/// 2026-01-01T00:00:00Z, the start time of scripts, in seconds.
const NOW: u64 = Script::START.as_millis() / 1_000;
const NOT_VALID: &str = "refused: your token is not valid here";

#[tokio::test]
async fn token_is_verified_with_the_key_that_it_names() {
    let set = set(&[ec_jwk(1, "one"), ec_jwk(2, "two"), rsa_jwk("rsa"), ed_jwk("ed")]);
    let authenticator = authenticator(set);
    for token in [ec(1, Some("one")), ec(2, Some("two")), rsa(Some("rsa")), ed(Some("ed"))] {
        assert_eq!(ask(&authenticator, &token).await, "al");
    }
    // The key of another id, of another type, and an id that no key has.
    for token in [ec(1, Some("two")), ec(1, Some("rsa")), rsa(Some("one")), ec(1, Some("three"))] {
        assert_eq!(ask(&authenticator, &token).await, NOT_VALID);
    }
    // Without an id it is clear which key is meant, if there is one for the algorithm.
    for (token, answer) in [(rsa(None), "al"), (ed(None), "al"), (ec(1, None), NOT_VALID)] {
        assert_eq!(ask(&authenticator, &token).await, answer);
    }
}

#[tokio::test]
async fn key_without_an_id_verifies_tokens_with_any_other_id() {
    let mut nameless = ec_jwk(1, "");
    nameless.as_object_mut().expect("an object").remove("kid");
    let authenticator = authenticator(set(&[nameless, ec_jwk(2, "two")]));
    assert_eq!(ask(&authenticator, &ec(1, Some("some"))).await, "al");
    assert_eq!(ask(&authenticator, &ec(2, Some("two"))).await, "al");
    assert_eq!(ask(&authenticator, &ec(1, Some("two"))).await, NOT_VALID);
    assert_eq!(ask(&authenticator, &ec(1, None)).await, NOT_VALID);
}

#[tokio::test]
async fn keys_of_the_same_id_are_tried_in_turn() {
    // RFC 7517 §4.5 allows equal ids.
    let authenticator = authenticator(set(&[ec_jwk(1, "k"), ec_jwk(2, "k"), rsa_jwk("k")]));
    for token in [ec(1, Some("k")), ec(2, Some("k")), rsa(Some("k"))] {
        assert_eq!(ask(&authenticator, &token).await, "al");
    }
    assert_eq!(ask(&authenticator, &ec(3, Some("k"))).await, NOT_VALID);
}

#[tokio::test]
async fn set_and_single_keys_work_together() {
    let secret = b"0123456789abcdef0123456789abcdef";
    let key = JwtKey::secret(secret).expect("a key").with_id("secret");
    let authenticator = authenticator(set(&[ec_jwk(1, "one")])).key(key);
    let by_secret = |kid| sign(Algorithm::HS256, &EncodingKey::from_secret(secret), kid);
    for token in [by_secret(Some("secret")), by_secret(None), ec(1, Some("one")), ec(1, None)] {
        assert_eq!(ask(&authenticator, &token).await, "al");
    }
    assert_eq!(ask(&authenticator, &by_secret(Some("one"))).await, NOT_VALID);
}

#[tokio::test]
async fn public_key_of_a_set_is_no_secret() {
    let authenticator = authenticator(set(&[ec_jwk(1, "ec"), rsa_jwk("rsa")]));
    let modulus = rsa_key().n().to_bytes_be();
    let point = ec_key(1).public_key().to_encoded_point(false);
    for (kid, public) in [
        ("rsa", modulus.as_slice()),
        ("rsa", text(&rsa_jwk("rsa"), "n").as_bytes()),
        ("ec", point.as_bytes()),
        ("ec", text(&ec_jwk(1, "ec"), "x").as_bytes()),
    ] {
        for kid in [Some(kid), None] {
            let confused = sign(Algorithm::HS256, &EncodingKey::from_secret(public), kid);
            assert_eq!(ask(&authenticator, &confused).await, NOT_VALID);
        }
    }
    let signing = rsa_signing();
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let related = sign(algorithm, &signing, Some("rsa"));
        assert_eq!(ask(&authenticator, &related).await, NOT_VALID, "{algorithm:?}");
    }
}

#[test]
fn unusable_key_is_ignored_with_its_reason() {
    use IgnoredKeyReason as Reason;
    let with = |mut jwk: Value, changes: Value| {
        let jwk_fields = jwk.as_object_mut().expect("an object");
        for (name, value) in changes.as_object().expect("an object") {
            jwk_fields.insert(name.clone(), value.clone());
        }
        jwk
    };
    let ec = || ec_jwk(1, "1");
    let rsa = || rsa_jwk("1");
    let long = "x".repeat(KeySet::LONGEST_ID + 1);
    let huge = Base64UrlUnpadded::encode_string(&[0xff; 2_000]);
    let big = Base64UrlUnpadded::encode_string(&[0xff; 513]);
    let small = Base64UrlUnpadded::encode_string(&[0xff; 128]);
    let padded = format!("{}=", text(&ec(), "x"));
    for (jwk, reason) in [
        (json!(7), Reason::NotAKey),
        (json!([]), Reason::NotAKey),
        (json!({}), Reason::NotAKey),
        (json!({ "kty": ["EC"] }), Reason::NotAKey),
        (with(ec(), json!({ "kid": 7 })), Reason::NotAKey),
        (with(ec(), json!({ "x": 7 })), Reason::NotAKey),
        (with(ec(), json!({ "use": "enc" })), Reason::Use),
        (with(ec(), json!({ "key_ops": ["deriveKey"] })), Reason::Use),
        (with(ec(), json!({ "key_ops": [] })), Reason::Use),
        (with(ec(), json!({ "kty": "AKP" })), Reason::UnknownAlgorithm),
        (with(ec(), json!({ "kty": "ec" })), Reason::UnknownAlgorithm),
        (with(ec(), json!({ "crv": "P-384" })), Reason::UnknownAlgorithm),
        (with(ec(), json!({ "alg": "ES384" })), Reason::UnknownAlgorithm),
        (with(ec(), json!({ "alg": "HS256" })), Reason::UnknownAlgorithm),
        (with(rsa(), json!({ "alg": "RS512" })), Reason::UnknownAlgorithm),
        (with(rsa(), json!({ "alg": "RSA-OAEP" })), Reason::UnknownAlgorithm),
        (with(ed_jwk("1"), json!({ "crv": "X25519" })), Reason::UnknownAlgorithm),
        (json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" }), Reason::Secret),
        (with(ec(), json!({ "d": "AAAA" })), Reason::Secret),
        (with(ec(), json!({ "kid": long })), Reason::LongId),
        (with(ec(), json!({ "x": text(&ec(), "y") })), Reason::Malformed),
        (with(ec(), json!({ "x": "" })), Reason::Malformed),
        (with(ec(), json!({ "x": padded })), Reason::Malformed),
        (with(ec(), json!({ "x": huge })), Reason::Malformed),
        (with(ec(), json!({ "y": null })), Reason::Malformed),
        (with(ed_jwk("1"), json!({ "x": "AAAA" })), Reason::Malformed),
        (with(rsa(), json!({ "e": "" })), Reason::Malformed),
        (with(rsa(), json!({ "e": "AA" })), Reason::Malformed),
        (with(rsa(), json!({ "e": huge })), Reason::Malformed),
        (with(rsa(), json!({ "n": huge })), Reason::Key(KeyError::RsaLength { bits: 16_000 })),
        (with(rsa(), json!({ "n": big })), Reason::Key(KeyError::RsaLength { bits: 4_104 })),
        (with(rsa(), json!({ "n": small })), Reason::Key(KeyError::RsaLength { bits: 1_024 })),
    ] {
        let set = set(&[ec_jwk(2, "good"), jwk.clone(), ed_jwk("good too")]);
        let ignored: Vec<_> = set.ignored().iter().map(|one| (one.position, &one.reason)).collect();
        assert_eq!(ignored, [(1, &reason)], "{jwk}");
        assert_eq!(set.keys().len(), 2);
    }
}

#[test]
fn text_that_is_no_key_set_is_refused() {
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "null", "[]", "{}", "\"keys\"", r#"{"keys":{}}"#, r#"{"keys":[}"#, &deep] {
        let refused = KeySet::parse(text.as_bytes()).map(drop);
        assert_eq!(refused, Err(KeySetError::NotAKeySet), "{text:.40}");
    }
    assert_eq!(KeySet::parse(b"\xff\xfe").map(drop), Err(KeySetError::NotAKeySet));
    let long = vec![b' '; KeySet::LONGEST + 1];
    assert_eq!(KeySet::parse(&long).map(drop), Err(KeySetError::TooLong));
    let none = KeySet::parse(br#"{"keys":[]}"#).map(drop);
    assert_eq!(none, Err(KeySetError::NoKey { keys: 0, reason: None }));
    let oct = KeySet::parse(br#"{"keys":[{"kty":"oct","k":"AAAA"},7]}"#).map(drop);
    let reason = Some(IgnoredKeyReason::Secret);
    assert_eq!(oct, Err(KeySetError::NoKey { keys: 2, reason }));
}

#[test]
fn keys_beyond_the_limit_are_ignored() {
    let jwks: Vec<Value> =
        (0..KeySet::MOST_KEYS + 2).map(|id| ec_jwk(1, &id.to_string())).collect();
    let set = set(&jwks);
    assert_eq!(set.keys().len(), KeySet::MOST_KEYS);
    let ignored: Vec<_> = set.ignored().iter().map(|one| one.reason.clone()).collect();
    assert_eq!(ignored, [IgnoredKeyReason::TooMany, IgnoredKeyReason::TooMany]);
}

#[tokio::test(start_paused = true)]
async fn new_key_is_fetched_when_a_token_names_it() {
    let login = Login::new([answer(&[ec_jwk(1, "old")]), answer(&[ec_jwk(2, "new")])]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, "al");
    assert_eq!(login.fetches(), 1);
    // A moment after a fetch, no token causes another one.
    assert_eq!(ask(&authenticator, &ec(2, Some("new"))).await, NOT_VALID);
    assert_eq!(login.fetches(), 1);
    advance(PAUSE).await;
    assert_eq!(ask(&authenticator, &ec(2, Some("new"))).await, "al");
    assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, NOT_VALID);
    assert_eq!(login.fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn flood_of_unknown_keys_causes_one_fetch_in_each_pause() {
    let login = Login::new([answer(&[ec_jwk(1, "known")])]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("known"))).await, "al");
    for round in 0..5 {
        let tokens: Vec<String> = (0..40).map(|id| ec(2, Some(&format!("{round}-{id}")))).collect();
        let asked = tokens.iter().map(|token| ask(&authenticator, token));
        for answer in futures::future::join_all(asked).await {
            assert_eq!(answer, NOT_VALID);
        }
        assert_eq!(login.fetches(), 1 + round);
        advance(PAUSE).await;
    }
}

#[tokio::test(start_paused = true)]
async fn other_invalid_tokens_cause_no_fetch() {
    let login = Login::new([answer(&[ec_jwk(1, "known")])]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("known"))).await, "al");
    advance(PAUSE * 2).await;
    for token in [ec(2, Some("known")), ec(2, None), "garbage".to_owned()] {
        assert_eq!(ask(&authenticator, &token).await, NOT_VALID);
    }
    assert_eq!(login.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn failed_fetch_keeps_the_keys() {
    let login = Login::new([
        answer(&[ec_jwk(1, "old")]),
        Err("it does not answer"),
        Ok("<html>".to_owned()),
        Ok(r#"{"keys":[]}"#.to_owned()),
        answer(&[ec_jwk(2, "new")]),
    ]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, "al");
    for failure in 1..=3 {
        advance(PAUSE).await;
        // The token may be valid, so that the client is asked to try again.
        assert_eq!(ask(&authenticator, &ec(2, Some("new"))).await, "unavailable");
        assert_eq!(ask(&authenticator, &ec(2, Some("newer"))).await, "unavailable");
        assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, "al");
        assert_eq!(login.fetches(), 1 + failure);
    }
    advance(PAUSE).await;
    assert_eq!(ask(&authenticator, &ec(2, Some("new"))).await, "al");
}

#[tokio::test(start_paused = true)]
async fn clients_try_again_until_the_first_keys_arrive() {
    let login = Login::new([Err("not yet"), Err("not yet"), answer(&[ec_jwk(1, "one")])]);
    let authenticator = login.authenticator();
    for token in [ec(1, Some("one")), ec(1, None)] {
        assert_eq!(ask(&authenticator, &token).await, "unavailable");
    }
    // The server fetches again by itself.
    login.wait_for_fetches(3).await;
    assert_eq!(ask(&authenticator, &ec(1, Some("one"))).await, "al");
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_regularly() {
    let login = Login::new([answer(&[ec_jwk(1, "old")]), answer(&[ec_jwk(2, "new")])]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, "al");
    login.wait_for_fetches(2).await;
    assert_eq!(ask(&authenticator, &ec(1, Some("old"))).await, NOT_VALID);
    assert_eq!(ask(&authenticator, &ec(2, Some("new"))).await, "al");
}

#[tokio::test(start_paused = true)]
async fn login_that_never_answers_is_given_up() {
    let login = Login::new([Ok(NEVER.to_owned()), answer(&[ec_jwk(1, "one")])]);
    let authenticator = login.authenticator();
    assert_eq!(ask(&authenticator, &ec(1, Some("one"))).await, "unavailable");
    login.wait_for_fetches(2).await;
    assert_eq!(ask(&authenticator, &ec(1, Some("one"))).await, "al");
}

#[tokio::test(start_paused = true)]
async fn fetches_end_with_the_last_handle() {
    let login = Login::new([answer(&[ec_jwk(1, "one")])]);
    let keys = login.keys();
    let authenticator = authenticator(keys.clone());
    drop(keys);
    assert_eq!(ask(&authenticator, &ec(1, Some("one"))).await, "al");
    drop(authenticator);
    login.0.alive.subscribe().wait_for(|alive| !alive).await.expect("a sender");
}

/// The time between fetches for unknown keys.
const PAUSE: Duration = Duration::from_secs(30);
/// An answer that never comes.
const NEVER: &str = "never";

/// A login that gives these answers one after the other, and the last one again and again.
#[derive(Clone)]
struct Login(Arc<Answers>);

struct Answers {
    queue: Mutex<VecDeque<Result<String, &'static str>>>,
    fetches: watch::Sender<usize>,
    alive: watch::Sender<bool>,
}

/// The end of a login that a task has.
struct Fetch(Login);

impl Login {
    fn new(answers: impl IntoIterator<Item = Result<String, &'static str>>) -> Self {
        let queue = Mutex::new(answers.into_iter().collect());
        let (fetches, alive) = (watch::Sender::new(0), watch::Sender::new(true));
        Self(Arc::new(Answers { queue, fetches, alive }))
    }

    fn keys(&self) -> RemoteKeys {
        RemoteKeys::start(Fetch(self.clone()), RemoteKeysConfig::default())
    }

    fn authenticator(&self) -> JwtAuthenticator {
        authenticator(self.keys())
    }

    fn fetches(&self) -> usize {
        *self.0.fetches.borrow()
    }

    /// Waits until so many fetches have ended.
    async fn wait_for_fetches(&self, count: usize) {
        let mut fetches = self.0.fetches.subscribe();
        fetches.wait_for(|fetches| *fetches >= count).await.expect("a sender");
        // The task notes the answer before it waits again.
        tokio::task::yield_now().await;
    }
}

#[async_trait]
impl FetchKeys for Fetch {
    async fn fetch(&self) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
        self.0.0.fetches.send_modify(|fetches| *fetches += 1);
        let answer = {
            let mut answers = self.0.0.queue.lock().expect("no panic");
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        match answer.expect("an answer") {
            Ok(text) if text == NEVER => pending().await,
            Ok(text) => Ok(text.into_bytes()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Fetch {
    fn drop(&mut self) {
        self.0.0.alive.send_replace(false);
    }
}

fn answer(jwks: &[Value]) -> Result<String, &'static str> {
    Ok(json!({ "keys": jwks }).to_string())
}

fn set(jwks: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": jwks }).to_string().as_bytes()).expect("a key set")
}

fn authenticator(keys: impl Into<chat_jwt::Keys>) -> JwtAuthenticator {
    JwtAuthenticator::new(keys).clock(ManualClock::at(Script::START))
}

fn text<'a>(jwk: &'a Value, field: &str) -> &'a str {
    jwk[field].as_str().expect("a text")
}

fn ec_key(seed: u8) -> SecretKey {
    SecretKey::from_slice(&[seed; 32]).expect("a key")
}

fn ec_jwk(seed: u8, kid: &str) -> Value {
    let point = ec_key(seed).public_key().to_encoded_point(false);
    let [x, y] = [point.x(), point.y()]
        .map(|one| Base64UrlUnpadded::encode_string(one.expect("a coordinate")));
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid, "alg": "ES256", "use": "sig" })
}

fn ec(seed: u8, kid: Option<&str>) -> String {
    let der = ec_key(seed).to_pkcs8_der().expect("DER");
    sign(Algorithm::ES256, &EncodingKey::from_ec_der(der.as_bytes()), kid)
}

fn rsa_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut OsRng, 2_048).expect("a key"))
}

fn rsa_jwk(kid: &str) -> Value {
    let [n, e] = [rsa_key().n(), rsa_key().e()]
        .map(|number| Base64UrlUnpadded::encode_string(&number.to_bytes_be()));
    json!({ "kty": "RSA", "n": n, "e": e, "kid": kid, "key_ops": ["verify"] })
}

fn rsa_signing() -> EncodingKey {
    EncodingKey::from_rsa_der(rsa_key().to_pkcs1_der().expect("DER").as_bytes())
}

fn rsa(kid: Option<&str>) -> String {
    sign(Algorithm::RS256, &rsa_signing(), kid)
}

fn ed_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn ed_jwk(kid: &str) -> Value {
    let x = Base64UrlUnpadded::encode_string(ed_key().verifying_key().as_bytes());
    json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA" })
}

fn ed(kid: Option<&str>) -> String {
    let der = ed_key().to_pkcs8_der().expect("DER");
    sign(Algorithm::EdDSA, &EncodingKey::from_ed_der(der.as_bytes()), kid)
}

fn sign(algorithm: Algorithm, key: &EncodingKey, kid: Option<&str>) -> String {
    let header = Header { kid: kid.map(str::to_owned), ..Header::new(algorithm) };
    encode(&header, &json!({ "sub": "al", "exp": NOW + 60 }), key).expect("a token")
}

async fn ask(authenticator: &JwtAuthenticator, token: &str) -> String {
    let request = AuthRequest::about_request(None, Some(Secret::new(token)));
    match authenticator.authenticate(&request).await.expect("an answer") {
        Answer::Account(identity) => identity.account.to_string(),
        Answer::Refused(why) => format!("refused: {why}"),
        Answer::Unavailable => "unavailable".to_owned(),
        Answer::Guest
        | Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Messages { .. }
        | Answer::Found { .. }
        | _ => unreachable!("it is no answer about a token"),
    }
}
