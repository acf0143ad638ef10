//! The kill loop: the server dies again and again on one file, and its clients compare what they
//! have received with what it has kept.

use crate::cast::{ROOMS, Role, SECRET, cast, room};
use crate::device::Device;
use crate::disk::Disk;
use crate::fault::{Fault, FaultLibrary};
use crate::ledger::Ledger;
use crate::member::{Addresses, Member, Phase, Shared};
use crate::plan::{End, Plan, draw};
use crate::server::{Ended, Launch, Server};
use futures::future::join_all;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::{Notify, watch};

/// Runs of a server on one file, with their clients.
pub(crate) struct KillLoop {
    seed: u64,
    random: fastrand::Rng,
    roles: Vec<Role>,
    shared: Shared,
    launch: Launch,
    faults: Option<FaultLibrary>,
    /// The disk that loses its power.
    disk: Option<Disk>,
    folder: TempDir,
    ends: BTreeMap<&'static str, u32>,
    /// The runs in which the planned call to the disk did not come.
    missed: Cell<u32>,
    history: Vec<String>,
    begun: Instant,
}

impl KillLoop {
    pub(crate) fn new(seed: u64, faults: Option<FaultLibrary>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let launch = Launch::with_store(&folder.path().join("chat.db"));
        let roles = cast();
        let mut views = vec!["lobby".to_owned()];
        views.extend((0..ROOMS).map(room));
        views.extend(
            roles
                .iter()
                .filter_map(|role| Some(format!("{}>{}", role.name, role.partner.as_ref()?))),
        );
        Self {
            seed,
            random: fastrand::Rng::with_seed(seed),
            shared: Shared {
                ledger: RefCell::new(Ledger::new(ROOMS, views)),
                ready: Cell::new(0),
                progress: Notify::new(),
                frames: watch::Sender::default(),
            },
            roles,
            launch,
            faults,
            disk: None,
            folder,
            ends: BTreeMap::new(),
            missed: Cell::new(0),
            history: Vec::new(),
            begun: Instant::now(),
        }
    }

    /// Puts the store on a disk that can lose its power.
    pub(crate) fn on_disk(mut self, disk: Disk) -> Self {
        let variables = std::mem::take(&mut self.launch.variables);
        self.launch = Launch { variables, ..disk.launch() };
        self.disk = Some(disk);
        self
    }

    /// Lets the disk lose its power so many times. Returns the report.
    pub(crate) async fn lose_power(mut self, count: u32) -> Result<String, String> {
        for _ in 0..count {
            let talk = self.random.u64(1_500..9_000);
            let end = End::PowerLoss(self.random.u64(0..talk));
            self.run_once(&Plan { end, talk, durability: "power" }).await?;
        }
        self.finish().await
    }

