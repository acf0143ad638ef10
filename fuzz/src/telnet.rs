//! What a telnet client says between the lines.

#[path = "../../chat-dialects/src/text/telnet.rs"]
mod stripper;

use stripper::Telnet;

/// Lines come out of it as they would if the whole stream had been looked at in one piece (RFC 854, RFC 855).
pub fn telnet(data: &[u8]) {
    let mut telnet = Telnet::default();
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    let stripped: Vec<Vec<u8>> = lines.iter().map(|line| telnet.strip(line).into_owned()).collect();
    assert_eq!(stripped, expected(data));
}

/// The data of each line. A line end counts as one even in the middle of a command, which it may complete.
fn expected(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    let mut rest = stream;
    loop {
        let command = match rest {
            [] => return lines,
            [255, 255, ..] => {
                lines.last_mut().expect("never empty").push(255);
                rest = &rest[2..];
                continue;
            }
            [255, 251..=254, _, ..] => 3,
            [255, 251..=254] => 2,
            [255, 250, parameters @ ..] => {
                // What follows an IAC in there is the end, or of no account; another IAC too.
                let mut length = 0;
                loop {
                    match &parameters[length..] {
                        [255, 240, ..] => break 2 + length + 2,
                        [255, _, ..] => length += 2,
                        [_, ..] => length += 1,
                        [] => break 2 + length,
                    }
                }
            }
            [255, _, ..] => 2,
            [255] => 1,
            [b'\n', ..] => {
                lines.push(Vec::new());
                rest = &rest[1..];
                continue;
            }
            [byte, ..] => {
                lines.last_mut().expect("never empty").push(*byte);
                rest = &rest[1..];
                continue;
            }
        };
        let (skipped, after) = rest.split_at(command);
        for _ in skipped.iter().filter(|&&byte| byte == b'\n') {
            lines.push(Vec::new());
        }
        rest = after;
    }
}
