//! Compares searches with the histories that the same user may read.

use crate::generate::{InputGenerator, Seed, small_limits};
use chat_core::search::{SearchRequest, SearchTerms};
use chat_core::{
    Answer, ChannelId, ChannelName, Config, Effect, Engine, Event, HistoryRange, Input, Message,
    MessageId, Query, Question, QuestionId, Record, SearchQuery, SessionId, Target, Timestamp,
};
use proptest::prelude::*;
use proptest::test_runner::Config as Runs;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

const START: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// The number of runs, each with a new engine.
const CASES: u32 = 500;

proptest! {
    #![proptest_config(Runs { failure_persistence: None, ..Runs::with_cases(CASES) })]

    #[test]
    fn search_finds_the_messages_that_history_shows(
        seeds in prop::collection::vec(any::<Seed>(), 200),
        text in prop::sample::select(vec!["h", "a b", "e", "six"]),
    ) {
        let config = Config {
            history_page: 50,
            listing: 50,
            search_bytes: 20,
            older_history: false,
            ..small_limits()
        };
        let mut engine = Engine::new(config, START);
        let mut generator = InputGenerator::new(START);
        for seed in seeds {
            let (at, input) = generator.input(seed);
            engine.apply(at, input).for_each(|effect| generator.note(effect));
        }
        for session in generator.sessions() {
            compare(&engine, session, text);
        }
    }

    #[test]
    fn search_in_a_store_shows_only_messages_of_the_channels_and_the_account(
        seeds in prop::collection::vec(any::<Seed>(), 200),
    ) {
        let config = Config { commands_per_second: 0, ..small_limits() };
        let mut engine = Engine::new(config, START);
        let mut generator = InputGenerator::new(START);
        let mut archive = Archive::default();
        for seed in seeds {
            let (at, input) = generator.input(seed);
            archive.step(&mut engine, at, input, |effect| generator.note(effect));
        }
    }
}

/// Compares all pages of a search with the histories.
fn compare(engine: &Engine, session: SessionId, text: &str) {
    let Ok(Event::Channels { channels, .. }) =
        engine.query(session, Query::Channels { after: None, limit: usize::MAX })
    else {
        return;
    };
    let terms = SearchTerms::parse(text).expect("it has tokens");
    let found = search(engine, session, SearchQuery { limit: 1, ..SearchQuery::new(text) });
    let ids: Vec<MessageId> = found.iter().map(|message| message.id).collect();
    assert!(ids.is_sorted_by(|a, b| a > b), "each message is found once, newest first: {ids:?}");
    let in_pages = search(engine, session, SearchQuery::new(text));
    assert_eq!(found, in_pages, "pages of any size have the same messages");

    let mut expected = BTreeSet::new();
    for channel in &channels {
        let name = channel.name.shown().to_owned();
        let query = Query::History {
            channel: name.clone(),
            range: HistoryRange::Latest,
            limit: usize::MAX,
        };
        let mut here = BTreeSet::new();
        if let Ok(Event::History { messages, .. }) = engine.query(session, query) {
            let matching = messages.iter().filter(|message| terms.are_in(message.text.as_str()));
            here.extend(matching.map(|message| message.id));
        }
        let query = SearchQuery { channel: Some(name), ..SearchQuery::new(text) };
        let found = search(engine, session, query);
        assert_eq!(here, found.iter().map(|message| message.id).collect());
        expected.append(&mut here);
    }
    let is_private = |message: &&Arc<Message>| matches!(message.target, Target::User(_));
    // The server has no nickname under which its messages could be read.
    let is_of_user = |message: &&Arc<Message>| message.sender.user().is_some();
    for message in found.iter().filter(is_private).filter(is_of_user) {
        let Target::User(to) = &message.target else { unreachable!("it is private") };
        let is_shown = [to.shown(), message.sender.name()].into_iter().any(|other| {
            let (nickname, range) = (other.to_owned(), HistoryRange::Around(message.id));
            let query = Query::PrivateHistory { nickname, range, limit: usize::MAX };
            let page = engine.query(session, query);
            matches!(page, Ok(Event::PrivateHistory { messages, .. }) if messages.contains(message))
        });
        assert!(is_shown, "{message:?} is in no private history of the account");
    }
    let in_channels = found.iter().filter(|message| !is_private(message));
    assert_eq!(expected, in_channels.map(|message| message.id).collect());
}

