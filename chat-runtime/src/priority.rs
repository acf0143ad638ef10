//! The priority of threads whose work others need not wait for.

/// Gives the calling thread less of the processor than others, if they need it: on Linux its nice
/// value is raised by 10, to 19 at most, so that a thread of the usual value gets nine times as
/// much of a processor that both want. Its work is finished later, and delays no thread that wakes
/// for a message. On other systems this does nothing, because it would concern the whole process.
pub fn lower_priority() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{getpriority_process, setpriority_process};
        // Without it the thread works as well.
        let _ = getpriority_process(None)
            .and_then(|nice| setpriority_process(None, (nice + NICER).min(NICEST)));
    }
}

/// The number by which the nice value is raised.
#[cfg(target_os = "linux")]
const NICER: i32 = 10;

/// The greatest nice value.
#[cfg(target_os = "linux")]
const NICEST: i32 = 19;
