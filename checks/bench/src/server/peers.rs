//! Starts other servers, from Debian's packages, with their limits raised.
//!
//! Each stays in the foreground and listens on one port of the loopback address.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

/// InspIRCd: no flood limits, no DNS look-ups, as many connections as files.
pub(super) fn inspircd(program: &Path, directory: &Path, port: u16) -> io::Result<Command> {
    let log = directory.join("inspircd.log");
    let config = format!(
        r#"<server name="bench.example.org" description="bench" network="Bench" id="001">
<admin name="bench" nick="bench" email="bench@example.org">
<bind address="127.0.0.1" port="{port}" type="clients">
<connect name="bench" allow="*" timeout="60" pingfreq="1h" maxchans="100" limit="100000"
    localmax="100000" globalmax="100000" maxconnwarn="no" useident="no" resolvehostnames="no"
    fakelag="no" threshold="1000000000" commandrate="1000000000" hardsendq="1G" softsendq="1G"
    recvq="1G">
<performance nouserdns="yes" softlimit="100000" somaxconn="128" clonesonconnect="no"
    quietbursts="yes">
<options splitwhois="no" defaultmodes="">
<log method="file" type="*" level="sparse" target="{}">
"#,
        log.display()
    );
    let mut command = Command::new(program);
    if rustix::process::getuid().is_root() {
        command.arg("--runasroot");
    }
    command.args(["--nofork", "--nopid", "--config"]).arg(write(directory, &config)?);
    Ok(command)
}

/// ngIRCd: no penalties, no DNS look-ups, as many connections as files.
pub(super) fn ngircd(program: &Path, directory: &Path, port: u16) -> io::Result<Command> {
    let config = format!(
        "[Global]\nName = bench.example.org\nInfo = bench\nListen = 127.0.0.1\nPorts = {port}\n\
         AdminEMail = bench@example.org\n\
         [Limits]\nMaxConnections = 0\nMaxConnectionsIP = 0\nMaxJoins = 100\nMaxPenaltyTime = 0\n\
         PingTimeout = 3600\nPongTimeout = 3600\n\
         [Options]\nDNS = no\nIdent = no\nPAM = no\n"
    );
    let mut command = Command::new(program);
    command.args(["--nodaemon", "--config"]).arg(write(directory, &config)?);
    Ok(command)
}

/// NATS: as many connections as files.
pub(super) fn nats(program: &Path, directory: &Path, port: u16) -> io::Result<Command> {
    let config =
        format!("listen: \"127.0.0.1:{port}\"\nmax_connections: 100000\nping_interval: \"1h\"\n");
    let mut command = Command::new(program);
    command.arg("--config").arg(write(directory, &config)?);
    Ok(command)
}

/// Mosquitto: no login, no queue limit, no persistence, and no delay by Nagle's algorithm.
pub(super) fn mosquitto(program: &Path, directory: &Path, port: u16) -> io::Result<Command> {
    // The `user` setting has an effect only if Mosquitto is started as root.
    let config = format!(
        "listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n\
         set_tcp_nodelay true\npersistence false\nlog_type error\nuser root\n"
    );
    let mut command = Command::new(program);
    command.arg("-c").arg(write(directory, &config)?);
    Ok(command)
}

fn write(directory: &Path, config: &str) -> io::Result<PathBuf> {
    let path = directory.join("peer.conf");
    fs::write(&path, config)?;
    Ok(path)
}