/// Returns the messages of all pages.
fn search(engine: &Engine, session: SessionId, mut query: SearchQuery) -> Vec<Arc<Message>> {
    let mut all = Vec::new();
    loop {
        match engine.query(session, Query::Search(Box::new(query.clone()))) {
            Ok(Event::Found { messages, next }) => {
                all.extend(messages);
                let Some(next) = next else { return all };
                assert!(query.older_than.is_none_or(|bound| next < bound), "it goes on");
                query.older_than = Some(next);
            }
            Ok(other) => panic!("{other:?} is no answer to a search"),
            Err(_) => return all,
        }
    }
}

/// A host that has all messages, and finds too many.
#[derive(Default)]
struct Archive {
    /// All messages, those of channels with the id of the channel.
    messages: Vec<(Option<ChannelId>, Arc<Message>)>,
    /// The ids of the channels that there are.
    ids: BTreeMap<ChannelName, ChannelId>,
    asked: BTreeMap<SessionId, (QuestionId, SearchRequest)>,
    /// The times for which channels keep their messages.
    ages: BTreeMap<ChannelId, Option<Duration>>,
}

impl Archive {
    fn step(
        &mut self,
        engine: &mut Engine,
        at: Timestamp,
        input: Input,
        mut note: impl FnMut(Effect<'_>),
    ) {
        // Each question is answered with all messages, in the middle of other inputs.
        let mut answered = None;
        let mut input = input;
        if let Input::Answer { session, question, answer } = &mut input
            && self.asked.get(session).is_some_and(|(asked, _)| asked == question)
        {
            answered = self.asked.remove(session);
            let messages = self.messages.iter().map(|(_, message)| message.clone()).collect();
            *answer = Answer::Found { messages, next: None };
        }
        self.ids.entry(ChannelName::lobby()).or_insert(ChannelId(1));
        for effect in engine.apply(at, input) {
            if let Effect::Ask { session, question, ask: Question::Search(request) } = &effect {
                self.asked.insert(*session, (*question, SearchRequest::clone(request)));
            } else if let Effect::Record(Record::ChannelCreated { channel, id, .. }) = &effect {
                self.ids.insert(channel.clone(), *id);
            } else if let Effect::Record(Record::ModesChanged { channel, modes }) = &effect {
                let id = self.ids.get(channel).copied().expect("the channel exists");
                self.ages.insert(id, modes.keep);
            } else if let Effect::Record(Record::Said { message, .. }) = &effect {
                let id = if let Target::Channel(channel) = &message.target {
                    self.ids.get(channel).copied()
                } else {
                    None
                };
                self.messages.push((id, message.clone()));
            } else if let Effect::Reply { event: Event::Found { messages, .. }, .. } = &effect {
                let (_, request) = answered.as_ref().expect("a store has been asked");
                self.check(request, messages);
                self.check_ages(at, messages);
            }
            note(effect);
        }
    }

    /// Checks that only messages are shown that their channels keep. The engine cannot know that
    /// this host gives it messages of an earlier channel of the same name.
    fn check_ages(&self, now: Timestamp, messages: &[Arc<Message>]) {
        for message in messages {
            let (id, _) = self.messages.iter().find(|(_, known)| known == message).expect("known");
            let id = id.filter(|id| self.ids.values().any(|current| current == id));
            let age = id.and_then(|id| self.ages.get(&id).copied().flatten());
            assert!(age.is_none_or(|age| now.since(message.at) <= age), "{message:?} has expired");
        }
    }

    /// Checks that only messages are shown that were searched for, in scopes of the request.
    fn check(&self, request: &SearchRequest, messages: &[Arc<Message>]) {
        let terms = request.terms().expect("it has tokens");
        for message in messages {
            assert!(request.admits(message) && terms.are_in(message.text.as_str()));
            let (id, _) = self.messages.iter().find(|(_, known)| known == message).expect("known");
            match (&message.target, id) {
                (Target::Channel(name), Some(_)) => {
                    let channel = request.channel(name).expect("the user was in it");
                    assert_eq!(self.ids.get(name), Some(&channel.id), "it is the same channel");
                }
                (_, _) => assert!(request.account.is_some()),
            }
        }
    }
}
