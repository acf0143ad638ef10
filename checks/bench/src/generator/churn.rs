//! Visitors, which connect, join a room, send one message, leave, and begin again.

use super::visits::Visits;
use super::{Error, Generator, Mark, Member, Stop};
use crate::protocol::{Endpoint, Step};
use rustix::event::epoll::{self, EventData, EventFlags};
use std::time::Instant;

impl Generator<'_> {
    /// Runs visitors in the first room, whose members only listen. Returns the number of visits.
    pub(crate) fn churn(
        &mut self,
        visitors: usize,
        stop: Stop,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, Error> {
        if self.visits.is_none() {
            let first = self.members.len();
            self.visits = Some(Visits { first, ..Visits::default() });
            self.rooms[0].expect_visitors(first, visitors);
        }
        let visits = self.visits.as_mut().expect("it is there");
        visits.over = false;
        let (first, before, begin) = (visits.first, visits.done, Instant::now());
        for index in first..first + visitors {
            self.visit(index)?;
        }
        let done = |generator: &Self| generator.visits.as_ref().map_or(0, |one| one.done) - before;
        while done(self) < stop.deliveries && begin.elapsed() < stop.after {
            self.round()?;
            progress(self.deliveries);
        }
        self.visits.as_mut().expect("it is there").over = true;
        let mut last = (done(self), Instant::now());
        while self.visits.as_ref().is_some_and(|visits| visits.active > 0) {
            self.round()?;
            if done(self) > last.0 {
                last = (done(self), Instant::now());
            } else if last.1.elapsed() > super::TIMEOUT {
                let what = "have ended their last visit";
                return Err(Error::Waiting { what, arrived: last.0 as usize, of: visitors });
            }
        }
        self.finish()?;
        Ok(done(self))
    }

    /// Ends a visit, and begins the next one unless they are over.
    pub(super) fn visited(&mut self, index: usize) -> Result<(), Error> {
        let visits = self.visits.as_mut().expect("there are visitors");
        visits.done += 1;
        visits.active -= 1;
        if visits.over {
            let stream = &self.members[index].stream;
            return epoll::delete(&self.epoll, stream).map_err(|error| Error::Epoll(error.into()));
        }
        self.visit(index)
    }

    fn visit(&mut self, index: usize) -> Result<(), Error> {
        let visits = self.visits.as_mut().expect("there are visitors");
        visits.active += 1;
        let room = &mut self.rooms[0];
        let sender = &mut room.senders[index - visits.first];
        let mark = Mark { sender: index as u32, number: sender.sent };
        sender.sent += 1;
        // The server may not have processed the previous visit's end yet, so that every visit has a
        // new nickname.
        let nickname = format!("v{:02}{:06}", index - visits.first, mark.number);
        let mut text = Vec::new();
        mark.write(self.size, &mut text);
        let mut say = Vec::new();
        let Endpoint { protocol, address } = self.endpoints[index % self.endpoints.len()];
        protocol.say(&room.name, &text, &mut say);
        let leave = protocol.leave(&room.name);
        let mut steps = protocol.enter(&nickname);
        steps.push(protocol.join(&room.name, &nickname));
        steps.push(Step { send: [say, leave.send].concat(), until: leave.until });
        let member = Member::connect(address, 0, steps)
            .map_err(|error| Error::Connect { address, error })?;
        let data = EventData::new_u64(index as u64);
        epoll::add(&self.epoll, &member.stream, data, EventFlags::IN)
            .map_err(|error| Error::Epoll(error.into()))?;
        match self.members.get_mut(index) {
            // A replacement is not counted again.
            Some(place) => *place = Member { has_received: true, ..member },
            None => self.members.push(member),
        }
        self.advance(index)
    }
}
