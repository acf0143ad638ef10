//! Unusable certificates and keys: each error names the file and the remedy.

use chat_tests::{Authority, Issued};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use transport_tls::{CertificateError, Certificates, read_certificates};

/// Returns a separate folder for each test.
fn folder(test: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("certificates").join(test)
}

fn problem(chain: &Path, key: &Path) -> String {
    Certificates::load(chain, key).expect_err("it cannot be used").to_string()
}

#[test]
fn certificate_and_its_key_are_loaded() {
    let authority = Authority::new("Test");
    let (chain, key) = authority.issue_for(&["localhost"], 2000..4000).write(&folder("good"));
    let certificates = Certificates::load(&chain, &key).expect("they are right");
    let year_4000 = SystemTime::UNIX_EPOCH + Duration::from_secs(64_060_588_800);
    assert_eq!(certificates.expires(), year_4000);

    // Both may be in one file, and other certificates behind the server's own.
    let together = format!(
        "{}{}{}",
        fs::read_to_string(&key).expect("a file"),
        fs::read_to_string(&chain).expect("a file"),
        authority.pem()
    );
    fs::write(&chain, together).expect("a file");
    Certificates::load(&chain, &chain).expect("it is right");
    assert_eq!(read_certificates(&chain).expect("certificates").len(), 2);
}

#[test]
fn error_names_the_file_that_is_missing_or_invalid() {
    let folder = folder("files");
    let (chain, key) = Authority::new("Test").issue().write(&folder);
    let nothing = folder.join("nothing.pem");
    let begins = |said: String, how: String| assert!(said.starts_with(&how), "{said}");
    begins(problem(&nothing, &key), format!("cannot read {}: No such file", nothing.display()));
    begins(problem(&chain, &nothing), format!("cannot read {}: No such file", nothing.display()));
    begins(problem(&folder, &key), format!("cannot read {}: Is a directory", folder.display()));
    begins(problem(&key, &key), format!("there is no certificate in {};", key.display()));
    begins(problem(&chain, &chain), format!("there is no readable key in {};", chain.display()));

    let empty = folder.join("empty.pem");
    fs::write(&empty, "").expect("a file");
    begins(problem(&empty, &key), format!("there is no certificate in {};", empty.display()));
    let encrypted = folder.join("encrypted.pem");
    let pem = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
    fs::write(&encrypted, pem).expect("a file");
    assert!(problem(&chain, &encrypted).ends_with("a private key that is not encrypted"));

    let whole = fs::read_to_string(&chain).expect("a file");
    let damaged = folder.join("damaged.pem");
    fs::write(&damaged, &whole[..whole.len() / 2]).expect("a file");
    begins(problem(&damaged, &key), format!("{} is damaged;", damaged.display()));
    let hollow = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(&damaged, hollow).expect("a file");
    let said = problem(&damaged, &key);
    begins(said, format!("the first certificate in {} cannot be used:", damaged.display()));
    let hollow = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    fs::write(&damaged, hollow).expect("a file");
    let said = problem(&chain, &damaged);
    begins(said, format!("the key in {} cannot be used:", damaged.display()));
}

#[test]
fn key_of_another_certificate_is_refused() {
    let (authority, folder) = (Authority::new("Test"), folder("mismatch"));
    let mixed = Issued { key: authority.issue().key, ..authority.issue() };
    let (chain, key) = mixed.write(&folder);
    let said = problem(&chain, &key);
    let how = format!("the key in {} does not belong to the first certificate in", key.display());
    assert!(said.starts_with(&how), "{said}");
    assert!(said.contains("the server's own"), "{said}");

    // The certificates in the wrong order are the same mistake.
    let issued = authority.issue();
    let (chain, key) = Issued { chain: authority.pem() + &issued.chain, ..issued }.write(&folder);
    let error = Certificates::load(chain, key).expect_err("the order is wrong");
    assert!(matches!(error, CertificateError::Mismatch { .. }), "{error}");
}

#[test]
fn certificate_outside_its_validity_is_refused() {
    let (authority, folder) = (Authority::new("Test"), folder("time"));
    let (chain, key) = authority.issue_for(&["localhost"], 2000..2020).write(&folder);
    assert_eq!(
        problem(&chain, &key),
        format!(
            "the certificate in {} expired on 2020-01-01T00:00:00Z; it has to be renewed",
            chain.display()
        )
    );
    let (chain, key) = authority.issue_for(&["localhost"], 3000..4000).write(&folder);
    let how = "is not valid before 3000-01-01T00:00:00Z; use a valid one, or correct the clock";
    assert!(problem(&chain, &key).contains(how), "{}", problem(&chain, &key));
}

#[test]
fn reload_keeps_the_old_certificate_if_the_new_one_is_unusable() {
    let (authority, folder) = (Authority::new("Test"), folder("reload"));
    let (chain, _) = authority.issue_for(&["localhost"], 2000..3000).write(&folder);
    let certificates = Certificates::load(&chain, folder.join("key.pem")).expect("a good one");
    let first = certificates.expires();

    authority.issue_for(&["localhost"], 2000..2020).write(&folder);
    let error = certificates.reload().expect_err("it has expired");
    assert!(matches!(error, CertificateError::Expired { .. }), "{error}");
    fs::remove_file(&chain).expect("a file");
    let error = certificates.reload().expect_err("it is gone");
    assert!(matches!(error, CertificateError::Unreadable { .. }), "{error}");
    assert_eq!(certificates.expires(), first);

    authority.issue_for(&["localhost"], 2000..3500).write(&folder);
    // Any clone of the handle can reload.
    let handle = certificates.clone();
    handle.reload().expect("a good one");
    assert!(certificates.expires() > first);
}
