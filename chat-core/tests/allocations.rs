//! The number of allocations of an input does not depend on the number of recipients, and that of
//! a query not on the number of users.

use allocation_counter::AllocationInfo;
use chat_core::{
    Command, Config, Effect, Engine, HistoryRange, Input, List, Peer, Query, SessionId, Timestamp,
};

const FEW: u64 = 10;
const MANY: u64 = 10_000;

/// The maximum number of allocations of any of these inputs: names, texts, the message, the event.
/// None of them is for a recipient.
const ENOUGH: u64 = 48;

#[test]
fn message_allocates_the_same_in_a_large_channel() {
    compare("a message", |crowd| crowd.command(1, || Command::say("hall", "hello everybody")));
}

#[test]
fn join_allocates_the_same_in_a_large_channel() {
    compare("a join", |crowd| {
        crowd.command(2, || Command::Leave { channel: "hall".into(), reason: None });
        crowd.command(2, || Command::join("hall"))
    });
}

#[test]
fn rename_allocates_the_same_in_a_large_channel() {
    let mut even = false;
    compare("a rename", |crowd| {
        even = !even;
        let nickname = if even { "member3x" } else { "member3y" };
        crowd.command(3, || Command::Rename { nickname: nickname.into() })
    });
}

/// The cost of a query depends on the size of its page, not on the number of users.
#[test]
fn query_allocates_the_same_in_a_large_channel() {
    let hall = || String::from("hall");
    let queries: [fn(String) -> Query; 10] = [
        |channel| Query::Users { channel: Some(channel), after: Some("member2".into()), limit: 5 },
        |_| Query::Users { channel: None, after: None, limit: 5 },
        |_| Query::Channels { after: None, limit: 5 },
        |channel| Query::History { channel, range: HistoryRange::Latest, limit: 5 },
        |channel| Query::List { channel, list: List::Bans, offset: 0, limit: 5 },
        |channel| Query::Modes { channel },
        |_| Query::User { nickname: "member2".into() },
        |_| Query::WasHere { nickname: "member2".into(), limit: 5 },
        |_| Query::Targets { after: Timestamp::default(), before: NOW, limit: 5 },
        |_| Query::Invitations,
    ];
    let crowds = [FEW, MANY].map(|members| {
        let mut crowd = Crowd::new(members);
        for _ in 0..10 {
            crowd.command(1, || Command::say("hall", "hello everybody"));
        }
        crowd
    });
    for query in queries {
        let [few, many] = crowds.each_ref().map(|crowd| {
            let query = query(hall());
            let info = allocation_counter::measure(|| {
                let answer = crowd.engine.query(SessionId(1), query);
                assert!(answer.is_ok(), "{answer:?}");
            });
            info.count_total
        });
        let query = query(hall());
        assert!(
            few == many && many <= ENOUGH,
            "{query:?}: {few} allocations for {FEW} users, {many} for {MANY}, at most {ENOUGH}"
        );
    }
}

/// Measures an input that reaches every member of a channel, in a small and in a large one.
fn compare(what: &str, mut input: impl FnMut(&mut Crowd) -> AllocationInfo) {
    let [few, many] = [FEW, MANY].map(|members| {
        let mut crowd = Crowd::new(members);
        for _ in 0..10 {
            input(&mut crowd);
        }
        let info = input(&mut crowd);
        assert_eq!(crowd.told, members as usize - 1, "{what} has to reach everybody else");
        info.count_total
    });
    assert!(
        few == many && many <= ENOUGH,
        "{what}: {few} allocations for {FEW} members, {many} for {MANY}, at most {ENOUGH}"
    );
}

/// A channel with many members.
struct Crowd {
    engine: Engine,
    /// The number of sessions that received an event of the last command.
    told: usize,
}

impl Crowd {
    fn new(members: u64) -> Self {
        let config =
            Config { announce_up_to: usize::MAX, commands_per_second: 0, ..Config::default() };
        let mut crowd = Self { engine: Engine::new(config, NOW), told: 0 };
        for number in 1..=members {
            let open = Input::Open { session: SessionId(number), peer: Peer::default() };
            crowd.engine.apply(NOW, open).for_each(drop);
            let nickname = Some(format!("member{number}"));
            crowd.command(number, || Command::Identify {
                nickname,
                lobby: false,
                credential: None,
                reconnect_key: None,
                resume: None,
                profile: None,
            });
            crowd.command(number, || Command::join("hall"));
        }
        crowd
    }

    /// Applies a command and drains its effects; creating the command is not measured.
    fn command(&mut self, number: u64, command: impl FnOnce() -> Command) -> AllocationInfo {
        let session = SessionId(number);
        let input = Input::Command { session, request: None, command: command() };
        self.told = 0;
        let (engine, told) = (&mut self.engine, &mut self.told);
        allocation_counter::measure(|| {
            for effect in engine.apply(NOW, input) {
                if let Effect::Deliver { to, event: _ } = effect {
                    *told += to.len();
                }
            }
        })
    }
}

const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
