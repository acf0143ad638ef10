//! Tests of the dialects through their public interface.

mod channel_signs;
mod conversations;
mod json_references;
mod several_lines;
mod terminal_safety;
