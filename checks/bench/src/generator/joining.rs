//! Connected members that join and leave rooms.

use super::member::nickname;
use super::{Error, Generator, MAX_JOINING, Member, Room, Rooms, Stop};
use crate::protocol::Step;
use std::collections::VecDeque;
use std::time::Instant;

impl Generator<'_> {
    /// Lets the last member join and leave the first room repeatedly. Returns how often.
    pub(crate) fn join_and_leave(
        &mut self,
        stop: Stop,
        progress: &mut dyn FnMut(u64),
    ) -> Result<u64, Error> {
        let index = self.members.len() - 1;
        let (mut times, begin) = (0, Instant::now());
        while times < stop.deliveries && begin.elapsed() < stop.after {
            let (room, protocol) = (&self.rooms[0].name, self.endpoint(index).protocol);
            let steps = [protocol.join(room, &nickname(index)), protocol.leave(room)];
            self.arrived = 0;
            self.take_steps(index, steps)?;
            self.wait("have joined and left", 1)?;
            times += 1;
            progress(times);
        }
        Ok(times)
    }

    /// Connects users and waits until all of them are in the lobby.
    pub(crate) fn fill_lobby(&mut self, users: usize) -> Result<(), Error> {
        let rooms = Rooms { count: 1, members: users, senders: 0 };
        let first = self.members.len();
        let room = Room::new(LOBBY.to_owned(), first, rooms, self.endpoints);
        self.arrived = first;
        self.open_room(room, users)?;
        self.wait("are in the lobby", self.members.len())
    }

    /// Connects users who are in the lobby at once, under the name that the server gives them.
    pub(crate) fn enter_lobby(&mut self, users: usize) -> Result<(), Error> {
        let rooms = Rooms { count: 1, members: users, senders: 0 };
        let (room, first) = (self.rooms.len(), self.members.len());
        self.rooms.push(Room::new(LOBBY.to_owned(), first, rooms, self.endpoints));
        self.arrived = first;
        for index in first..first + users {
            self.open_with(room, self.endpoint(index).protocol.enter(&nickname(index)))?;
            self.wait_for_accept(LOBBY_BACKLOG)?;
            self.wait("are in the lobby", (index + 1).saturating_sub(MAX_JOINING))?;
        }
        self.wait("are in the lobby", self.members.len())
    }

    /// Lets all members take a nickname in place of their guest name.
    pub(crate) fn rename_all(&mut self) -> Result<(), Error> {
        self.arrived = 0;
        for index in 0..self.members.len() {
            let step = self.endpoint(index).protocol.rename(&nickname(index));
            self.take_steps(index, VecDeque::from_iter(step))?;
            self.wait("have a nickname", (index + 1).saturating_sub(MAX_JOINING))?;
        }
        self.wait("have a nickname", self.members.len())
    }

    /// Lets all members leave the lobby. They stay connected.
    pub(crate) fn leave_lobby(&mut self) -> Result<(), Error> {
        self.arrived = 0;
        for index in 0..self.members.len() {
            self.take_steps(index, [self.endpoint(index).protocol.leave(LOBBY)])?;
            self.wait("have left", (index + 1).saturating_sub(MAX_JOINING))?;
        }
        self.wait("have left", self.members.len())
    }

    /// Returns how many announcements idle members have received.
    pub(crate) fn announcements(&self) -> u64 {
        self.announcements
    }

    fn take_steps(&mut self, index: usize, steps: impl Into<VecDeque<Step>>) -> Result<(), Error> {
        let Member { steps: place, .. } = &mut self.members[index];
        *place = steps.into();
        self.advance(index)
    }
}

/// The channel that users are in without joining one.
const LOBBY: &str = "lobby";

/// The most connections that may wait for their first bytes: users who come back after a restart
/// come at once, and a server that waits for the first bytes of a client lets all of them wait. No
/// measured server with a lobby has a shorter backlog.
const LOBBY_BACKLOG: usize = 200;
