//! A proxy that breaks a connection at a chosen frame.

use chat_tests::PATIENCE;
use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// A proxy in front of a server for lines. Each [`Cut`] breaks one connection.
pub(crate) struct CuttingProxy {
    pub(crate) url: String,
    cuts: Receiver<Cut>,
}

/// The frame at which a connection breaks. The frame itself is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// The next message of the client.
    Message,
    /// The next acknowledgement of the server, so that the server has accepted the message.
    Acknowledgement,
}

impl CuttingProxy {
    /// Starts a proxy in front of the server at this URL.
    pub(crate) fn start(server: &str, cuts: &[Cut]) -> Self {
        let server = server.replace("tcp://", "");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("tcp+json://{}", listener.local_addr().expect("an address"));
        let mut left = cuts.to_vec();
        left.reverse();
        let (done, cuts) = channel();
        thread::spawn(move || {
            let left = Mutex::new(left);
            // Clients connect one after the other, so one connection is served at a time.
            while let Ok((client, _)) = listener.accept() {
                let Ok(server) = TcpStream::connect(&server) else { return };
                let carry = |from: &TcpStream, to: &TcpStream, cut: Cut, kind: &str| {
                    for line in BufReader::new(from).lines().map_while(Result::ok) {
                        let mut left = left.lock().expect("no panic");
                        if line.contains(kind) && left.last() == Some(&cut) {
                            left.pop();
                            let _ = done.send(cut);
                            break;
                        }
                        if writeln!(&*to, "{line}").is_err() {
                            break;
                        }
                    }
                    for stream in [from, to] {
                        // The other direction may have closed it.
                        let _ = stream.shutdown(Shutdown::Both);
                    }
                };
                thread::scope(|scope| {
                    scope.spawn(|| carry(&client, &server, Cut::Message, r#""type":"chat""#));
                    carry(&server, &client, Cut::Acknowledgement, r#""type":"ack""#);
                });
            }
        });
        Self { url, cuts }
    }

    /// Waits until the proxy has broken a connection in this way.
    pub(crate) fn has_cut(&self, cut: Cut) {
        assert_eq!(self.cuts.recv_timeout(PATIENCE), Ok(cut));
    }
}
