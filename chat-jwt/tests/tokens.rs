//! Tests of the tokens that the authenticator accepts, and of its messages for the others.

use chat_jwt::{JwtAuthenticator, JwtKey, KeyError};
use chat_runtime::chat_core::script::Script;
use chat_runtime::chat_core::{Answer, Identity, Secret, SessionId, Text};
use chat_runtime::chat_dialects::AuthRequest;
use chat_runtime::{Authenticator, ManualClock};
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use ed25519_dalek::pkcs8::spki::{EncodePublicKey, der::pem::LineEnding};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use p256::SecretKey;
use rsa::RsaPrivateKey;
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey};
use rsa::rand_core::OsRng;
use serde_json::{Value, json};
use std::sync::OnceLock;
use std::time::Duration;

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";
const NOT_VALID: &str = "refused: your token is not valid here";
/// 2026-01-01T00:00:00Z, the start time of scripts, in seconds.
const NOW: u64 = Script::START.as_millis() / 1_000;

#[tokio::test]
async fn token_states_an_identity_and_its_expiry() {
    let signed = hs256(json!({ "sub": "al", "name": "Alice", "exp": NOW + 60 }));
    assert_eq!(ask(&by_secret(), &signed).await, format!("al is Alice until {}", NOW + 65));
    let signed = hs256(json!({ "sub": "al", "exp": NOW + 60 }));
    assert_eq!(ask(&by_secret(), &signed).await, format!("al until {}", NOW + 65));
    // A date may have a fraction (RFC 7519 §2), and unknown claims are ignored.
    let signed = hs256(json!({ "sub": "al", "exp": NOW as f64 + 59.5, "iat": [], "x": {} }));
    assert_eq!(ask(&by_secret(), &signed).await, format!("al until {}", NOW + 64));
}

#[tokio::test]
async fn nicknames_are_in_the_order_of_the_configured_claims() {
    let claims = json!({ "sub": "al", "name": "Alice B", "preferred_username": "ali",
        "nickname": 7, "handle": "", "exp": NOW + 60 });
    let signed = hs256(claims);
    let until = NOW + 65;
    assert_eq!(ask(&by_secret(), &signed).await, format!("al is ali or Alice B until {until}"));
    let named = by_secret().nickname_claims(["handle", "sub", "name"]);
    assert_eq!(ask(&named, &signed).await, format!("al is  or al or Alice B until {until}"));
    let none = by_secret().nickname_claims([""; 0]);
    assert_eq!(ask(&none, &signed).await, format!("al until {until}"));
}

#[tokio::test]
async fn each_type_of_key_has_one_algorithm() {
    let rsa = by_key(JwtKey::public_pem(&rsa_pem(rsa_key())).expect("a key"));
    let ed = by_key(JwtKey::public_pem(&ed_pem(&ed_key())).expect("a key"));
    let p256 = by_key(JwtKey::public_pem(&p256_pem(&p256_key())).expect("a key"));
    let pkcs1 = rsa_key().to_public_key().to_pkcs1_pem(LineEnding::LF).expect("PEM");
    let pkcs1 = by_key(JwtKey::public_pem(&pkcs1).expect("a key"));
    let for_rsa = sign(Algorithm::RS256, &rsa_signing(rsa_key()), valid_claims());
    let for_ed = sign(Algorithm::EdDSA, &ed_signing(&ed_key()), valid_claims());
    let for_p256 = sign(Algorithm::ES256, &p256_signing(&p256_key()), valid_claims());
    for (authenticator, token) in
        [(&rsa, &for_rsa), (&pkcs1, &for_rsa), (&ed, &for_ed), (&p256, &for_p256)]
    {
        assert!(ask(authenticator, token).await.starts_with("al until"));
    }
    for (authenticator, token) in [
        (&rsa, &for_ed),
        (&ed, &for_rsa),
        (&by_secret(), &for_rsa),
        (&p256, &for_rsa),
        (&p256, &for_ed),
        (&rsa, &for_p256),
        (&ed, &for_p256),
        (&by_secret(), &for_p256),
    ] {
        assert_eq!(ask(authenticator, token).await, NOT_VALID);
    }
}

