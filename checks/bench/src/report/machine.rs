//! The machine of the measurements.

use serde::Serialize;
use std::fs;
use std::thread::available_parallelism;

/// The properties of a machine that affect its speed.
#[derive(Debug, Serialize)]
pub(crate) struct Machine {
    pub(crate) processor: String,
    pub(crate) cores: usize,
    pub(crate) memory_mib: u64,
    pub(crate) kernel: String,
    pub(crate) system: String,
}

impl Machine {
    /// Reads the properties of this machine.
    pub(crate) fn this() -> Self {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let (cpus, memory, system) =
            (read("/proc/cpuinfo"), read("/proc/meminfo"), read("/etc/os-release"));
        let memory = field(&memory, "MemTotal", ':').and_then(|size| size.split(' ').next());
        let memory_kib: u64 = memory.and_then(|kib| kib.parse().ok()).unwrap_or(0);
        Self {
            processor: field(&cpus, "model name", ':').unwrap_or("unknown").to_owned(),
            cores: available_parallelism().map_or(1, usize::from),
            memory_mib: memory_kib / 1024,
            // The distribution's suffix is left out.
            kernel: read("/proc/sys/kernel/osrelease")
                .trim()
                .split('-')
                .next()
                .unwrap_or_default()
                .to_owned(),
            system: field(&system, "PRETTY_NAME", '=')
                .unwrap_or("Linux")
                .trim_matches('"')
                .to_owned(),
        }
    }
}

fn field<'a>(file: &'a str, name: &str, separator: char) -> Option<&'a str> {
    let fields = file.lines().filter_map(|line| line.split_once(separator));
    fields
        .map(|(key, value)| (key.trim(), value.trim()))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_is_found_by_its_name() {
        let file = "processor\t: 0\nmodel name\t: A: B\n";
        assert_eq!(field(file, "model name", ':'), Some("A: B"));
        assert_eq!(field(file, "model", ':'), None);
    }
}
