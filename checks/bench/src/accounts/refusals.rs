//! Compares how long the server takes to refuse an unknown account and a wrong password.

use super::figures::{Comparison, Values};
use super::prepare;
use super::register::{PASSWORD, register};
use crate::arguments::RefusalsArguments;
use crate::server::{AccountServer, Programs};
use crate::stop;
use serde_json::{Value, json};
use std::error::Error;
use std::io::{self, BufRead, BufReader, Write};
use std::iter;
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

/// Measures, and prints a table.
pub(crate) fn measure(arguments: &RefusalsArguments) -> Result<(), Box<dyn Error>> {
    let machine = prepare(arguments.machine.cores)?;
    let programs = Programs::find(arguments.machine.chat.clone())?;
    let server = AccountServer::new(&programs)?;
    let running = server.prepare()?;
    register(running.address(), iter::once((KNOWN.to_owned(), vec!["lobby".to_owned()])))?;
    let (mut unknown, mut wrong) = (Vec::new(), Vec::new());
    let mut connection = Connection::open(running.address())?;
    for attempt in 0..arguments.attempts {
        // Neither side is always the first.
        let sides = if attempt % 2 == 0 { [true, false] } else { [false, true] };
        for is_unknown in sides {
            if stop::requested() {
                return Err("stopped by a signal".into());
            }
            let name = if is_unknown { format!("nobody{attempt}") } else { KNOWN.to_owned() };
            let milliseconds = connection.refused(&name)?;
            if is_unknown { &mut unknown } else { &mut wrong }.push(milliseconds);
        }
    }
    let mut comparison = Comparison::new(["unknown account", "wrong password"]);
    for (name, quantile) in [("p10 [ms]", 0.1), ("median [ms]", 0.5), ("p90 [ms]", 0.9)] {
        let at = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            let index = (quantile * (values.len() - 1) as f64).round() as usize;
            Values(vec![values[index]])
        };
        comparison.row(name, &at(&mut unknown), &at(&mut wrong));
    }
    let (attempts, text) = (arguments.attempts, comparison.into_text());
    let text = format!(
        "{attempts} attempts of each kind, in turn, one at a time on one connection.\n{machine}\n\n\
         {text}"
    );
    io::stdout().write_all(text.as_bytes())?;
    Ok(())
}

struct Connection {
    received: BufReader<TcpStream>,
    sent: TcpStream,
}

impl Connection {
    fn open(address: SocketAddr) -> io::Result<Self> {
        let sent = TcpStream::connect(address)?;
        sent.set_nodelay(true)?;
        Ok(Self { received: BufReader::new(sent.try_clone()?), sent })
    }

    /// Fails to log in. Returns the time until the answer, in milliseconds.
    fn refused(&mut self, account: &str) -> Result<f64, Box<dyn Error>> {
        let password = format!("not {PASSWORD}");
        let login =
            json!({ "type": "login", "account": account, "password": password, "ref": "login" });
        let begun = Instant::now();
        self.sent.write_all(format!("{login}\n").as_bytes())?;
        let mut line = String::new();
        self.received.read_line(&mut line)?;
        let time = begun.elapsed();
        let answer: Value = serde_json::from_str(&line)?;
        let is_refused = answer["code"] == "login_failed"
            || answer["message"].as_str().is_some_and(|text| text.contains("password"));
        if !is_refused {
            return Err(format!("the server has answered {line}").into());
        }
        Ok(time.as_secs_f64() * 1e3)
    }
}

/// The account that there is.
const KNOWN: &str = "somebody";