#[tokio::test]
async fn algorithm_of_the_key_applies_regardless_of_the_tokens_header() {
    let pem = rsa_pem(rsa_key());
    let p256 = p256_pem(&p256_key());
    let point = p256_key().public_key().to_sec1_bytes();
    let public = by_key(JwtKey::public_pem(&pem).expect("a key"));
    let public = public.key(JwtKey::public_pem(&p256).expect("a key"));
    // A public key must not be accepted as a secret, with or without surrounding white space.
    for bytes in
        [pem.as_bytes(), pem.trim().as_bytes(), p256.as_bytes(), p256.trim().as_bytes(), &point]
    {
        let confused = sign(Algorithm::HS256, &EncodingKey::from_secret(bytes), valid_claims());
        assert_eq!(ask(&public, &confused).await, NOT_VALID);
    }
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let related = sign(algorithm, &rsa_signing(rsa_key()), valid_claims());
        assert_eq!(ask(&public, &related).await, NOT_VALID, "{algorithm:?}");
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let related = sign(algorithm, &EncodingKey::from_secret(SECRET), valid_claims());
        assert_eq!(ask(&by_secret(), &related).await, NOT_VALID, "{algorithm:?}");
    }
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let header = base64(json!({ "alg": none, "typ": "JWT" }).to_string().as_bytes());
        let unsigned = format!("{header}.{}.", base64(valid_claims().to_string().as_bytes()));
        assert_eq!(ask(&by_secret(), &unsigned).await, NOT_VALID, "{none}");
        let (_, signature) =
            hs256(valid_claims()).rsplit_once('.').map(owned).expect("three parts");
        assert_eq!(ask(&by_secret(), &format!("{unsigned}{signature}")).await, NOT_VALID, "{none}");
    }
}

#[tokio::test]
async fn token_with_an_invalid_signature_is_refused() {
    let other = EncodingKey::from_secret(b"another secret of thirty-two bytes");
    assert_eq!(ask(&by_secret(), &sign(Algorithm::HS256, &other, valid_claims())).await, NOT_VALID);

    let token = hs256(valid_claims());
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };
    let other = base64(json!({ "sub": "root", "exp": NOW + 60 }).to_string().as_bytes());
    let mut invalid = vec![
        format!("{header}.{other}.{signature}"),
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{token}.{signature}"),
        format!(" {token}"),
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "garbage".into(),
        "\u{0}\u{202e}é.é.é".into(),
    ];
    for end in 0..signature.len() {
        invalid.push(format!("{header}.{payload}.{}", &signature[..end]));
    }
    for token in invalid {
        assert_eq!(ask(&by_secret(), &token).await, NOT_VALID, "{token:?}");
    }
}

#[tokio::test]
async fn token_is_valid_from_nbf_to_exp_extended_by_the_leeway() {
    let clock = ManualClock::at(Script::START);
    let authenticator = by_secret().clock(clock.clone()).leeway(Duration::from_secs(2));
    let token = hs256(json!({ "sub": "al", "nbf": NOW + 10, "exp": NOW + 20 }));
    let mut answers = Vec::new();
    for _ in 0..24 {
        answers.push(ask(&authenticator, &token).await);
        clock.advance(Duration::from_secs(1));
    }
    let until = format!("al until {}", NOW + 22);
    assert!(answers[..8].iter().all(|answer| answer == "refused: your token is not valid yet"));
    assert!(answers[8..22].iter().all(|answer| *answer == until), "{answers:?}");
    assert!(answers[22..].iter().all(|answer| answer == "refused: your token has expired"));
}

