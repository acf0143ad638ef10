//! Resource usage of processes, from `/proc`, and processor affinity.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fs;
use std::io;
use std::ops::AddAssign;
use std::path::{Path, PathBuf};
use std::time::Duration;
use thread_priority::unix::{
    NormalThreadSchedulePolicy, ThreadSchedulePolicy, set_thread_priority_and_policy,
    thread_native_id,
};
use thread_priority::{ThreadPriority, ThreadPriorityValue};

/// The resources that a process and its children have used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Resident memory, in bytes.
    pub(crate) resident: u64,
}

impl Usage {
    /// Reads the usage of a process and its children.
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        let process = PathBuf::from(format!("/proc/{pid}"));
        let mut usage = Self { cpu: cpu(&process)?, resident: resident(&process)? };
        for child in children(&process) {
            // The child may have ended meanwhile.
            usage += Self::of(child).unwrap_or_default();
        }
        Ok(usage)
    }

    /// Returns the processor time since `before`. The time of threads and children that have ended
    /// meanwhile is not included.
    pub(crate) fn cpu_since(self, before: Self) -> Duration {
        self.cpu.saturating_sub(before.cpu)
    }
}

/// The memory of a process, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) resident: u64,
    /// The most that was resident.
    pub(crate) peak: u64,
}

impl Memory {
    /// Reads the memory of a process, without its children.
    pub(crate) fn of(pid: u32) -> io::Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let size = |name| parse_size(&status, name).ok_or_else(malformed);
        Ok(Self { resident: size("VmRSS:")?, peak: size("VmHWM:")? })
    }
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.resident += other.resident;
    }
}

/// Returns the processor time of this process, without its children.
pub(crate) fn own_cpu() -> io::Result<Duration> {
    cpu(Path::new("/proc/self"))
}

/// Returns the processor time of all threads, in nanosecond resolution where the kernel has
/// schedstat.
fn cpu(process: &Path) -> io::Result<Duration> {
    let mut total = Duration::ZERO;
    for task in fs::read_dir(process.join("task"))? {
        match fs::read_to_string(task?.path().join("schedstat")) {
            Ok(schedstat) => total += parse_schedstat(&schedstat).ok_or_else(malformed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return parse_stat(&fs::read_to_string(process.join("stat"))?)
                    .ok_or_else(malformed);
            }
            Err(error) => return Err(error),
        }
    }
    Ok(total)
}

fn resident(process: &Path) -> io::Result<u64> {
    let status = fs::read_to_string(process.join("status"))?;
    parse_size(&status, "VmRSS:").ok_or_else(malformed)
}

fn children(process: &Path) -> Vec<u32> {
    let Ok(tasks) = fs::read_dir(process.join("task")) else { return Vec::new() };
    let children =
        tasks.flatten().filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    children
        .flat_map(|line| {
            line.split(' ').filter_map(|pid| pid.trim().parse().ok()).collect::<Vec<_>>()
        })
        .collect()
}

/// Parses the first field: the processor time in nanoseconds.
fn parse_schedstat(schedstat: &str) -> Option<Duration> {
    schedstat.split(' ').next()?.parse().ok().map(Duration::from_nanos)
}

/// Parses fields 14 and 15: the times in user and in system mode, in hundredths of a second. The
/// second field is a name in parentheses, which may contain anything.
fn parse_stat(stat: &str) -> Option<Duration> {
    let mut fields = stat.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(Duration::from_millis((user + system) * 10))
}

fn parse_size(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024)
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a file in /proc has an unknown format")
}

/// The processors that this program was allowed to use when it started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Processors(CpuSet);

impl Processors {
    pub(crate) fn all() -> io::Result<Self> {
        Ok(Self(sched_getaffinity(None)?))
    }

    pub(crate) fn count(self) -> usize {
        self.0.count() as usize
    }

    /// Restricts this thread, and the threads and processes that it starts from now on, to the
    /// first `count` processors. Returns how many these are.
    pub(crate) fn keep_to(self, count: usize) -> io::Result<usize> {
        let mut chosen = CpuSet::new();
        let first = (0..CpuSet::MAX_CPU).filter(|&cpu| self.0.is_set(cpu)).take(count);
        first.for_each(|cpu| chosen.set(cpu));
        sched_setaffinity(None, &chosen)?;
        Ok(chosen.count() as usize)
    }
}

/// Sets this thread's policy to `SCHED_BATCH`, so that it does not preempt others when it wakes.
pub(crate) fn use_batch_scheduling() -> Result<(), thread_priority::Error> {
    let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
    // The value 48 maps to nice 0, so that the thread keeps its share of the processor.
    let middle = ThreadPriorityValue::try_from(48_u8).expect("between 0 and 99");
    let middle = ThreadPriority::Crossplatform(middle);
    set_thread_priority_and_policy(thread_native_id(), middle, policy)
}

/// Raises this process's limit of open files, which its children inherit, to the maximum. Returns
/// the limit.
pub(crate) fn raise_file_limit() -> io::Result<u64> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum })?;
    Ok(maximum.unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use thread_priority::unix::thread_schedule_policy;

    #[test]
    fn batch_scheduling_keeps_the_nice_value() {
        std::thread::spawn(|| {
            use_batch_scheduling().expect("no privilege is needed");
            let policy = thread_schedule_policy().expect("it can be read");
            let batch = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Batch);
            assert_eq!(policy, batch);
            let stat = fs::read_to_string("/proc/thread-self/stat").expect("Linux");
            let (_, fields) = stat.rsplit_once(") ").expect("a name in parentheses");
            assert_eq!(fields.split(' ').nth(16), Some("0"), "nice");
        })
        .join()
        .expect("nothing panics");
    }

    #[test]
    fn time_is_read_from_schedstat_or_stat() {
        assert_eq!(parse_schedstat("1500000 20 3\n"), Some(Duration::from_micros(1_500)));
        let stat = "42 (a ) b) S 1 42 42 0 -1 4194304 100 0 0 0 250 50 0 0 20 0 1 0 100 1000 200";
        assert_eq!(parse_stat(stat), Some(Duration::from_secs(3)));
        assert_eq!(parse_stat("nothing"), None);
        assert_eq!(parse_schedstat(""), None);
    }

    #[test]
    fn memory_is_read_in_bytes() {
        assert_eq!(
            parse_size("Name:\tchat\nVmRSS:\t    2048 kB\nVmSwap: 0 kB\n", "VmRSS:"),
            Some(2 << 20)
        );
        assert_eq!(parse_size("Name:\tkthreadd\n", "VmRSS:"), None);
    }

    #[test]
    fn memory_of_this_process_is_readable() {
        let usage = Usage::of(std::process::id()).expect("Linux");
        assert!(usage.resident > 0);
    }
}
