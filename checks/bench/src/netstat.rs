//! The kernel's counters of drops and retransmissions, from `/proc/net/netstat`. They are for the
//! whole machine.

use serde::Serialize;
use std::fs;
use std::io;

/// Counts of events that delay connecting clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Losses {
    /// Connections that arrived when the accept queue was full (`ListenOverflows`).
    pub(crate) overflows: u64,
    /// Connections that were dropped for any reason (`ListenDrops`).
    pub(crate) drops: u64,
    /// SYNs that were dropped because too many handshakes were in progress (`TCPReqQFullDrop`).
    pub(crate) handshakes: u64,
    /// Retransmission timeouts (`TCPTimeouts`).
    pub(crate) timeouts: u64,
}

impl Losses {
    /// Reads the current counts.
    pub(crate) fn so_far() -> io::Result<Self> {
        let netstat = fs::read_to_string("/proc/net/netstat")?;
        Self::parse(&netstat).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "/proc/net/netstat has an unknown format")
        })
    }

    /// Returns the difference from earlier counts.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            overflows: self.overflows.saturating_sub(before.overflows),
            drops: self.drops.saturating_sub(before.drops),
            handshakes: self.handshakes.saturating_sub(before.handshakes),
            timeouts: self.timeouts.saturating_sub(before.timeouts),
        }
    }

    /// Parses a line with names, and one with numbers in the same order.
    fn parse(netstat: &str) -> Option<Self> {
        let mut lines = netstat.lines().filter_map(|line| line.strip_prefix("TcpExt:"));
        let (names, numbers) = (lines.next()?, lines.next()?);
        let find = |wanted: &str| {
            let place = names.split_ascii_whitespace().position(|name| name == wanted)?;
            numbers.split_ascii_whitespace().nth(place)?.parse().ok()
        };
        Some(Self {
            overflows: find("ListenOverflows")?,
            drops: find("ListenDrops")?,
            handshakes: find("TCPReqQFullDrop")?,
            timeouts: find("TCPTimeouts")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NETSTAT: &str = "\
TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPTimeouts TCPReqQFullDrop
TcpExt: 1 20 30 40 50
IpExt: InNoRoutes ListenOverflows
IpExt: 7 8
";

    #[test]
    fn counter_is_found_by_its_name() {
        let losses = Losses { overflows: 20, drops: 30, handshakes: 50, timeouts: 40 };
        assert_eq!(Losses::parse(NETSTAT), Some(losses));
        assert_eq!(Losses::parse("IpExt: InNoRoutes\nIpExt: 7\n"), None);
        assert_eq!(Losses::parse("TcpExt: ListenOverflows\nTcpExt: 20\n"), None);
    }

    #[test]
    fn earlier_counts_are_subtracted() {
        let before = Losses { overflows: 1, drops: 2, handshakes: 3, timeouts: 4 };
        let after = Losses { overflows: 1, drops: 5, ..before };
        assert_eq!(after.since(before), Losses { drops: 3, ..Losses::default() });
    }

    #[test]
    fn counters_of_this_machine_are_readable() {
        assert!(Losses::so_far().is_ok());
    }
}