    /// Runs the server once with each of these faults of its disk. Returns the report.
    pub(crate) async fn fail(
        mut self,
        faults: Vec<(&'static str, Fault)>,
    ) -> Result<String, String> {
        for (durability, fault) in faults {
            // Commits fail while clients talk, and checkpoints when they are silent.
            let fails_at_once = fault.file == "log" && fault.action != "short";
            let talk = if fails_at_once { u64::MAX / 2 } else { 4_000 };
            let end = match fault.action {
                "short" => End::Stop(Some(fault)),
                _ => End::Failure(fault),
            };
            self.run_once(&Plan { end, talk, durability }).await?;
            self.compare_once().await?;
        }
        self.finish().await
    }

    /// Kills the server so many times, and then compares everything with a server that lives.
    /// Returns the report.
    pub(crate) async fn run(mut self, kills: u32) -> Result<String, String> {
        for kill in 1..=kills {
            let plan = draw(&mut self.random, self.faults.is_some());
            let earlier =
                (kill % REREAD == 0).then(|| self.shared.ledger.borrow_mut().forget_views());
            self.run_once(&plan).await?;
            if let Some(earlier) = earlier {
                // The run may have been too short to read everything.
                self.compare_once().await?;
                self.shared.ledger.borrow_mut().check_views(&earlier);
                self.check()?;
            }
        }
        self.finish().await
    }

    /// Compares everything with a server that lives. Returns the report.
    async fn finish(mut self) -> Result<String, String> {
        // The first run sends again what has no answer, the second one compares.
        self.compare_once().await?;
        let earlier = self.shared.ledger.borrow_mut().forget_views();
        self.compare_once().await?;
        self.shared.ledger.borrow_mut().check_views(&earlier);
        self.check()?;
        Ok(self.report())
    }

    /// Runs a server that nothing kills, until the clients have compared everything.
    async fn compare_once(&mut self) -> Result<(), String> {
        let before = self.shared.ledger.borrow().counts.comparisons;
        self.run_once(&Plan::quiet()).await?;
        if self.shared.ledger.borrow().counts.comparisons == before {
            return Err(self.failure("the clients could not read everything"));
        }
        Ok(())
    }

    /// Runs the server once, to the end that is planned.
    async fn run_once(&mut self, plan: &Plan) -> Result<(), String> {
        self.shared.ledger.borrow_mut().begin_run();
        self.shared.ready.set(0);
        self.shared.frames.send_replace(0);
        self.history.push(plan.to_string());
        *self.ends.entry(plan.end.kind()).or_default() += 1;
        let launch = self.configured(plan);
        let ended = match launch.start().await {
            Ok(server) => self.with_clients(server, plan).await,
            Err(ended) => ended,
        };
        if let Some(disk) = &self.disk {
            disk.wait_until_free();
        }
        let is_killed = ended.status.signal() == Some(9);
        let is_expected = match (&plan.end, ended.status.code()) {
            (End::Stop(None), code) => code == Some(0),
            (End::Stop(Some(_)), code) => is_killed || code == Some(0),
            (End::Early(_) | End::Moment(_) | End::Call(_), _) => is_killed,
            (End::Failure(_), code) => code == Some(1),
            (End::PowerLoss(_), _) => true,
        };
        let is_silent = match plan.end {
            // The log has the failure, too.
            End::Failure(_) => {
                ended.stderr.lines().last().is_some_and(|line| {
                    line.starts_with("chat: ") && line.contains("check the disk")
                })
            }
            End::PowerLoss(_) => true,
            End::Early(_) | End::Moment(_) | End::Call(_) | End::Stop(_) => ended.stderr.is_empty(),
        };
        if plan.durability == "process" && ended.status.code() != Some(0) {
            self.shared.ledger.borrow_mut().end_unclean();
        }
        if !is_expected || !is_silent {
            let Ended { status, stderr } = ended;
            let problem = format!("the server has ended with {status}: {stderr}");
            self.shared.ledger.borrow_mut().problem(problem);
        }
        self.check()
    }

    fn configured(&self, plan: &Plan) -> Launch {
        let secret = self.folder.path().join("jwt.secret");
        fs::write(secret, SECRET).expect("a file");
        let file = self.folder.path().join("chat.toml");
        let config = CONFIG.replace("DURABILITY", plan.durability);
        fs::write(&file, config).expect("a file");
        let mut launch = self.launch.clone().with_config(&file);
        if let (Some(library), Some(fault)) = (&self.faults, plan.fault()) {
            launch.variables.extend(library.variables(fault));
        }
        launch
    }

    async fn with_clients(&mut self, mut server: Server, plan: &Plan) -> Ended {
        let addresses = Addresses::of(&server);
        let (phase, phases) = watch::channel(Phase::Owners);
        let run = u64::from(self.shared.ledger.borrow().run);
        let members = self.roles.iter().zip(0..).map(|(role, index)| {
            let seed = self.seed ^ (run << 20) ^ (index << 50);
            Member::new(role, &self.shared, seed).play(addresses, phases.clone())
        });
        let members = join_all(members.collect::<Vec<_>>());
        let fate = async {
            let is_over = tokio::select! {
                () = self.advance(&phase, plan) => false,
                () = self.moment(&phase, plan) => false,
                is_over = server.ends_within(LONGEST) => is_over,
            };
            if matches!(plan.end, End::Call(_))
                && !is_over
                && !server.ends_within(MAINTENANCE).await
            {
                self.missed.set(self.missed.get() + 1);
            }
            if let (End::PowerLoss(_), Some(disk)) = (&plan.end, &self.disk) {
                disk.lose_power(server.id());
                // A server that notices it must not deliver anything more.
                let _ = server.ends_within(AFTER_POWER_LOSS).await;
            }
            let stops = matches!(plan.end, End::Stop(_)) && !is_over;
            let ended = if stops { server.stop().await } else { server.kill().await };
            // Clients that have not connected yet do not wait any longer.
            drop(phase);
            ended
        };
        let ((), ended) = tokio::join!(async { drop(members.await) }, fate);
        ended
    }

    /// Leads the clients through the phases. Ends when a quiet run has nothing more to do.
    async fn advance(&self, phase: &watch::Sender<Phase>, plan: &Plan) {
        let owners = self.roles.iter().filter(|role| role.owns.is_some()).count();
        for (count, next) in [(owners, Phase::Everybody), (self.roles.len(), Phase::Talk)] {
            while self.shared.ready.get() < count {
                self.shared.progress.notified().await;
            }
            if next == Phase::Talk {
                self.shared.ledger.borrow_mut().compare();
            }
            phase.send_replace(next);
        }
        self.shared.receive(plan.talk).await;
        phase.send_replace(Phase::Silence);
        match plan.end {
            End::Stop(_) | End::Call(_) => {}
            End::Early(_) | End::Moment(_) | End::Failure(_) | End::PowerLoss(_) => {
                std::future::pending().await
            }
        }
    }

    /// Completes at the moment at which the run ends by SIGKILL, if that is its plan.
    async fn moment(&self, phase: &watch::Sender<Phase>, plan: &Plan) {
        match plan.end {
            End::Early(frames) => self.shared.receive(frames).await,
            End::Moment(frames) | End::PowerLoss(frames) => {
                let _ = phase.subscribe().wait_for(|phase| *phase >= Phase::Talk).await;
                self.shared.receive(frames).await;
            }
            End::Call(_) | End::Stop(_) | End::Failure(_) => std::future::pending().await,
        }
    }

    fn check(&self) -> Result<(), String> {
        let problems = self.shared.ledger.borrow().problems.clone();
        if problems.is_empty() {
            return Ok(());
        }
        let shown: Vec<&str> = problems.iter().take(MOST_SHOWN).map(String::as_str).collect();
        let problem = format!("{} problems:\n  {}", problems.len(), shown.join("\n  "));
        Err(self.failure(&problem))
    }

    fn failure(&self, problem: &str) -> String {
        let last = self.history.len().saturating_sub(5);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kill-loop-{}", self.seed));
        let _ = fs::create_dir_all(&kept);
        for file in fs::read_dir(self.folder.path()).into_iter().flatten().flatten() {
            let _ = fs::copy(file.path(), kept.join(file.file_name()));
        }
        let runs: Vec<String> =
            self.history.iter().zip(1..).map(|(plan, run)| format!("{run}: {plan}")).collect();
        format!(
            "SEED={}: {problem}\nlast runs:\n  {}\nthe store is in {}",
            self.seed,
            runs[last..].join("\n  "),
            kept.display()
        )
    }

    fn report(&self) -> String {
        let ledger = self.shared.ledger.borrow();
        let counts = ledger.counts;
        let ends: String =
            self.ends.iter().map(|(kind, count)| format!("  {count:>4} {kind}\n")).collect();
        let kept: usize = ledger.views.values().map(|view| view.entries.len()).sum();
        format!(
            "SEED={}: {} runs of the server in {:.1} s, which ended\n{ends}In {} runs the planned \
             call to the disk did not come.\n{} messages sent; {kept} entries in {} histories; {} \
             deliveries compared in {} comparisons; {} topics, roles and lists of bans compared.\n\
             {} messages sent again after a kill, {} of which had been committed; {} sent again \
             after their answer; {} sessions with gaps.\n{} sessions resumed, and {} of an earlier \
             epoch read histories; of the {} messages that they have received, they had missed {}.",
            self.seed,
            ledger.run,
            self.begun.elapsed().as_secs_f64(),
            self.missed.get(),
            ledger.sent.len(),
            ledger.views.len(),
            counts.compared,
            counts.comparisons,
            counts.states,
            counts.retried,
            counts.committed,
            counts.repeated,
            counts.lagged,
            counts.resumed,
            counts.not_resumed,
            ledger.devices.values().map(Device::received).sum::<usize>(),
            counts.missed,
        )
    }
}

/// No limit of the rate, and little memory, so that most pages of histories come from the file.
/// Nobody waits for clients that have lost their connection, so that their channels are forgotten
/// and pruned at the next start.
const CONFIG: &str = "\
[auth]
jwt_secret_file = \"jwt.secret\"
guests = true
[accounts]
register = \"open\"
login_burst = 0
[store]
durability = \"DURABILITY\"
[limits]
commands_per_second = 0
reconnect_period = \"none\"
history_per_channel = 20
mailbox_per_account = 20
";
/// The longest time that a run lasts.
const LONGEST: Duration = Duration::from_secs(30);
/// The time that a server gets to notice a loss of power.
const AFTER_POWER_LOSS: Duration = Duration::from_millis(20);
/// The longest time until the server has done all that can wait.
const MAINTENANCE: Duration = Duration::from_millis(1_000);
/// The number of kills after which all histories are read from the beginning.
const REREAD: u32 = 50;
/// The most problems that a report shows.
const MOST_SHOWN: usize = 10;