#[tokio::test]
async fn token_without_expiry_is_refused_unless_allowed() {
    let unlimited = "refused: your token does not say when it expires";
    for (claims, answer) in [
        (json!({ "sub": "al" }), unlimited),
        (json!({ "sub": "al", "exp": null }), unlimited),
        (json!({ "sub": "al", "exp": "tomorrow" }), NOT_VALID),
        (json!({ "sub": "al", "exp": -1 }), "refused: your token has expired"),
        (json!({ "sub": "al", "exp": 0 }), "refused: your token has expired"),
    ] {
        assert_eq!(ask(&by_secret(), &hs256(claims.clone())).await, answer, "{claims}");
    }
    let forgiving = by_secret().expiry_required(false);
    assert_eq!(ask(&forgiving, &hs256(json!({ "sub": "al" }))).await, "al");
    let expired = hs256(json!({ "sub": "al", "exp": NOW - 60 }));
    assert_eq!(ask(&forgiving, &expired).await, "refused: your token has expired");
    // An expiry time beyond the range of timestamps saturates.
    let forever = hs256(json!({ "sub": "al", "exp": 1e300 }));
    assert_eq!(ask(&by_secret(), &forever).await, format!("al until {}", u64::MAX / 1_000));
}

#[tokio::test]
async fn account_has_to_be_a_text_of_at_most_255_bytes() {
    let nobody = "refused: your token does not say who you are";
    for (sub, answer) in [
        (json!(""), nobody),
        (json!(" \t"), nobody),
        (json!("a\nb"), nobody),
        (json!("x".repeat(256)), nobody),
        (json!(null), NOT_VALID),
        (json!(7), NOT_VALID),
        (json!(["al"]), NOT_VALID),
    ] {
        let token = hs256(json!({ "sub": sub, "exp": NOW + 60 }));
        assert_eq!(ask(&by_secret(), &token).await, answer, "{sub}");
    }
    assert_eq!(ask(&by_secret(), &hs256(json!({ "exp": NOW + 60 }))).await, nobody);
    let longest = hs256(json!({ "sub": "x".repeat(255), "exp": NOW + 60 }));
    assert!(ask(&by_secret(), &longest).await.starts_with("xxx"));
}

#[tokio::test]
async fn token_with_a_claim_of_the_wrong_type_is_refused() {
    for (claim, value) in [("nbf", json!("now")), ("iss", json!(["us"])), ("aud", json!(7))] {
        let mut claims = valid_claims();
        claims[claim] = value;
        assert_eq!(ask(&by_secret(), &hs256(claims.clone())).await, NOT_VALID, "{claims}");
    }
    for payload in ["7", "[]", "null", "\"al\"", "{\"sub\":\"al\",\"sub\":\"root\",\"exp\":1e12}"] {
        let token = sign_raw(payload);
        assert_eq!(ask(&by_secret(), &token).await, NOT_VALID, "{payload}");
    }
}

#[tokio::test]
async fn token_of_another_issuer_or_audience_is_refused() {
    let from = |issuer: Value| hs256(json!({ "sub": "al", "exp": NOW + 60, "iss": issuer }));
    let strict = by_secret().issuer("us");
    assert!(ask(&strict, &from(json!("us"))).await.starts_with("al until"));
    for issuer in [json!("them"), json!("US"), json!(null), json!("")] {
        assert_eq!(ask(&strict, &from(issuer.clone())).await, NOT_VALID, "{issuer}");
    }
    assert_eq!(ask(&strict, &hs256(valid_claims())).await, NOT_VALID);

    let meant_for =
        |audience: Value| hs256(json!({ "sub": "al", "exp": NOW + 60, "aud": audience }));
    let chat = by_secret().audience("chat");
    for audience in [json!("chat"), json!(["chat"]), json!(["mail", "chat"])] {
        assert!(ask(&chat, &meant_for(audience)).await.starts_with("al until"));
    }
    for audience in [json!("mail"), json!(["mail"]), json!([]), json!(null), json!("chats")] {
        assert_eq!(ask(&chat, &meant_for(audience.clone())).await, NOT_VALID, "{audience}");
    }
    assert_eq!(ask(&chat, &hs256(valid_claims())).await, NOT_VALID);
    // Without a configured audience, a token for any audience is refused (RFC 7519 §4.1.3).
    assert_eq!(ask(&by_secret(), &meant_for(json!("chat"))).await, NOT_VALID);
}

#[tokio::test]
async fn token_with_a_critical_extension_is_refused() {
    let mut header = Header::new(Algorithm::HS256);
    header.crit = Some(vec!["exp".into()]);
    let token =
        encode(&header, &valid_claims(), &EncodingKey::from_secret(SECRET)).expect("a token");
    assert_eq!(ask(&by_secret(), &token).await, NOT_VALID);
}

