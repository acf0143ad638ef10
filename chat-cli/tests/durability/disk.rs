//! File systems of their own, which only the server sees: they need root.

use crate::fault::compile;
use crate::server::Launch;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A file system in a file (ext4 on a loop device), which can lose its power.
pub(crate) struct Disk {
    folder: TempDir,
    power_off: PathBuf,
}

impl Disk {
    /// Makes the file system.
    ///
    /// # Errors
    ///
    /// A text with the reason if this system cannot.
    pub(crate) fn new() -> Result<Self, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let power_off = folder.path().join("power_off");
        compile(&[], "power_off.c", &power_off)?;
        let disk = Self { folder, power_off };
        let image = disk.image();
        run("truncate", &["-s", "256M", &text(&image)])?;
        run("mkfs.ext4", &["-q", &text(&image)])?;
        std::fs::create_dir(disk.mount_point()).map_err(|error| error.to_string())?;
        try_mount(&disk.wrapper())?;
        Ok(disk)
    }

    /// Returns the start of a server whose store is on the disk.
    pub(crate) fn launch(&self) -> Launch {
        let launch = Launch::with_store(&self.mount_point().join("chat.db"));
        Launch { wrapper: self.wrapper(), ..launch }
    }

    /// Loses everything that is not on the disk yet, while a server runs.
    pub(crate) fn lose_power(&self, server: u32) {
        let folder = inside(server, &self.mount_point());
        run(&text(&self.power_off), &[&text(&folder)]).expect("the power can be switched off");
    }

    /// Waits until the server that had the disk has let it go.
    pub(crate) fn wait_until_free(&self) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            // Each call takes a few milliseconds.
            let devices = run("losetup", &["-j", &text(&self.image())]).expect("a list");
            if devices.stdout.is_empty() {
                return;
            }
        }
        panic!("the loop device stays in use");
    }

    fn wrapper(&self) -> Vec<String> {
        let options = format!("mount -o loop {}", text(&self.image()));
        mounting(&options, &self.mount_point())
    }

    fn image(&self) -> PathBuf {
        self.folder.path().join("disk.img")
    }

    fn mount_point(&self) -> PathBuf {
        self.folder.path().join("disk")
    }
}

/// Returns the start of a command that mounts a file system for itself alone.
pub(crate) fn mounting(mount: &str, mount_point: &Path) -> Vec<String> {
    let script = format!("{mount} \"$0\" && exec \"$@\"");
    let words = ["unshare", "--mount", "sh", "-c", &script, &text(mount_point)];
    words.map(str::to_owned).into()
}

/// Mounts a file system for a moment.
pub(crate) fn try_mount(wrapper: &[String]) -> Result<(), String> {
    let words: Vec<&str> = wrapper.iter().map(String::as_str).chain(["true"]).collect();
    run(words[0], &words[1..]).map(drop)
}

/// Returns the path of a file as a process sees it.
pub(crate) fn inside(process: u32, path: &Path) -> PathBuf {
    let path = path.strip_prefix("/").expect("an absolute path");
    Path::new("/proc").join(process.to_string()).join("root").join(path)
}

/// Runs a program of the system.
fn run(program: &str, arguments: &[&str]) -> Result<Output, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(format!("{program} {}: {stderr}", arguments.join(" ")))
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

/// The time in which a file system is unmounted after its last process has ended.
const PATIENCE: Duration = Duration::from_secs(10);
