//! The plan of a run, derived from the seed alone.

use crate::network::Behaviour;
use crate::talk::{ClientKind, next_action};
use crate::{Action, Dice};
use chat_runtime::Limits;
use chat_runtime::chat_core::Config;
use chat_runtime::chat_dialects::SlowConsumer;
use std::time::Duration;

/// The plan of a whole run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The seed that everything else is derived from.
    pub seed: u64,
    /// The simulated time of one step.
    pub tick: Duration,
    /// Maximum latency of a segment, unless its link is held.
    pub latency: Duration,
    /// The server's limits.
    pub limits: Limits,
    /// The behaviour of the server's kernel towards connections.
    pub behaviour: Behaviour,
    /// The time in which clients follow their plans and faults happen.
    pub active_time: Duration,
    /// The plans of the clients.
    pub clients: Vec<ClientPlan>,
    /// Faults in the order of their times, each with the index of its client.
    pub faults: Vec<(Duration, usize, Fault)>,
    /// The time for which the slow in-process session pauses from time to time.
    pub bot_pauses: Duration,
    /// The end of the run.
    pub ending: RunEnd,
}

/// The end of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunEnd {
    /// All clients leave, then the server stops.
    AllLeave,
    /// The server stops after the quiet phase, while clients are connected.
    StopWhenQuiet,
    /// The server stops at this time, while clients are active and faults happen.
    StopWhileActive(Duration),
}

/// The plan of a client.
#[derive(Clone, Debug)]
pub struct ClientPlan {
    /// Its dialect and transport.
    pub kind: ClientKind,
    /// True if it answers keep-alive pings.
    pub answers: bool,
    /// The connections that it makes, one after the other.
    pub visits: Vec<VisitPlan>,
}

/// The plan of one connection.
#[derive(Clone, Debug)]
pub struct VisitPlan {
    /// The time that the client waits before it connects.
    pub wait: Duration,
    /// Its actions, each with the pause before it.
    pub actions: Vec<(Duration, Action)>,
    /// True if it stops reading in the quiet phase.
    pub stops_reading: bool,
    /// The way in which it leaves in the last phase, if it is still connected.
    pub leave_action: Action,
}

/// A fault between the server and one client, or the end of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Segments are lost in both directions, and are never retransmitted.
    Partition,
    /// Ends a partition. Lost segments stay lost.
    Repair,
    /// Segments are held back in both directions, as while TCP retransmits.
    Hold,
    /// Segments to the server are held back.
    HoldToServer,
    /// Segments to the client are held back.
    HoldToClient,
    /// Segments that were held back arrive.
    Release,
    /// The client's process crashes; its kernel closes the open connection.
    Crash,
    /// The client's process starts again.
    Restart,
    /// The server's kernel resets all connections with the client.
    Reset,
    /// The client drops its connection.
    GiveUp,
    /// The latency of the link is this many milliseconds from now on.
    Latency(u64),
}

impl Plan {
    /// Derives the plan from a seed.
    pub fn of(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let active_time = Duration::from_millis(dice.between(6_000, 14_000));
        let count = *dice.pick(&[5, 6, 8, 8, 10, 12, 16, 25]);
        let limits = limits(dice);
        let clients = (0..count)
            .map(|index| client(&mut dice.fork(), index, count, active_time, &limits))
            .collect();
        let mut faults = Vec::new();
        let is_free_of_faults = dice.percent(15);
        for index in 0..count {
            let mut own = dice.fork();
            if !is_free_of_faults && own.percent(60) {
                plan_faults(&mut own, index, active_time, &mut faults);
            }
        }
        faults.sort_by_key(|&(at, index, _)| (at, index));
        Self {
            seed,
            // The wall-clock time of a run grows with the number of steps, so most steps are long.
            tick: Duration::from_millis(*dice.pick(&[5, 10, 20, 20, 20])),
            latency: Duration::from_millis(*dice.pick(&[1, 20, 60, 150])),
            behaviour: Behaviour {
                window: *dice.pick(&[2_000, 8_000, 32_000]),
                segment: *dice.pick(&[100, 400, 1_400]),
                read: *dice.pick(&[7, 200, 1_024]),
                spurious_pending: *dice.pick(&[0, 5, 30]),
                accept_fails: *dice.pick(&[0, 0, 10]),
            },
            limits,
            active_time,
            clients,
            faults,
            bot_pauses: Duration::from_millis(dice.between(50, 2_000)),
            ending: match dice.between(0, 9) {
                0..=4 => RunEnd::AllLeave,
                5..=6 => RunEnd::StopWhenQuiet,
                _ => RunEnd::StopWhileActive(
                    active_time * u32::try_from(dice.between(2, 9)).unwrap_or(5) / 10,
                ),
            },
        }
    }