#[tokio::test]
async fn too_long_token_is_refused_without_being_parsed() {
    let token = |filling: usize| {
        hs256(json!({ "sub": "al", "exp": NOW + 60, "filling": "x".repeat(filling) }))
    };
    assert!(token(5_900).len() <= JwtAuthenticator::LONGEST_TOKEN);
    assert!(ask(&by_secret(), &token(5_900)).await.starts_with("al until"));
    let long = "refused: your token is too long";
    assert_eq!(ask(&by_secret(), &token(6_500)).await, long);
    assert_eq!(ask(&by_secret(), &"x".repeat(1 << 20)).await, long);
}

#[tokio::test]
async fn client_without_a_token_is_a_guest_or_refused() {
    let answer = authenticate(&by_secret(), None).await;
    assert!(answer.starts_with("refused: this server wants a token: "), "{answer}");
    let open = by_secret().guests(true);
    assert_eq!(authenticate(&open, None).await, "guest");
    // An invalid token does not make a guest.
    assert_eq!(ask(&open, "garbage").await, NOT_VALID);
    let expired = hs256(json!({ "sub": "al", "exp": NOW - 60 }));
    assert_eq!(ask(&open, &expired).await, "refused: your token has expired");
}

#[tokio::test]
async fn client_without_a_token_is_told_how_to_send_one() {
    let authenticator = by_secret();
    let over_http = authenticator.authenticate(&AuthRequest::about_request(None, None)).await;
    let wanted = "this server wants a token: send one as Authorization: Bearer";
    assert_eq!(over_http.expect("an answer"), Answer::Refused(Text::clean(wanted)));
    let in_a_session = authenticate(&authenticator, None).await;
    assert!(in_a_session.contains("in the JSON hello"), "{in_a_session}");
}

#[tokio::test]
async fn refusals_name_passwords_where_they_are_possible() {
    let both = by_secret().passwords(true);
    let missing = authenticate(&both, None).await;
    assert!(missing.contains("an account with its password, or a token"), "{missing}");
    let ended = ask(&both, "chat_0kAVQlbvYrKdZu3hV3bSWOGoyYpmHxAkJT-NFLXKSxE").await;
    assert!(ended.ends_with("or log in with an account and its password"), "{ended}");
    let expired = hs256(json!({ "sub": "al", "exp": NOW - 60 }));
    assert_eq!(ask(&both, &expired).await, "refused: your token has expired");
}

#[tokio::test]
async fn prefix_is_part_of_the_account_and_not_of_the_nickname() {
    let prefixed = by_secret().account_prefix("sso:").nickname_claims(["sub"]);
    let answer = ask(&prefixed, &hs256(valid_claims())).await;
    assert_eq!(answer, format!("sso:al is al until {}", NOW + 65));
}

#[tokio::test]
async fn keys_can_be_rotated_while_tokens_are_in_use() {
    let next = b"the secret after the first of them";
    let (old, new) = (secret(SECRET), secret(next));
    let from = |kid: Option<&str>, secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = kid.map(str::to_owned);
        encode(&header, &valid_claims(), &EncodingKey::from_secret(secret)).expect("a token")
    };
    let both = by_key(old.clone().with_id("1")).key(new.clone().with_id("2"));
    for (kid, secret) in
        [(Some("1"), SECRET), (Some("2"), next), (None, SECRET), (None, next), (Some("3"), next)]
    {
        assert!(ask(&both, &from(kid, secret)).await.starts_with("al until"), "{kid:?}");
    }
    assert_eq!(ask(&both, &from(Some("1"), next)).await, NOT_VALID);

    // Keys of different types work together.
    let mixed = by_key(JwtKey::public_pem(&rsa_pem(rsa_key())).expect("a key")).key(old);
    assert!(ask(&mixed, &hs256(valid_claims())).await.starts_with("al until"));
    let expired = hs256(json!({ "sub": "al", "exp": NOW - 60 }));
    assert_eq!(ask(&mixed.key(new), &expired).await, "refused: your token has expired");
}

