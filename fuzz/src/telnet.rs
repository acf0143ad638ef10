//! What a telnet client says between the lines.

#[path = "../../chat-dialects/src/text/telnet.rs"]
mod stripper;

use stripper::{LONGEST, Telnet};

/// Lines come out of it as they would if the whole stream had been looked at in one piece (RFC 854, RFC 855).
pub fn telnet(data: &[u8]) {
    let mut telnet = Telnet::default();
    let lines: Vec<&[u8]> = data.split(|&byte| byte == b'\n').collect();
    let stripped: Vec<Vec<u8>> = lines.iter().map(|line| telnet.strip(line).into_owned()).collect();
    assert_eq!(stripped, expected(data));
}

/// The data of each line.
fn expected(stream: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = vec![Vec::new()];
    let mut rest = stream;
    let mut line_start = stream.len();
    // Bytes of the lines so far that ended within a subnegotiation, one after the other.
    let mut taken = 0;
    loop {
        let line = lines.last_mut().expect("never empty");
        let command = match rest {
            [] => return lines,
            [b'\n', after @ ..] => {
                lines.push(Vec::new());
                (line_start, taken) = (after.len(), 0);
                1
            }
            [255, 250, parameters @ ..] => {
                let mut parameters = parameters;
                loop {
                    // What follows an IAC in there is the end, or of no account; another IAC too.
                    let is_command = parameters.first() == Some(&255);
                    let byte = if is_command { parameters.get(1) } else { parameters.first() };
                    let at = &parameters[parameters.len().min(usize::from(is_command))..];
                    match byte {
                        // A line end counts as one even in here, where it is a byte as well; but not for long.
                        None | Some(b'\n') => {
                            taken += line_start - at.len() + 1;
                            if taken > LONGEST {
                                lines.last_mut().expect("never empty").push(255);
                                break rest.len() - at.len();
                            }
                            if byte.is_none() {
                                return lines;
                            }
                            lines.push(Vec::new());
                            line_start = at.len() - 1;
                        }
                        Some(240) if is_command => break rest.len() - at.len() + 1,
                        Some(_) => {}
                    }
                    parameters = &at[1..];
                }
            }
            // What the end of the line cuts off is no command, and no UTF-8 either.
            [255, 251..=254] | [255, 251..=254, b'\n', ..] => {
                line.push(255);
                2
            }
            [255] | [255, b'\n', ..] => {
                line.push(255);
                1
            }
            [255, 255, ..] => {
                line.push(255);
                2
            }
            [255, 251..=254, _, ..] => 3,
            [255, _, ..] => 2,
            [byte, ..] => {
                line.push(*byte);
                1
            }
        };
        rest = &rest[command..];
    }
}
