#![no_std]
//! A program without `std` in which the engine runs.
//!
//! It has a panic handler of its own. Were there a crate below it that needs `std`, there would be
//! two, and this would not build.

use chat_core::{Command, Config, Effect, Engine, Input, Peer, SessionId, Timestamp};
use core::panic::PanicInfo;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Has somebody take a name; returns how many effects that has.
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