#[test]
fn unusable_key_is_refused_with_its_reason() {
    let problem = |pem: &str| match JwtKey::public_pem(pem) {
        Ok(key) => panic!("{pem} is {key:?}"),
        Err(error) => error,
    };
    assert_eq!(JwtKey::secret(&SECRET[1..]).map(drop), Err(KeyError::SecretTooShort { bytes: 31 }));
    let short = RsaPrivateKey::new(&mut OsRng, 1_024).expect("a key");
    assert_eq!(problem(&rsa_pem(&short)), KeyError::RsaLength { bits: 1_024 });
    let private = ed_key().to_pkcs8_pem(LineEnding::LF).expect("PEM");
    assert_eq!(problem(&private), KeyError::Private);
    let private = rsa_key().to_pkcs1_pem(LineEnding::LF).expect("PEM");
    assert_eq!(problem(&private), KeyError::Private);
    let private = p256_key().to_pkcs8_pem(LineEnding::LF).expect("PEM");
    assert_eq!(problem(&private), KeyError::Private);
    assert_eq!(problem(P384_PEM), KeyError::UnknownAlgorithm);
    assert_eq!(problem(&P384_PEM.replace("PUBLIC KEY", "CERTIFICATE")), KeyError::Certificate);
    for nonsense in ["", "-----BEGIN PUBLIC KEY-----", "ssh-ed25519 AAAA", NO_KEY_PEM] {
        assert_eq!(problem(nonsense), KeyError::NotPem, "{nonsense}");
    }
}

#[tokio::test]
async fn file_may_have_several_keys() {
    let pem = [&rsa_pem(rsa_key()), "# the next one\n", &p256_pem(&p256_key())].concat();
    let keys = JwtKey::public_pems(&pem).expect("keys");
    let shown: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
    assert_eq!(
        shown,
        ["RS256", "ES256"].map(|name| format!("JwtKey {{ id: None, algorithm: {name}, .. }}"))
    );
    let [first, second] = keys.try_into().expect("two keys");
    let both = by_key(first).key(second);
    let tokens = [
        sign(Algorithm::RS256, &rsa_signing(rsa_key()), valid_claims()),
        sign(Algorithm::ES256, &p256_signing(&p256_key()), valid_claims()),
    ];
    for token in &tokens {
        assert!(ask(&both, token).await.starts_with("al until"));
    }
    let problem = |pem: &str| JwtKey::public_pems(pem).map(|keys| keys.len());
    assert_eq!(problem(&pem.replace('\n', "\r\n")), Ok(2));
    assert_eq!(problem(pem.trim_end()), Ok(2));
    assert_eq!(problem(""), Err(KeyError::NotPem));
    assert_eq!(problem("-----END PUBLIC KEY-----\n"), Err(KeyError::NotPem));
    assert_eq!(problem(&format!("{pem}{P384_PEM}")), Err(KeyError::UnknownAlgorithm));
    assert_eq!(problem(&format!("{pem}-----BEGIN PUBLIC KEY-----")), Err(KeyError::NotPem));
    // A point that is not on the curve.
    let point = p256_pem(&p256_key()).replace("DAQcDQgAE", "DAQcDQgAEA");
    assert_eq!(problem(&point), Err(KeyError::NotPem));
}

#[test]
fn debug_output_does_not_contain_the_key() {
    let shown = format!("{:?}", secret(SECRET).with_id("1"));
    assert_eq!(shown, "JwtKey { id: Some(\"1\"), algorithm: HS256, .. }");
}

/// Returns an authenticator for the tokens of [`hs256`], at the start time of scripts.
fn by_secret() -> JwtAuthenticator {
    by_key(secret(SECRET))
}

fn by_key(key: JwtKey) -> JwtAuthenticator {
    JwtAuthenticator::new(key).clock(ManualClock::at(Script::START))
}

fn secret(secret: &[u8]) -> JwtKey {
    JwtKey::secret(secret).expect("a secret that is long enough")
}

/// Returns the claims of a valid token.
fn valid_claims() -> Value {
    json!({ "sub": "al", "exp": NOW + 60 })
}

