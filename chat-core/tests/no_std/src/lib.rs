#![no_std]
//! A program without `std` in which the engine runs.
//!
//! It defines a panic handler. If a dependency needed `std`, there would be two handlers, and the
//! build would fail.

use chat_core::{Command, Config, Effect, Engine, Input, Peer, SessionId, Timestamp};
use core::panic::PanicInfo;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Applies a command that takes a nickname; returns the number of replies.
#[unsafe(no_mangle)]
pub extern "C" fn say_hello(millis: u64) -> usize {
    let now = Timestamp::from_millis(millis);
    let mut engine = Engine::new(Config::default(), now);
    let session = SessionId(1);
    engine.apply(now, Input::Open { session, peer: Peer::default() }).for_each(drop);
    let command = Command::identify("alice");
    let effects = engine.apply(now, Input::Command { session, request: None, command });
    effects.filter(|effect| matches!(effect, Effect::Reply { .. })).count()
}

#[panic_handler]
fn stop(_: &PanicInfo<'_>) -> ! {
    loop {}
}
