//! Enters the channels of an account after a login.

use super::PipeSession;
use crate::connect::connection::{Login, Welcome};
use crate::connect::names::channel_key;
use crate::connect::proof::Proof;
use crate::connect::request::To;

impl PipeSession {
    /// Takes the login with which the client connects once more, to enter the channels of the
    /// account.
    pub(in crate::connect::pipe) fn take_reentry(&mut self) -> Option<Login> {
        let proof = Proof::Session { session: self.reentry.take()? };
        let resume = Some(self.catch_up.point().clone());
        Some(Login { nickname: None, proof: Some(proof), reconnect_key: None, resume })
    }

    /// Handles that the client has connected once more. The rosters of all channels follow.
    pub(in crate::connect::pipe) fn reentered(&mut self, welcome: Welcome) {
        self.catch_up.welcomed(&welcome);
        self.me = welcome.nickname;
        // The current place stays the current one.
        let current = self.places.last().map(|place| match place {
            To::Channel(name) => channel_key(name),
            To::User(_) => String::new(),
        });
        let keys = welcome.channels.iter().flatten();
        let keys = keys.map(|channel| channel_key(channel.as_str()));
        self.kept = keys.filter(|key| Some(key) != current.as_ref()).collect();
    }
}
