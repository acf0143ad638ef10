//! Describes failed TLS handshakes for people.

use super::target::{Host, Transport};
use super::trust::Trust;
use chat_server::engine::Text;
use jiff::Timestamp;
use std::io;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// The reason for which a handshake failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("it does not speak TLS; the address without TLS is {without}")]
    NoTls { without: String },
    #[error("it closed the connection before TLS was set up; it may be full, or not speak TLS")]
    Closed,
    #[error("it refuses this client's TLS: {0}")]
    Refused(String),
    #[error(
        "its certificate is from an issuer that this system does not know; if you trust it, name \
         it with --tls-ca FILE"
    )]
    UnknownIssuer,
    #[error("its certificate is not from an issuer in {}, which --tls-ca names", file.display())]
    OtherIssuer { file: std::path::PathBuf },
    #[error("its certificate expired on {0}")]
    Expired(Timestamp),
    #[error("its certificate is not valid before {0}; check the clock of this machine")]
    NotYetValid(Timestamp),
    #[error("its certificate is for {names}, not for {host}")]
    WrongName { names: Text, host: String },
    #[error("its certificate cannot be accepted: {0}")]
    Certificate(CertificateError),
    #[error("{0}")]
    Io(io::Error),
}

impl HandshakeError {
    /// Interprets an error of a handshake with a host.
    pub(super) fn new(error: io::Error, host: &Host, transport: &Transport) -> Self {
        if matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
        ) {
            return Self::Closed;
        }
        let Some(problem) = error.get_ref().and_then(|error| error.downcast_ref::<Error>()) else {
            return Self::Io(error);
        };
        if let Error::InvalidCertificate(problem) = problem {
            return Self::certificate(problem, host);
        }
        // A server for plain lines may answer a handshake with this alert. A TLS server does not
        // send it.
        if let Error::InvalidMessage(_)
        | Error::AlertReceived(AlertDescription::UnexpectedMessage) = problem
        {
            return Self::NoTls { without: host.other(transport) };
        }
        Self::Refused(problem.to_string())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "rare errors keep their own text")]
    fn certificate(problem: &CertificateError, host: &Host) -> Self {
        match problem {
            // An invalid signature comes from another issuer of the same name.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => match &host.trust {
                Some(Trust::File(file)) => Self::OtherIssuer { file: file.clone() },
                Some(Trust::System) | None => Self::UnknownIssuer,
            },
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(date(*not_after)),
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYetValid(date(*not_before))
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                Self::WrongName { names: names(presented), host: host.resolvable().0.to_owned() }
            }
            other => Self::Certificate(other.clone()),
        }
    }
}

/// Lists the names in a certificate, which are given as `DnsName("localhost")` and
/// `IpAddress(127.0.0.1)`.
fn names(presented: &[String]) -> Text {
    if presented.is_empty() {
        return Text::clean("no host at all");
    }
    let inner = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        inner.unwrap_or(name).trim_matches('"').to_owned()
    };
    let mut names: Vec<String> = presented.iter().take(MOST_NAMES).map(inner).collect();
    if presented.len() > MOST_NAMES {
        names.push(format!("{} more", presented.len() - MOST_NAMES));
    }
    Text::clean(&names.join(", "))
}

fn date(time: UnixTime) -> Timestamp {
    let seconds = time.as_secs().try_into().unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

/// The most names of a certificate that are shown. Some certificates have a hundred.
const MOST_NAMES: usize = 5;
