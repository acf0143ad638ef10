//! What the kernel threw away or had to send again, from `/proc/net/netstat`. It counts for the
//! whole machine.

use serde::Serialize;
use std::fs;
use std::io;

/// How often something happened for which somebody who connects has to wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Losses {
    /// A connection came when the queue of those to be accepted was full (`ListenOverflows`).
    pub(crate) overflows: u64,
    /// A connection that came was thrown away, for whatever reason (`ListenDrops`).
    pub(crate) drops: u64,
    /// A first packet was thrown away since too many handshakes were under way (`TCPReqQFullDrop`).
    pub(crate) handshakes: u64,
    /// Something was sent again since nothing came back (`TCPTimeouts`).
    pub(crate) timeouts: u64,
}

impl Losses {
    /// What there was so far.
    pub(crate) fn so_far() -> io::Result<Self> {
        let netstat = fs::read_to_string("/proc/net/netstat")?;
        Self::parse(&netstat).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, "/proc/net/netstat is not as it is on Linux")
        })
    }

    /// What there was since then.
    pub(crate) fn since(self, before: Self) -> Self {
        Self {
            overflows: self.overflows.saturating_sub(before.overflows),
            drops: self.drops.saturating_sub(before.drops),
            handshakes: self.handshakes.saturating_sub(before.handshakes),
            timeouts: self.timeouts.saturating_sub(before.timeouts),
        }
    }

    /// A line with names, then one with numbers in the same order.
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
    fn a_number_is_found_by_its_name() {
        let losses = Losses { overflows: 20, drops: 30, handshakes: 50, timeouts: 40 };
        assert_eq!(Losses::parse(NETSTAT), Some(losses));
        assert_eq!(Losses::parse("IpExt: InNoRoutes\nIpExt: 7\n"), None);
        assert_eq!(Losses::parse("TcpExt: ListenOverflows\nTcpExt: 20\n"), None);
    }

    #[test]
    fn what_was_there_before_does_not_count() {
        let before = Losses { overflows: 1, drops: 2, handshakes: 3, timeouts: 4 };
        let after = Losses { overflows: 1, drops: 5, ..before };
        assert_eq!(after.since(before), Losses { drops: 3, ..Losses::default() });
    }

    #[test]
    fn this_machine_says_it() {
        assert!(Losses::so_far().is_ok());
    }
}
