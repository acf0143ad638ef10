//! `AUTHENTICATE`: a login with SASL.

use crate::client::Client;
use crate::line::Line;
use crate::pending::Pending;
use crate::sasl::{CHUNK, Mechanism, Sasl, SaslLine, plain_login};
use chat_core::{AccountCommand, Command};
use chat_dialects::Reaction;

pub(super) fn authenticate(client: &mut Client, line: &Line<'_>, reaction: &mut Reaction) {
    let Some(sent) = line.param(0) else {
        return client.needs_more("AUTHENTICATE", reaction);
    };
    let out = &mut reaction.frames;
    let known = client.user.as_ref().is_some_and(|user| user.account.is_some());
    if known || client.registration.account.is_some() {
        return client.numeric(out, 907, format_args!(":You have already authenticated"));
    }
    if !reaction.features.accounts {
        return client.numeric(out, 904, format_args!(":This server keeps no accounts"));
    }
    let has_scram = client.settings.scram;
    let Some(mut sasl) = client.registration.sasl.take() else {
        if let Some(mechanism) = Mechanism::from_name(sent, has_scram) {
            client.registration.sasl = Some(Sasl::new(mechanism));
            return out.push("AUTHENTICATE +");
        }
        let offered = Mechanism::offered(has_scram);
        client.numeric(out, 908, format_args!("{offered} :are available SASL mechanisms"));
        return client.numeric(out, 904, format_args!(":SASL authentication failed"));
    };
    if sent == "*" {
        return client.numeric(out, 906, format_args!(":SASL authentication aborted"));
    }
    if sent.len() > CHUNK {
        return client.numeric(out, 905, format_args!(":SASL message too long"));
    }
    let message = match sasl.add(sent) {
        SaslLine::Unfinished => {
            client.registration.sasl = Some(sasl);
            return;
        }
        SaslLine::TooLong => {
            return client.numeric(out, 904, format_args!(":SASL authentication failed: too long"));
        }
        SaslLine::Complete(message) => Some(message),
        SaslLine::Invalid => None,
    };
    let command = message.and_then(|message| match sasl.mechanism {
        Mechanism::Plain => plain_login(&message).map(AccountCommand::LogIn),
        Mechanism::Scram => {
            let exchange = sasl.client_message(message)?;
            client.registration.sasl = Some(sasl);
            Some(AccountCommand::Exchange(Box::new(exchange)))
        }
    });
    let Some(command) = command else {
        return client.numeric(out, 904, format_args!(":SASL authentication failed"));
    };
    client.ask(Pending::LogIn, Command::Account(command), reaction);
}
