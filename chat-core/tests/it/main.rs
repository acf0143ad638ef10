//! Tests of the core through its public interface. They are one program, which is linked once.
//! `allocations` is a program of its own, since it counts what its process allocates.

mod audit_ledger;
mod channel_ledger;
mod generate;
mod golden_records;
mod invariants;
mod ledger;
mod memberships;
mod model;
mod playback;
mod policy;
mod policy_words;
mod purity;
mod records;
mod replay;
mod script_errors;
mod search;
mod texts;
