//! What a failed TLS handshake means, in words for people.

use super::target::{Host, Transport};
use super::trust::Trust;
use chat_core::Text;
use jiff::Timestamp;
use std::io;
use tokio_rustls::rustls::pki_types::UnixTime;
use tokio_rustls::rustls::{AlertDescription, CertificateError, Error};

/// Why a handshake failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandshakeError {
    #[error("it does not speak TLS; the address without TLS is {without}")]
    NoTls { without: String },
    #[error("it closed the connection before TLS was set up; it may be full, or not speak TLS")]
    Closed,
    #[error("it refuses TLS as this client speaks it: {0}")]
    Refused(String),
    #[error(
        "its certificate is from an issuer that this system does not know; if you trust it, name it with --tls-ca FILE"
    )]
    UnknownIssuer,
    #[error("its certificate is not from an issuer in {}, which --tls-ca names", file.display())]
    OtherIssuer { file: std::path::PathBuf },
    #[error("its certificate expired on {0}")]
    Expired(Timestamp),
    #[error("its certificate is not valid before {0}; is the clock of this machine right?")]
    NotYetValid(Timestamp),
    #[error("its certificate is for {names}, not for {host}")]
    WrongName { names: Text, host: String },
    #[error("its certificate cannot be accepted: {0}")]
    Certificate(CertificateError),
    #[error("{0}")]
    Io(io::Error),
}

impl HandshakeError {
    /// What an error means that came while connecting there.
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
        // A server for plain lines may answer the beginning of a handshake with this alert, which
        // no TLS server does.
        if let Error::InvalidMessage(_)
        | Error::AlertReceived(AlertDescription::UnexpectedMessage) = problem
        {
            return Self::NoTls { without: host.other(transport) };
        }
        Self::Refused(problem.to_string())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "what is rare is said in its own words")]
    fn certificate(problem: &CertificateError, host: &Host) -> Self {
        match problem {
            // A signature that is wrong is that of another issuer of the same name.
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

/// The names in a certificate, which come as `DnsName("localhost")` and `IpAddress(127.0.0.1)`.
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

/// Most names of a certificate that are shown. Some have a hundred.
const MOST_NAMES: usize = 5;
