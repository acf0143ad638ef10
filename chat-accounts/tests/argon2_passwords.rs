//! The questions of the engine about passwords are answered.

use chat_accounts::{Argon2Passwords, Credentials, ExternalLogin, Hasher, HasherConfig};
use chat_core::{Answer, PasswordRefusal, Question, Secret, Text};
use chat_dialects::HostRequest;
use chat_runtime::Passwords;

const GOOD: &str = "correct horse battery staple";

fn hasher(passes: u32) -> Hasher {
    let mut config = HasherConfig::default();
    (config.memory, config.passes) = (8, passes);
    Hasher::new(&config).unwrap()
}

fn passwords() -> Argon2Passwords {
    Argon2Passwords::new(hasher(1))
}

async fn ask(passwords: &Argon2Passwords, question: Question) -> Answer {
    passwords.check(&HostRequest::about_request(question)).await.unwrap()
}

fn register(password: &str, code: Option<&str>) -> Question {
    let (password, code) = (Secret::new(password), code.map(Secret::new));
    Question::Register { account: "alice".into(), password, code }
}

fn check(password: &str, credentials: Option<&Secret>, new: Option<&str>) -> Question {
    Question::CheckPassword {
        account: Text::clean("alice"),
        password: Secret::new(password),
        credentials: credentials.cloned(),
        new: new.map(Secret::new),
    }
}

/// Takes an answer of a right password apart.
fn right(answer: Answer) -> (Option<Secret>, Option<Secret>) {
    let Answer::Password { credentials, token } = answer else { panic!("{answer:?}") };
    (credentials, token)
}

const WRONG: Answer = Answer::PasswordRefused(PasswordRefusal::Wrong);
const WRONG_CODE: Answer = Answer::PasswordRefused(PasswordRefusal::WrongCode);

#[track_caller]
fn expect_weak(answer: Answer, said: &str) {
    let Answer::PasswordRefused(PasswordRefusal::TooWeak(reason)) = answer else {
        panic!("{answer:?}")
    };
    assert!(reason.as_str().contains(said), "{reason}");
}

#[tokio::test]
async fn account_of_another_login_has_no_password() {
    let login = ExternalLogin { issuer: "https://login.example.org".into(), subject: "1".into() };
    let stored = login.to_secret();
    assert_eq!(ExternalLogin::parse(&stored), Some(login));
    for new in [None, Some("another horse battery staple")] {
        assert_eq!(ask(&passwords(), check(GOOD, Some(&stored), new)).await, WRONG);
    }
    let (credentials, _) = right(ask(&passwords(), register(GOOD, None)).await);
    assert_eq!(ExternalLogin::parse(&credentials.unwrap()), None);
}

#[tokio::test]
async fn registered_password_logs_in() {
    let passwords = passwords();
    let (credentials, token) = right(ask(&passwords, register(GOOD, None)).await);
    assert!(token.unwrap().expose().starts_with("chat_"));
    let credentials = credentials.as_ref();
    let (unchanged, token) = right(ask(&passwords, check(GOOD, credentials, None)).await);
    assert_eq!(unchanged, None);
    let (_, another) = right(ask(&passwords, check(GOOD, credentials, None)).await);
    assert_ne!(token.unwrap(), another.unwrap());
    assert_eq!(ask(&passwords, check("wrong", credentials, None)).await, WRONG);
}

#[tokio::test]
async fn unknown_account_is_answered_like_a_wrong_password_after_the_same_work() {
    let passwords = passwords();
    let (credentials, _) = right(ask(&passwords, register(GOOD, None)).await);
    let hashed = || passwords.hasher().load().finished;
    for password in [GOOD, "wrong", ""] {
        let before = hashed();
        assert_eq!(ask(&passwords, check(password, None, None)).await, WRONG);
        let unknown = hashed() - before;
        let credentials = credentials.as_ref().filter(|_| password != GOOD);
        assert_eq!(ask(&passwords, check(password, credentials, None)).await, WRONG);
        assert_eq!(hashed() - before, 2 * unknown, "{password}");
    }
}

