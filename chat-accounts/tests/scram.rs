//! Clients log in with SCRAM-SHA-256.

use base64ct::{Base64, Encoding};
use chat_accounts::{Argon2Passwords, Hasher, HasherConfig};
use chat_core::{Answer, PasswordRefusal, Question, Secret, Text};
use chat_dialects::HostRequest;
use chat_runtime::Passwords;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

const PASSWORD: &str = "correct horse battery staple";
const WRONG: Answer = Answer::PasswordRefused(PasswordRefusal::Wrong);

fn passwords(scram_iterations: Option<u32>) -> Argon2Passwords {
    let mut config = HasherConfig::default();
    (config.memory, config.passes, config.scram_iterations) = (8, 1, scram_iterations);
    Argon2Passwords::new(Hasher::new(&config).unwrap())
}

async fn ask(passwords: &Argon2Passwords, question: Question) -> Answer {
    passwords.check(&HostRequest::about_request(question)).await.unwrap()
}

/// Registers an account, and returns its credentials.
async fn register(passwords: &Argon2Passwords) -> Option<Secret> {
    let password = Secret::new(PASSWORD);
    let question = Question::Register { account: "alice".into(), password, code: None };
    let answer = ask(passwords, question).await;
    let Answer::Password { credentials, .. } = answer else { panic!("{answer:?}") };
    credentials
}

async fn exchange(
    passwords: &Argon2Passwords,
    account: &str,
    messages: &[&str],
    credentials: Option<&Secret>,
) -> Answer {
    let question = Question::Exchange {
        mechanism: Text::clean(Argon2Passwords::SCRAM),
        account: Text::clean(account),
        messages: messages.iter().map(|message| Secret::new(*message)).collect(),
        credentials: credentials.cloned(),
    };
    ask(passwords, question).await
}

#[track_caller]
fn challenge(answer: Answer) -> String {
    let Answer::Challenge { message } = answer else { panic!("{answer:?}") };
    message.expose().to_owned()
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key).unwrap();
    mac.chain_update(message).finalize().into_bytes().into()
}

/// Returns the last message of a client, and the one of a server that knows the keys.
fn prove(client_first: &str, server_first: &str, password: &str) -> (String, String) {
    let attribute = |name: &str| {
        let found = server_first.split(',').find_map(|attribute| attribute.strip_prefix(name));
        found.unwrap().to_owned()
    };
    let (nonce, iterations) = (attribute("r="), attribute("i=").parse().unwrap());
    let salt = Base64::decode_vec(&attribute("s=")).unwrap();
    let mut salted = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, iterations, &mut salted);
    let without_proof = format!("c=biws,r={nonce}");
    let bare = client_first.strip_prefix("n,,").unwrap();
    let all = format!("{bare},{server_first},{without_proof}");
    let client_key = hmac(&salted, b"Client Key");
    let signature = hmac(&Sha256::digest(client_key), all.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(key, sign)| key ^ sign).collect();
    let signature = hmac(&hmac(&salted, b"Server Key"), all.as_bytes());
    let client_final = format!("{without_proof},p={}", Base64::encode_string(&proof));
    (client_final, format!("v={}", Base64::encode_string(&signature)))
}

const FIRST: &str = "n,,n=alice,r=fyko+d2lbbFgONRv9qkxdawL";

