//! A bot in the same process as the server. It answers `!time`. Connect with `nc 127.0.0.1 7000`.

#![allow(clippy::print_stdout, reason = "an example prints its result")]

use chat_runtime::chat_core::{Command, Event, MessageKind, Peer};
use chat_runtime::chat_dialects::TextDialect;
use chat_runtime::{Hub, Server, SessionEvent, Stopped};
use std::error::Error;
use transport_tcp::TcpFrontEnd;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let tcp = TcpFrontEnd::bind("127.0.0.1:7000".parse()?, TextDialect::bracket())?;
    println!("nc {} {}", tcp.local_addr().ip(), tcp.local_addr().port());

    let server = Server::new().front_end(tcp).start();
    tokio::spawn(tell_the_time(server.hub().clone()));

    chat_runtime::stop_signal().await?;
    server.stop();
    server.wait().await?;
    Ok(())
}

/// Joins the lobby as `clock`, and answers until the server stops.
async fn tell_the_time(hub: Hub) -> Result<(), Stopped> {
    let mut session = hub.open_in_process(Peer::default()).await?;
    session.command(Command::identify("clock")).await?;

    while let Some(event) = session.next().await {
        let SessionEvent::Event { event: Event::Said(message), .. } = event else { continue };
        if message.text.as_str() != "!time" {
            continue;
        }
        let to = message.answer_to();
        let text = format!("it is {:.0}", jiff::Timestamp::now());
        session
            .command(Command::Say {
                to,
                kind: MessageKind::Notice,
                text,
                nonce: None,
                data: Default::default(),
                reply_to: None,
            })
            .await?;
    }
    Ok(())
}
