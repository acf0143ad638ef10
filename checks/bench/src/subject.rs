//! The subject of a measurement: a server that is started for it, or one that runs already.

use crate::proc;
use crate::protocol::{Endpoint, Irc, Json, Mqtt, Nats, Plain, Protocol, Text, WebSocket};
use crate::scenario::{Error, Outcome, Scenario};
use crate::server::{Kind, Programs, Server, Settings};
use std::fmt;
use std::panic::resume_unwind;
use std::str::FromStr;
use std::thread;

/// A server that can be measured.
#[derive(Clone, Copy)]
pub(crate) enum Subject {
    /// A server that is started anew for each run; with this many shards, or its default.
    Started { kind: Kind, shards: Option<usize> },
    /// A server that runs already, with its process id.
    Running(Running, u32),
}

/// The address and the protocol of a server that runs already.
#[derive(Clone, Copy)]
pub(crate) struct Running {
    scheme: &'static str,
    endpoint: Endpoint,
}

impl Subject {
    /// Creates a subject with the default number of shards.
    pub(crate) fn started(kind: Kind) -> Self {
        Self::Started { kind, shards: None }
    }

    pub(crate) fn name(&self) -> String {
        match self {
            Self::Started { kind, .. } => kind.to_string(),
            Self::Running(running, _) => {
                format!("{}://{}", running.scheme, running.endpoint.address)
            }
        }
    }

    /// Returns the protocol of its first clients.
    pub(crate) fn protocol(&self) -> &'static dyn Protocol {
        match self {
            Self::Started { kind, .. } => kind.protocols()[0],
            Self::Running(running, _) => running.endpoint.protocol,
        }
    }

    /// Returns true if it is started from the program of this server.
    pub(crate) fn is_chat(&self) -> bool {
        matches!(self, Self::Started { kind, .. } if kind.is_chat())
    }

    /// Measures it once. The load generator has its own thread: a thread may not be able to leave
    /// `SCHED_BATCH` again, and the server would inherit the policy.
    pub(crate) fn measure(
        &self,
        scenario: &Scenario,
        programs: &Programs,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Outcome, Error> {
        let server = match *self {
            Self::Started { kind, shards } => {
                let settings = Settings { announces: scenario.announces(), shards };
                Server::start(kind, programs, settings)?
            }
            Self::Running(running, pid) => Server::running(running.endpoint, pid),
        };
        let load = || {
            proc::use_batch_scheduling().map_err(Error::Scheduling)?;
            scenario.run(&server, progress)
        };
        thread::scope(|scope| match scope.spawn(load).join() {
            Ok(outcome) => outcome,
            Err(panic) => resume_unwind(panic),
        })
    }
}

impl FromStr for Running {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        let wrong = || {
            let schemes: Vec<_> = SCHEMES.iter().map(|(scheme, _)| *scheme).collect();
            format!("write SCHEME://127.0.0.1:7000 with one of the schemes {}", schemes.join(", "))
        };
        let (scheme, address) = url.split_once("://").ok_or_else(wrong)?;
        let &(scheme, protocol) =
            SCHEMES.iter().find(|(one, _)| *one == scheme).ok_or_else(wrong)?;
        let address = address.trim_end_matches('/').parse().map_err(|_| wrong())?;
        Ok(Self { scheme, endpoint: Endpoint { protocol, address } })
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.endpoint.address)
    }
}

const SCHEMES: &[(&str, &dyn Protocol)] = &[
    ("tcp+text", &Text),
    ("tcp+json", &Json),
    ("ws", &WebSocket),
    ("plain", &Plain::BARE),
    ("irc", &Irc::PLAIN),
    ("irc+tags", &Irc::TAGS),
    ("nats", &Nats),
    ("mqtt", &Mqtt),
];
