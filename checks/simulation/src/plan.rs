//! What happens in a run, all of it derived from the seed.

use crate::network::Habits;
use crate::talk::{Speaks, sayings};
use crate::{Deed, Dice};
use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_dialects::SlowConsumer;
use std::time::Duration;

/// A whole run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where everything else comes from.
    pub seed: u64,
    /// How far time goes in a step.
    pub tick: Duration,
    /// The longest that a segment is under way, unless its link is held.
    pub latency: Duration,
    /// What the server allows.
    pub limits: Limits,
    /// What its kernel does.
    pub habits: Habits,
    /// How long everybody does as they please.
    pub turmoil: Duration,
    /// Who takes part.
    pub clients: Vec<ClientPlan>,
    /// What goes wrong, and when, in order.
    pub faults: Vec<(Duration, usize, Fault)>,
    /// How long the session in the same process that is slow pauses, now and then.
    pub bot_pauses: Duration,
    /// How it ends.
    pub ending: Ending,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Everybody goes, then the server stops.
    AllLeave,
    /// The server stops when all is quiet and clients are connected.
    StopAtRest,
    /// The server stops while everybody does as they please, and things go wrong.
    StopAmid(Duration),
}

/// One client's part.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    /// What it speaks, over what.
    pub speaks: Speaks,
    /// Whether it answers the questions whether it is still there.
    pub answers: bool,
    /// The connections that it makes, one after the other.
    pub visits: Vec<VisitPlan>,
}

/// One connection's part.
#[derive(Clone, Debug)]
pub struct VisitPlan {
    /// How long the client waits before it connects.
    pub wait: Duration,
    /// What it does, each after a while.
    pub deeds: Vec<(Duration, Deed)>,
    /// Whether it reads nothing once all is calm, when everybody else does.
    pub sleeps: bool,
    /// How it goes when everybody does, if it is still there.
    pub parting: Deed,
}

/// What goes wrong between the server and one client, or is right again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// What is sent is lost, both ways, and never sent again.
    Partition,
    /// What is sent arrives again. What was lost stays lost.
    Repair,
    /// What is sent is held back, both ways, as while TCP sends it again.
    Hold,
    /// What the client sends is held back.
    Deaf,
    /// What the server sends is held back.
    Mute,
    /// What was held back arrives.
    Release,
    /// The client's process ends; its kernel closes what was open.
    Crash,
    /// The client's process starts again.
    Restart,
    /// The server's kernel gives up all connections with the client.
    Reset,
    /// The client gives up its connection.
    GiveUp,
    /// What is sent takes so many milliseconds from now on.
    Slow(u64),
}

impl Plan {
    /// What happens with this seed.
    pub fn of(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let turmoil = Duration::from_millis(dice.between(6_000, 14_000));
        let count = *dice.pick(&[5, 6, 8, 8, 10, 12, 16, 25]);
        let limits = limits(dice);
        let clients = (0..count)
            .map(|index| client(&mut dice.fork(), index, count, turmoil, &limits))
            .collect();
        let mut faults = Vec::new();
        let calm = dice.percent(15);
        for index in 0..count {
            let mut own = dice.fork();
            if !calm && own.percent(60) {
                go_wrong(&mut own, index, turmoil, &mut faults);
            }
        }
        faults.sort_by_key(|&(at, index, _)| (at, index));
        Self {
            seed,
            // A run takes as long as it has steps.
            tick: Duration::from_millis(*dice.pick(&[5, 10, 20, 20, 20])),
            latency: Duration::from_millis(*dice.pick(&[1, 20, 60, 150])),
            habits: Habits {
                window: *dice.pick(&[2_000, 8_000, 32_000]),
                segment: *dice.pick(&[100, 400, 1_400]),
                read: *dice.pick(&[7, 200, 1_024]),
                stutter: *dice.pick(&[0, 5, 30]),
                accept_fails: *dice.pick(&[0, 0, 10]),
            },
            limits,
            turmoil,
            clients,
            faults,
            bot_pauses: Duration::from_millis(dice.between(50, 2_000)),
            ending: match dice.between(0, 9) {
                0..=4 => Ending::AllLeave,
                5..=6 => Ending::StopAtRest,
                _ => {
                    Ending::StopAmid(turmoil * u32::try_from(dice.between(2, 9)).unwrap_or(5) / 10)
                }
            },
        }
    }

    /// How long it takes until everything that went wrong has been noticed by everybody.
    pub fn calm(&self) -> Duration {
        let Limits { silence, write_stall, drain, .. } = self.limits;
        let reconnect_period = self.limits.engine.reconnect_period.unwrap_or_default();
        silence + write_stall + drain + reconnect_period + Duration::from_secs(3)
    }
}

fn limits(dice: &mut Dice) -> Limits {
    let engine = Config {
        command_burst: *dice.pick(&[5, 20]),
        commands_per_second: *dice.pick(&[0, 0, 10, 50]),
        naming_timeout: Some(Duration::from_secs(3)),
        person_naming_timeout: Some(Duration::from_secs(4)),
        reconnect_period: *dice.pick(&[
            None,
            Some(Duration::from_millis(500)),
            Some(Duration::from_secs(3)),
            Some(Duration::from_secs(3)),
        ]),
        history_per_channel: 20,
        ..Config::default()
    };
    let slow_consumer = if dice.percent(30) { SlowConsumer::Disconnect } else { SlowConsumer::Lag };
    Limits {
        engine,
        connections: *dice.pick(&[8, 20_000, 20_000]),
        connections_per_address: *dice.pick(&[1, 2, 64]),
        handshake: Duration::from_secs(2),
        frame_bytes: 2_048,
        ping_after: Duration::from_secs(1),
        silence: Duration::from_secs(3),
        queue_bytes: *dice.pick(&[1_000, 4_000, 20_000, 1 << 20]),
        queue_frames: *dice.pick(&[2, 8, 32, 1_024]),
        slow_consumer,
        write_stall: Duration::from_millis(*dice.pick(&[1_000, 2_500])),
        drain: Duration::from_millis(*dice.pick(&[500, 1_500])),
        ..Limits::default()
    }
}

