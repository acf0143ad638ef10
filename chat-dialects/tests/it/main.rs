//! Tests of the dialects through their public interface.

mod announcements;
mod channel_signs;
mod conversations;
mod forms;
mod json_references;
mod several_lines;
mod shown_members;
mod terminal_safety;