#[tokio::test]
async fn texts_that_cannot_be_passwords_are_wrong_at_a_login_and_explained_at_a_registration() {
    let passwords = passwords();
    let (credentials, _) = right(ask(&passwords, register(GOOD, None)).await);
    for (text, said) in [
        ("", "is empty"),
        ("short", "too short"),
        ("alice2026", "the name of the account"),
        ("password", "most common"),
        ("correct\0horse", "U+0000"),
        (&"x".repeat(1_025), "at most 1024"),
    ] {
        expect_weak(ask(&passwords, register(text, None)).await, said);
        expect_weak(ask(&passwords, check(GOOD, credentials.as_ref(), Some(text))).await, said);
        assert_eq!(ask(&passwords, check(text, credentials.as_ref(), None)).await, WRONG);
    }
}

#[tokio::test]
async fn new_password_needs_the_old_one() {
    let passwords = passwords();
    let (credentials, _) = right(ask(&passwords, register(GOOD, None)).await);
    let old = credentials.as_ref();
    let before = passwords.hasher().load().finished;
    // The strength of the new password does not matter then.
    for new in ["other horse battery", "weak"] {
        assert_eq!(ask(&passwords, check("wrong", old, Some(new))).await, WRONG);
    }
    assert_eq!(passwords.hasher().load().finished - before, 2);
    let (new, token) = right(ask(&passwords, check(GOOD, old, Some("other horse battery"))).await);
    assert_eq!(token, None);
    let new = new.as_ref();
    assert_eq!(ask(&passwords, check(GOOD, new, None)).await, WRONG);
    right(ask(&passwords, check("other horse battery", new, None)).await);
}

#[tokio::test]
async fn outdated_credentials_are_replaced_at_the_next_login() {
    let (current, older) = (Argon2Passwords::new(hasher(2)), passwords());
    let (old, _) = right(ask(&older, register(GOOD, None)).await);
    assert_eq!(ask(&current, check("wrong", old.as_ref(), None)).await, WRONG);
    let (new, token) = right(ask(&current, check(GOOD, old.as_ref(), None)).await);
    assert!(token.is_some());
    let (unchanged, _) = right(ask(&current, check(GOOD, new.as_ref(), None)).await);
    assert_eq!(unchanged, None);
    assert!(Credentials::parse(&new.unwrap()).is_ok());
}

#[tokio::test]
async fn code_is_needed_to_register() {
    let passwords = passwords();
    let passwords = passwords.registration_code(&Secret::new("tea-at-five"));
    let passwords = passwords.registration_code(&Secret::new("another"));
    let before = passwords.hasher().load().finished;
    for code in [None, Some(""), Some("tea"), Some("tea-at-five "), Some("Another")] {
        assert_eq!(ask(&passwords, register(GOOD, code)).await, WRONG_CODE, "{code:?}");
    }
    assert_eq!(passwords.hasher().load().finished, before, "nothing is hashed without the code");
    for code in ["tea-at-five", "another"] {
        right(ask(&passwords, register(GOOD, Some(code))).await);
    }
    let shown = format!("{passwords:?}");
    assert!(shown.contains("codes: 2") && !shown.contains("tea"), "{shown}");
}

#[tokio::test]
async fn weak_passwords_are_accepted_on_request() {
    expect_weak(ask(&passwords(), register("sesame", None)).await, "too short");
    let passwords = passwords().accept_weak();
    let (credentials, _) = right(ask(&passwords, register("sesame", None)).await);
    right(ask(&passwords, check("sesame", credentials.as_ref(), Some("1"))).await);
    expect_weak(ask(&passwords, register("", None)).await, "is empty");
}

#[tokio::test]
async fn unreadable_credentials_and_other_questions_are_errors() {
    let passwords = passwords();
    let newer = Secret::new(r#"{"v":2}"#);
    for (question, said) in [
        (check(GOOD, Some(&newer), None), "have the format 2"),
        (Question::Authenticate { address: None, token: None }, "not about a password"),
    ] {
        let error = passwords.check(&HostRequest::about_request(question)).await.unwrap_err();
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[tokio::test]
async fn full_queue_is_an_error_and_not_a_wrong_password() {
    let mut config = HasherConfig::default();
    (config.threads, config.queue) = (1, 0);
    let passwords = Argon2Passwords::new(Hasher::new(&config).unwrap());
    let (credentials, _) = right(ask(&passwords, register(GOOD, None)).await);
    let request = HostRequest::about_request(check(GOOD, credentials.as_ref(), None));
    let (first, second) = tokio::join!(passwords.check(&request), passwords.check(&request));
    right(first.unwrap());
    assert!(second.unwrap_err().to_string().contains("try again"));
}
