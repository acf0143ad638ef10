//! The help: all commands of the text dialect.

/// The commands, in the order in which the help shows them. The first four are enough to begin.
pub(super) const COMMANDS: [&str; 35] = [
    "- /name <name> - Set your display name",
    "- /users - List all online users",
    "- /help - Show this help message",
    "- /quit - Disconnect from the server",
    "- /users <channel> - List the members of a channel",
    "- /join <channel> [key] - Join a channel, or make it",
    "- /leave [channel] - Leave a channel",
    "- /switch <channel> - Talk in another of your channels",
    "- /channels - List the channels",
    "- /topic [text] - Show or set the topic",
    "- /msg <user> <text> - Send a private message",
    "- /me <action> - Say what you do",
    "- /history [n] - Show the last messages, and how to see older ones",
    "- /search <words> [in:<channel>] [from:<user>] [before:<date>] - Find messages",
    "- /delete [reason] - Delete the last message that you have said",
    "- /edit <text> - Give your last message another text",
    "- /pins [channel] - Show the pinned messages",
    "- /pin - Pin the last message that you have said; /unpin takes that back",
    "- /whois <user> - Show what is known of a user",
    "- /whowas <name> - Show who had a name before",
    "- /report <user> [reason] - Tell the operators of the server of somebody",
    "- /away [text] - Say that you are away, or back",
    "- /invite <user> [channel] - Ask somebody into a channel",
    "- /op <user> - Make somebody an operator",
    "- /deop <user> - Take that back",
    "- /mute <user> - Keep somebody from speaking",
    "- /unmute <user> - Take that back",
    "- /kick <user> [reason] - Put somebody out of the channel",
    "- /ban <user> [reason] - Keep somebody out of the channel",
    "- /unban <user> - Take that back",
    "- /bans [channel] - Show who is kept out of a channel",
    "- /owner <user> - Share the channel with somebody",
    "- /voice <user> - Let somebody speak where it is moderated",
    "- /devoice <user> - Take that back",
    "- /modes [change ...] - Show or change the modes: +secret -secret key=<key> -key limit=<n> \
     -limit keep=<time> -keep",
];

/// The commands about accounts, where the server has them.
pub(super) const ACCOUNTS: [&str; 5] = [
    "- /register <account> <password> - Keep your name and your channels",
    "- /login <account> <password> - Log in to your account",
    "- /logout - Disconnect, and end this login",
    "- /password <old> <new> - Change your password",
    "- /sessions - List your logins; end one with /revoke <session>",
];

/// The first line of the help.
pub(super) const HEADING: &str = "Available commands:";

/// The first line of the help for server operators.
pub(super) const OPERATOR_HEADING: &str = "Commands of server operators:";

/// The first line of a greeting.
pub(super) const GREETING: &str = "Welcome to the chat! Available commands:";