    /// Returns the time after which all ends have noticed all faults.
    pub fn settling_time(&self) -> Duration {
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
        announcement_audience: 2,
        ..Limits::default()
    }
}

fn client(
    dice: &mut Dice,
    index: usize,
    count: usize,
    active_time: Duration,
    limits: &Limits,
) -> ClientPlan {
    let kind = *dice.pick(&ClientKind::ALL);
    let visits = dice.between(1, 4);
    let answers = dice.percent(90);
    let mut number = 0;
    let visits = (0..visits)
        .map(|visit| {
            let most = if visit == 0 { 500 } else { 2_000 };
            let wait = Duration::from_millis(dice.between(0, most));
            visit_plan(dice, wait, kind, index, count, active_time, &mut number, limits)
        })
        .collect();
    ClientPlan { kind, answers, visits }
}

#[expect(clippy::too_many_arguments, reason = "it is what a visit depends on")]
fn visit_plan(
    dice: &mut Dice,
    wait: Duration,
    kind: ClientKind,
    index: usize,
    count: usize,
    active_time: Duration,
    number: &mut u64,
    limits: &Limits,
) -> VisitPlan {
    let stops_reading = dice.percent(8);
    let leave_action = match dice.between(0, 9) {
        _ if stops_reading => Action::Drop,
        0..=3 => kind.quit(),
        4..=6 => Action::HalfClose,
        _ => Action::Drop,
    };
    let mut actions = Vec::new();
    if !dice.percent(4) {
        let hello = kind.hello(dice, index).into_iter();
        actions.extend(hello.map(|action| (Duration::ZERO, action)));
    }
    let busy = *dice.pick(&[100, 400, 1_500]);
    let mut at = Duration::ZERO;
    while at < active_time {
        let pause = Duration::from_millis(dice.between(0, busy));
        at += pause;
        let mut next =
            |dice: &mut Dice| next_action(dice, kind, index, count, number, limits.frame_bytes);
        match dice.between(0, 99) {
            0..=84 => actions.push((pause, next(dice))),
            85..=88 => {
                let burst = dice.between(10, 60);
                let burst = (0..burst).map(|_| next(dice)).collect();
                actions.push((pause, Action::Burst(burst)));
            }
            89..=93 => {
                let asleep = Duration::from_millis(dice.between(500, 6_000));
                at += asleep;
                actions.push((pause, Action::StopReading));
                // Most clients go on sending meanwhile.
                if dice.percent(30) {
                    actions.push((asleep, Action::ReadAgain));
                } else {
                    let own = next(dice);
                    actions.push((asleep / 2, own));
                    actions.push((asleep / 2, Action::ReadAgain));
                }
            }
            94 => actions.push((pause, Action::StopReading)),
            95 => actions.push((pause, Action::HalfClose)),
            96 => actions.push((pause, Action::Drop)),
            97 => actions.push((pause, kind.quit())),
            98 => actions.push((pause, kind.garbage(dice))),
            _ => {
                let garbage = (0..15).map(|_| kind.garbage(dice)).collect();
                actions.push((pause, Action::Burst(garbage)));
            }
        }
    }
    VisitPlan { wait, actions, stops_reading, leave_action }
}

/// Plans one fault after another, so that each repair belongs to the fault before it.
fn plan_faults(
    dice: &mut Dice,
    index: usize,
    active_time: Duration,
    faults: &mut Vec<(Duration, usize, Fault)>,
) {
    let mut at = Duration::ZERO;
    loop {
        at += Duration::from_millis(dice.between(500, 6_000));
        if at >= active_time {
            return;
        }
        let lasts = Duration::from_millis(*dice.pick(&[100, 700, 2_000, 5_000]));
        let noticed = Duration::from_millis(dice.between(0, 3_000));
        let end = at + lasts;
        match dice.between(0, 7) {
            // TCP survives a short outage: it retransmits lost segments.
            kind @ 0..=2 => {
                let fault = [Fault::Hold, Fault::HoldToServer, Fault::HoldToClient][kind as usize];
                faults.push((at, index, fault));
                faults.push((end, index, Fault::Release));
                at = end;
            }
            // A long outage: both ends give up the connection, and neither learns of the other's
            // reset.
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
                // The client's machine loses power: the server gets no FIN.
                faults.push((at, index, Fault::Partition));
                faults.push((at, index, Fault::Crash));
                faults.push((at + noticed, index, Fault::Reset));
                faults.push((end.max(at + noticed), index, Fault::Repair));
                faults.push((end.max(at + noticed), index, Fault::Restart));
                at = end.max(at + noticed);
            }
            6 => faults.push((at, index, Fault::Reset)),
            _ => faults.push((at, index, Fault::Latency(dice.between(1, 300)))),
        }
    }
}
