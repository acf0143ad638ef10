//! Reads a PROXY header from a stream, and not a byte beyond it.

use ppp::{v1, v2};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The source of a connection, as its proxy states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The proxy forwards the connection of a client with this address.
    Client(SocketAddr),
    /// The proxy forwards the connection of a client without a known IP address.
    Unknown,
    /// The proxy has opened the connection itself, for a health check.
    Proxy,
}

/// The reason for which no header could be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeaderError {
    /// Typical of a health check that only tests whether the port is open.
    #[error("the connection ended before its first byte")]
    Empty,
    #[error("it does not begin with a PROXY header")]
    Missing,
    #[error("its PROXY header is longer than {limit} bytes")]
    TooLong { limit: usize },
    #[error("its PROXY header is invalid: {0}")]
    Version1(#[from] v1::BinaryParseError),
    #[error("its PROXY header is invalid: {0}")]
    Version2(#[from] v2::ParseError),
    #[error("it ended within its PROXY header")]
    Failed(#[from] io::Error),
}

/// Reads a header of either version. The bytes after the header stay in the stream, so that the
/// stream can be handed on without a buffer.
pub(crate) async fn read_header(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<Origin, HeaderError> {
    let mut header = Vec::with_capacity(V1_MOST);
    // The shortest header of either version has 15 bytes, so the first 12 always belong to it.
    while header.len() < v2::PROTOCOL_PREFIX.len() {
        let missing = v2::PROTOCOL_PREFIX.len() - header.len();
        if let Err(error) = read(stream, &mut header, missing).await {
            return Err(if header.is_empty() { HeaderError::Empty } else { error.into() });
        }
        if !overlaps(&header, v2::PROTOCOL_PREFIX) && !overlaps(&header, V1_PREFIX) {
            return Err(HeaderError::Missing);
        }
    }
    if header == v2::PROTOCOL_PREFIX {
        read_version_2(stream, header).await
    } else {
        read_version_1(stream, header).await
    }
}

async fn read_version_1(
    stream: &mut (impl AsyncRead + Unpin),
    mut header: Vec<u8>,
) -> Result<Origin, HeaderError> {
    // A header of version 1 does not state its length. Single bytes are read, so that no byte after
    // the line end is taken.
    while header.last() != Some(&b'\n') {
        if header.len() == V1_MOST {
            return Err(HeaderError::TooLong { limit: V1_MOST });
        }
        read(stream, &mut header, 1).await?;
    }
    let header = v1::Header::try_from(header.as_slice())?;
    Ok(match header.addresses {
        v1::Addresses::Unknown => Origin::Unknown,
        v1::Addresses::Tcp4(ip) => Origin::client(ip.source_address, ip.source_port),
        v1::Addresses::Tcp6(ip) => Origin::client(ip.source_address, ip.source_port),
    })
}

async fn read_version_2(
    stream: &mut (impl AsyncRead + Unpin),
    mut header: Vec<u8>,
) -> Result<Origin, HeaderError> {
    read_up_to(stream, &mut header, V2_FIXED).await?;
    let length = V2_FIXED + usize::from(u16::from_be_bytes([header[14], header[15]]));
    if length > V2_MOST {
        return Err(HeaderError::TooLong { limit: V2_MOST });
    }
    read_up_to(stream, &mut header, length).await?;
    // A receiver has to ignore the rest of a LOCAL header, even if it is invalid (§2.2).
    if header[12] == V2_LOCAL {
        return Ok(Origin::Proxy);
    }
    let header = v2::Header::try_from(header.as_slice())?;
    Ok(match header.addresses {
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => Origin::Unknown,
        v2::Addresses::IPv4(ip) => Origin::client(ip.source_address, ip.source_port),
        v2::Addresses::IPv6(ip) => Origin::client(ip.source_address, ip.source_port),
    })
}

impl Origin {
    fn client(ip: impl Into<std::net::IpAddr>, port: u16) -> Self {
        Self::Client(SocketAddr::new(ip.into().to_canonical(), port))
    }
}

async fn read_up_to(
    stream: &mut (impl AsyncRead + Unpin),
    header: &mut Vec<u8>,
    length: usize,
) -> io::Result<()> {
    while header.len() < length {
        read(stream, header, length - header.len()).await?;
    }
    Ok(())
}

/// Reads at least one byte and at most `most` bytes.
async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    header: &mut Vec<u8>,
    most: usize,
) -> io::Result<()> {
    let mut part = [0; 256];
    let most = most.min(part.len());
    let read = stream.read(&mut part[..most]).await?;
    if read == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    header.extend_from_slice(&part[..read]);
    Ok(())
}

/// Returns true if one of the two is a prefix of the other.
fn overlaps(bytes: &[u8], prefix: &[u8]) -> bool {
    let shorter = bytes.len().min(prefix.len());
    bytes[..shorter] == prefix[..shorter]
}

const V1_PREFIX: &[u8] = b"PROXY ";
/// The longest header of version 1 in bytes, including its line end (§2.1).
const V1_MOST: usize = 107;
/// The length in bytes of the fixed part of a header of version 2.
const V2_FIXED: usize = 16;
/// The byte for version 2 with the command LOCAL.
const V2_LOCAL: u8 = 0x20;
/// The longest header of version 2 that is accepted, in bytes. It leaves room for the fields that
/// proxies add to the addresses, such as a client's certificate.
const V2_MOST: usize = 4_096;

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt;

    const V2: &[u8] = v2::PROTOCOL_PREFIX;

    /// Returns the header of a stream that delivers `bytes` in pieces of at most `size`, and the
    /// bytes that are left in the stream.
    async fn read_all(bytes: &[u8], size: usize) -> (Result<Origin, String>, Vec<u8>) {
        let (mut near, mut far) = tokio::io::duplex(size);
        let bytes = bytes.to_vec();
        let writing = tokio::spawn(async move {
            // The reader drops the stream early if it refuses the header.
            let _ = far.write_all(&bytes).await;
        });
        let origin = read_header(&mut near).await.map_err(|error| error.to_string());
        let mut rest = Vec::new();
        near.read_to_end(&mut rest).await.expect("the rest");
        writing.await.expect("it is written");
        (origin, rest)
    }

    async fn origin(bytes: &[u8]) -> Result<Origin, String> {
        let whole = read_all(bytes, 65_536).await.0;
        assert_eq!(read_all(bytes, 1).await.0, whole, "in single bytes");
        whole
    }

    fn client(address: &str) -> Result<Origin, String> {
        Ok(Origin::Client(address.parse().expect("an address")))
    }

    fn version_2(command: u8, family: u8, body: &[u8]) -> Vec<u8> {
        let length = u16::try_from(body.len()).expect("a length").to_be_bytes();
        [V2, &[command, family], &length, body].concat()
    }

    #[tokio::test]
    async fn version_1_names_the_client() {
        let line = b"PROXY TCP4 192.0.2.1 192.0.2.9 54104 7000\r\n";
        assert_eq!(origin(line).await, client("192.0.2.1:54104"));
        let line = b"PROXY TCP6 2001:db8::1 2001:db8::9 54104 7000\r\n";
        assert_eq!(origin(line).await, client("[2001:db8::1]:54104"));
        let line = b"PROXY TCP6 ::ffff:192.0.2.1 ::1 54104 7000\r\n";
        assert_eq!(origin(line).await, client("192.0.2.1:54104"));
        assert_eq!(origin(b"PROXY UNKNOWN\r\n").await, Ok(Origin::Unknown));
        let longest = format!("PROXY UNKNOWN {}\r\n", "f".repeat(91));
        assert_eq!(origin(longest.as_bytes()).await, Ok(Origin::Unknown));
    }

    #[tokio::test]
    async fn version_2_names_the_client() {
        let four = [192, 0, 2, 1, 192, 0, 2, 9, 0xd3, 0x58, 0x1b, 0x58];
        assert_eq!(origin(&version_2(0x21, 0x11, &four)).await, client("192.0.2.1:54104"));
        // A proxy may add fields: a type, a length and a value.
        let more = [&four[..], &[4, 0, 1, 42]].concat();
        assert_eq!(origin(&version_2(0x21, 0x11, &more)).await, client("192.0.2.1:54104"));
        let mut six = [0; 36];
        six[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
        six[32..34].copy_from_slice(&[0xd3, 0x58]);
        assert_eq!(origin(&version_2(0x21, 0x21, &six)).await, client("[2001:db8::]:54104"));
        assert_eq!(origin(&version_2(0x21, 0x31, &[0; 216])).await, Ok(Origin::Unknown));
        assert_eq!(origin(&version_2(0x21, 0x00, &[])).await, Ok(Origin::Unknown));
    }

    #[tokio::test]
    async fn local_command_marks_the_proxys_own_connection_regardless_of_other_fields() {
        for (family, body) in [(0x00, &[][..]), (0x11, &[]), (0x11, &[1; 12]), (0x77, &[1; 5])] {
            assert_eq!(origin(&version_2(0x20, family, body)).await, Ok(Origin::Proxy));
        }
    }

    #[tokio::test]
    async fn bytes_after_the_header_stay_in_the_stream() {
        let line = b"PROXY TCP4 192.0.2.1 192.0.2.9 54104 7000\r\nhello\n";
        assert_eq!(read_all(line, 65_536).await.1, b"hello\n");
        let header = [&version_2(0x21, 0x00, &[])[..], b"hello\n"].concat();
        assert_eq!(read_all(&header, 65_536).await.1, b"hello\n");
    }

    #[tokio::test]
    async fn stream_without_a_header_is_refused_at_its_first_byte() {
        for bytes in [&b"hello, I speak no PROXY"[..], b"GET / HTTP/1.1\r\n", b"{", b"PROXY\tTCP4"]
        {
            assert_eq!(origin(bytes).await, Err(HeaderError::Missing.to_string()));
        }
        assert_eq!(origin(b"").await, Err(HeaderError::Empty.to_string()));
        let ended = HeaderError::Failed(io::ErrorKind::UnexpectedEof.into()).to_string();
        for bytes in
            [&b"PROXY TCP4 192.0.2.1"[..], b"\r\n\r\n", &version_2(0x21, 0x11, &[1; 12])[..20]]
        {
            assert_eq!(origin(bytes).await, Err(ended.clone()));
        }
    }

    #[tokio::test]
    async fn invalid_or_too_long_header_is_refused() {
        let endless = format!("PROXY UNKNOWN {}", "f".repeat(200));
        let longer = origin(endless.as_bytes()).await.expect_err("too long");
        assert!(longer.contains("longer than 107 bytes"), "{longer}");
        let longer = origin(&version_2(0x21, 0x00, &[0; 5_000])).await.expect_err("too long");
        assert!(longer.contains("longer than 4096 bytes"), "{longer}");
        for bytes in [
            &b"PROXY TCP4 192.0.2.300 192.0.2.9 54104 7000\r\n"[..],
            b"PROXY TCP4 2001:db8::1 192.0.2.9 54104 7000\r\n",
            b"PROXY TCP4 192.0.2.1 192.0.2.9 99999 7000\r\n",
            b"PROXY UDP4 192.0.2.1 192.0.2.9 54104 7000\r\n",
            b"PROXY TCP4 192.0.2.1\n",
            &version_2(0x21, 0x11, &[1; 4]),
            &version_2(0x2f, 0x11, &[1; 12]),
            &version_2(0x31, 0x11, &[1; 12]),
            &version_2(0x21, 0x77, &[1; 12]),
        ] {
            let invalid = origin(bytes).await.expect_err("invalid");
            assert!(invalid.starts_with("its PROXY header is invalid"), "{invalid}");
        }
    }
}
