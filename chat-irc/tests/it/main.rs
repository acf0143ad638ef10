//! Conversations with clients of IRC, and with clients of other dialects on the same channels.

mod accounts;
mod bad_input;
mod capabilities;
mod channel_list;
mod channels;
mod client_tags;
mod crowd;
mod ctcp;
mod form_check;
mod history;
mod labels;
mod masks;
mod messages;
mod monitor;
mod multiline;
mod operators;
mod pacing;
mod pairs;
mod read_marks;
mod recorded;
mod registration;
mod reloading;
mod room;
mod services;
mod slow_reader;
mod users;