fn client(
    dice: &mut Dice,
    index: usize,
    count: usize,
    turmoil: Duration,
    limits: &Limits,
) -> ClientPlan {
    let speaks = *dice.pick(&Speaks::ALL);
    let visits = dice.between(1, 4);
    let answers = dice.percent(90);
    let mut number = 0;
    let visits = (0..visits)
        .map(|visit| {
            let most = if visit == 0 { 500 } else { 2_000 };
            let wait = Duration::from_millis(dice.between(0, most));
            visit_plan(dice, wait, speaks, index, count, turmoil, &mut number, limits)
        })
        .collect();
    ClientPlan { speaks, answers, visits }
}

#[expect(clippy::too_many_arguments, reason = "it is what a visit depends on")]
fn visit_plan(
    dice: &mut Dice,
    wait: Duration,
    speaks: Speaks,
    index: usize,
    count: usize,
    turmoil: Duration,
    number: &mut u64,
    limits: &Limits,
) -> VisitPlan {
    let sleeps = dice.percent(8);
    let parting = match dice.between(0, 9) {
        _ if sleeps => Deed::Drop,
        0..=3 => speaks.quit(),
        4..=6 => Deed::HalfClose,
        _ => Deed::Drop,
    };
    let mut deeds = Vec::new();
    if !dice.percent(4) {
        deeds.extend(speaks.hello(dice, index).map(|hello| (Duration::ZERO, hello)));
    }
    let busy = *dice.pick(&[100, 400, 1_500]);
    let mut at = Duration::ZERO;
    while at < turmoil {
        let pause = Duration::from_millis(dice.between(0, busy));
        at += pause;
        let mut saying =
            |dice: &mut Dice| sayings(dice, speaks, index, count, number, limits.frame_bytes);
        match dice.between(0, 99) {
            0..=84 => deeds.push((pause, saying(dice))),
            85..=88 => {
                let burst = dice.between(10, 60);
                let burst = (0..burst).map(|_| saying(dice)).collect();
                deeds.push((pause, Deed::Burst(burst)));
            }
            89..=93 => {
                let asleep = Duration::from_millis(dice.between(500, 6_000));
                at += asleep;
                deeds.push((pause, Deed::StopReading));
                // Most go on with what they do meanwhile.
                if dice.percent(30) {
                    deeds.push((asleep, Deed::ReadAgain));
                } else {
                    let own = saying(dice);
                    deeds.push((asleep / 2, own));
                    deeds.push((asleep / 2, Deed::ReadAgain));
                }
            }
            94 => deeds.push((pause, Deed::StopReading)),
            95 => deeds.push((pause, Deed::HalfClose)),
            96 => deeds.push((pause, Deed::Drop)),
            97 => deeds.push((pause, speaks.quit())),
            98 => deeds.push((pause, speaks.garbage(dice))),
            _ => {
                let garbage = (0..15).map(|_| speaks.garbage(dice)).collect();
                deeds.push((pause, Deed::Burst(garbage)));
            }
        }
    }
    VisitPlan { wait, deeds, sleeps, parting }
}

/// One thing after another, so that what is repaired is what has been broken.
fn go_wrong(
    dice: &mut Dice,
    index: usize,
    turmoil: Duration,
    faults: &mut Vec<(Duration, usize, Fault)>,
) {
    let mut at = Duration::ZERO;
    loop {
        at += Duration::from_millis(dice.between(500, 6_000));
        if at >= turmoil {
            return;
        }
        let lasts = Duration::from_millis(*dice.pick(&[100, 700, 2_000, 5_000]));
        let noticed = Duration::from_millis(dice.between(0, 3_000));
        let end = at + lasts;
        match dice.between(0, 7) {
            // TCP gets over an outage: it sends again what was lost.
            kind @ 0..=2 => {
                let fault = [Fault::Hold, Fault::Deaf, Fault::Mute][kind as usize];
                faults.push((at, index, fault));
                faults.push((end, index, Fault::Release));
                at = end;
            }
            // An outage in which both ends give up: such a connection is never heard of again.
            3 => {
                let (first, second) = if dice.percent(50) {
                    (Fault::Reset, Fault::GiveUp)
                } else {
                    (Fault::GiveUp, Fault::Reset)
                };
                faults.push((at, index, Fault::Partition));
                faults.push((end, index, first));
                faults.push((end + noticed, index, second));
                faults.push((end + noticed, index, Fault::Repair));
                at = end + noticed;
            }
            4 => {
                faults.push((at, index, Fault::Crash));
                faults.push((end, index, Fault::Restart));
                at = end;
            }
            5 => {
                // The power fails: nobody hears of it.
                faults.push((at, index, Fault::Partition));
                faults.push((at, index, Fault::Crash));
                faults.push((at + noticed, index, Fault::Reset));
                faults.push((end.max(at + noticed), index, Fault::Repair));
                faults.push((end.max(at + noticed), index, Fault::Restart));
                at = end.max(at + noticed);
            }
            6 => faults.push((at, index, Fault::Reset)),
            _ => faults.push((at, index, Fault::Slow(dice.between(1, 300)))),
        }
    }
}
