// The library irc-framework (of The Lounge and KiwiIRC) as a client: arguments HOST PORT NICKNAME
// [ACCOUNT PASSWORD]. Commands come on the standard input, and all lines go to the standard output.
const readline = require('readline');
const { Client } = require('irc-framework');

const [host, port, nick, account, password] = process.argv.slice(2);
const client = new Client();
client.on('raw', (event) => console.log(event.from_server ? '<' : '>', event.line));
client.on('message', (event) => console.log('message:', event.target, event.nick, event.message));
client.on('kick', (event) => console.log('kick:', event.kicked));
client.on('socket close', () => process.exit(0));
client.connect({
  host, port: Number(port), nick, username: nick, gecos: nick, auto_reconnect: false,
  enable_chghost: true, enable_echomessage: true, enable_setname: true,
  account: account ? { account, password } : {},
});
readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const [command, ...words] = line.trim().split(' ');
  if (command === '/say') client.say(words[0], words.slice(1).join(' '));
  else if (command === '/join') client.join(words[0]);
  else if (command === '/nick') client.changeNick(words[0]);
  else if (command === '/quit') client.quit(words.join(' '));
  else client.raw(words.join(' '));
});
