//! The format of records: each variant is compared with a file of version 1, byte for byte. A store
//! has to read its old records for ever.
//!
//! If a change is intended, it needs a new version: add `golden/records_2.jsonl`, and keep reading
//! this one.

use chat_core::{Record, Timestamp, VersionedRecord};
use std::collections::BTreeSet;

const GOLDEN: &str = include_str!("../golden/records_1.jsonl");

/// The public interface of chat-core, which CI compares with the code.
const PUBLIC_INTERFACE: &str = include_str!("../../../docs/public-api/chat-core.txt");

#[test]
fn records_of_version_1_are_read_and_written_as_they_were() {
    for line in GOLDEN.lines() {
        let read: VersionedRecord =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        assert_eq!(read.version(), 1);
        let again = VersionedRecord::new(read.at, read.record);
        assert_eq!(serde_json::to_string(&again).expect("JSON"), line);
    }
}

#[test]
fn every_record_has_a_line() {
    let prefix = "pub chat_core::Record::";
    let variants = PUBLIC_INTERFACE.lines().filter_map(|line| line.strip_prefix(prefix));
    let name =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric()).collect() };
    let variants: BTreeSet<String> = variants.map(name).collect();
    let shown = GOLDEN.lines().filter_map(|line| line.split_once(r#""record":{""#));
    let shown: BTreeSet<String> = shown.map(|(_, record)| name(record)).collect();
    assert!(!variants.is_empty());
    assert_eq!(shown, variants);
}

#[test]
fn newer_and_invalid_versions_are_errors_that_say_what_to_do() {
    let record = Record::AccountSeen { account: "al".into() };
    let written = serde_json::to_string(&VersionedRecord::new(Timestamp::from_millis(1), record));
    let written = written.expect("JSON");
    for version in ["0", "2", "4294967295"] {
        let other = written.replace(r#""version":1"#, &format!(r#""version":{version}"#));
        // A newer record may be one that this version does not know.
        let other = other.replace("AccountSeen", "SomethingNew");
        let error = serde_json::from_str::<VersionedRecord>(&other).expect_err("a version");
        let expected = format!(
            "the record has version {version}, and this program reads versions 1 to 1: use the \
             version of the program that wrote it, or a newer one"
        );
        assert!(error.to_string().starts_with(&expected), "{error}");
    }
    let error = serde_json::from_str::<VersionedRecord>("{}").expect_err("no version");
    assert!(error.to_string().starts_with("missing field `version`"), "{error}");
}