fn hs256(claims: Value) -> String {
    sign(Algorithm::HS256, &EncodingKey::from_secret(SECRET), claims)
}

fn sign(algorithm: Algorithm, key: &EncodingKey, claims: Value) -> String {
    encode(&Header::new(algorithm), &claims, key).expect("a token")
}

/// Signs a payload that no serializer would write.
fn sign_raw(payload: &str) -> String {
    let header = base64(br#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", base64(payload.as_bytes()));
    let key = EncodingKey::from_secret(SECRET);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256);
    format!("{message}.{}", signature.expect("a signature"))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digit = |bits: u32| char::from(DIGITS[(bits & 63) as usize]);
    let group = |chunk: &[u8]| {
        let bits =
            (0..3).fold(0, |bits, place| bits << 8 | u32::from(*chunk.get(place).unwrap_or(&0)));
        (0..=chunk.len()).map(|place| digit(bits >> (18 - 6 * place))).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

fn owned((before, after): (&str, &str)) -> (String, String) {
    (before.to_owned(), after.to_owned())
}

fn rsa_key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| RsaPrivateKey::new(&mut OsRng, 2_048).expect("a key"))
}

fn rsa_pem(key: &RsaPrivateKey) -> String {
    key.to_public_key().to_public_key_pem(LineEnding::LF).expect("PEM")
}

fn rsa_signing(key: &RsaPrivateKey) -> EncodingKey {
    EncodingKey::from_rsa_der(key.to_pkcs1_der().expect("DER").as_bytes())
}

fn ed_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn ed_pem(key: &SigningKey) -> String {
    key.verifying_key().to_public_key_pem(LineEnding::LF).expect("PEM")
}

fn ed_signing(key: &SigningKey) -> EncodingKey {
    EncodingKey::from_ed_der(key.to_pkcs8_der().expect("DER").as_bytes())
}

fn p256_key() -> SecretKey {
    SecretKey::from_slice(&[7; 32]).expect("a key")
}

fn p256_pem(key: &SecretKey) -> String {
    key.public_key().to_public_key_pem(LineEnding::LF).expect("PEM")
}

fn p256_signing(key: &SecretKey) -> EncodingKey {
    EncodingKey::from_ec_der(key.to_pkcs8_der().expect("DER").as_bytes())
}

/// Returns the authenticator's answer to a token.
async fn ask(authenticator: &JwtAuthenticator, token: &str) -> String {
    authenticate(authenticator, Some(token)).await
}

async fn authenticate(authenticator: &JwtAuthenticator, token: Option<&str>) -> String {
    let mut request = AuthRequest::about_request(None, token.map(Secret::new));
    request.session = SessionId(1);
    match authenticator.authenticate(&request).await.expect("it is always available") {
        Answer::Account(Identity { account, nicknames, expires, .. }) => {
            let nickname = match nicknames.join(" or ") {
                names if nicknames.is_empty() => names,
                names => format!(" is {names}"),
            };
            let expires = expires.map(|at| format!(" until {}", at.as_millis() / 1_000));
            format!("{account}{nickname}{}", expires.unwrap_or_default())
        }
        Answer::Guest => "guest".to_owned(),
        Answer::Refused(why) => format!("refused: {why}"),
        Answer::Password { .. }
        | Answer::Challenge { .. }
        | Answer::PasswordRefused(_)
        | Answer::Unavailable
        | Answer::Messages { .. }
        | Answer::Found { .. } => "unavailable".to_owned(),
        _ => unreachable!("a variant that this test does not know"),
    }
}

/// A key on the curve P-384, whose algorithm is not supported.
const P384_PEM: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEkfKgdlVf1o0Nrym8JzV60WbOhs1ae+DC
zq1/mTLoo/FqrEsz++2vZTAb9lR9snAIf53hUdkPJzQG93lx2y+KZmhft8GhgxbG
OalvO3gEOgJe3ZaZYs9VigRm72FCQDRH
-----END PUBLIC KEY-----
";

/// Valid PEM with the label of a public key, but with other content.
const NO_KEY_PEM: &str = "-----BEGIN PUBLIC KEY-----
AAAA
-----END PUBLIC KEY-----
";