#[tokio::test]
async fn client_with_the_password_logs_in() {
    let passwords = passwords(Some(4_096));
    let credentials = register(&passwords).await;
    let known = credentials.as_ref();
    let server_first = challenge(exchange(&passwords, "alice", &[FIRST], known).await);
    assert!(server_first.starts_with("r=fyko+d2lbbFgONRv9qkxdawL"));
    let (client_final, expected) = prove(FIRST, &server_first, PASSWORD);
    let messages = [FIRST, &server_first, &client_final];
    let server_final = challenge(exchange(&passwords, "alice", &messages, known).await);
    assert_eq!(server_final, expected);

    let all = [FIRST, &server_first, &client_final, &server_final, ""];
    let answer = exchange(&passwords, "alice", &all, known).await;
    assert!(matches!(answer, Answer::Password { credentials: None, token: Some(_) }), "{answer:?}");

    // Nothing else ends the exchange.
    let again = [FIRST, &server_first, &client_final, &server_final, "x"];
    assert_eq!(exchange(&passwords, "alice", &again, known).await, WRONG);
    let (wrong, _) = prove(FIRST, &server_first, "correct horse battery stapler");
    for messages in [&[FIRST, &server_first, &wrong][..], &[FIRST, &server_first, &wrong, "v=", ""]]
    {
        assert_eq!(exchange(&passwords, "alice", messages, known).await, WRONG);
    }
    // The proof is one for this account and this nonce.
    assert_eq!(exchange(&passwords, "bob", &messages, known).await, WRONG);
    let other_first = challenge(exchange(&passwords, "alice", &[FIRST], known).await);
    assert_ne!(other_first, server_first);
    let replayed = [FIRST, &other_first, &client_final];
    assert_eq!(exchange(&passwords, "alice", &replayed, known).await, WRONG);
}

/// Returns a challenge without its nonce.
fn salt_and_iterations(challenge: &str) -> &str {
    challenge.split_once(',').unwrap().1
}

#[tokio::test]
async fn unknown_account_looks_like_one_with_another_password() {
    let one = passwords(Some(4_096)).salt_secret(&Secret::new("s3cret"));
    let two = passwords(Some(4_096)).salt_secret(&Secret::new("s3cret"));
    let known = register(&one).await;
    let of_known = challenge(exchange(&one, "alice", &[FIRST], known.as_ref()).await);
    let of_unknown = challenge(exchange(&one, "alice", &[FIRST], None).await);
    assert_eq!(of_known.len(), of_unknown.len());
    assert_ne!(salt_and_iterations(&of_known), salt_and_iterations(&of_unknown));

    // The salt does not change, neither with a restart nor with the case of the name.
    let upper = "n,,n=ALICE,r=fyko+d2lbbFgONRv9qkxdawL";
    for (passwords, account, first) in [(&one, "alice", FIRST), (&two, "ALICE", upper)] {
        let again = challenge(exchange(passwords, account, &[first], None).await);
        assert_eq!(salt_and_iterations(&again), salt_and_iterations(&of_unknown));
        let (client_final, _) = prove(first, &again, PASSWORD);
        let messages = [first, &again, &client_final];
        assert_eq!(exchange(passwords, account, &messages, None).await, WRONG);
    }
    let other = passwords(Some(4_096));
    let of_other = challenge(exchange(&other, "alice", &[FIRST], None).await);
    assert_ne!(salt_and_iterations(&of_other), salt_and_iterations(&of_unknown));
}

#[tokio::test]
async fn account_without_a_verifier_logs_in_with_its_password_first() {
    let without = passwords(None);
    let credentials = register(&without).await;
    assert_eq!(exchange(&without, "alice", &[FIRST], credentials.as_ref()).await, WRONG);

    let with = passwords(Some(4_096));
    let server_first = challenge(exchange(&with, "alice", &[FIRST], credentials.as_ref()).await);
    let (client_final, _) = prove(FIRST, &server_first, PASSWORD);
    let messages = [FIRST, &server_first, &client_final];
    assert_eq!(exchange(&with, "alice", &messages, credentials.as_ref()).await, WRONG);

    let (account, password) = (Text::clean("alice"), Secret::new(PASSWORD));
    let question = Question::CheckPassword { account, password, credentials, new: None };
    let answer = ask(&with, question).await;
    let Answer::Password { credentials, .. } = answer else { panic!("{answer:?}") };
    let server_first = challenge(exchange(&with, "alice", &[FIRST], credentials.as_ref()).await);
    let (client_final, _) = prove(FIRST, &server_first, PASSWORD);
    let messages = [FIRST, &server_first, &client_final];
    challenge(exchange(&with, "alice", &messages, credentials.as_ref()).await);
}
