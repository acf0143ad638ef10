//! Tests of the dialects through their public interface.

mod conversations;
mod json_references;
mod terminal_safety;
