// One WebSocket connection: requests with their answers, and whatever the server says unasked.

/** The server said no. `code` is for programs, `message` for people. */
export class Refused extends Error {
  constructor(answer) {
    super(answer.message);
    this.code = answer.code;
    this.retryAfter = answer.retry_after_ms ?? 1000;
  }
}

/** The connection ended before there was an answer. */
export class Disconnected extends Error {}

/** How long a connection may take to open. */
const OPENING = 10_000;
/** After so much silence the server is asked whether it is there. */
const QUIET = 25_000;
/** After this much, if it owes an answer. */
const OWING = 5_000;
/** And that long it may take to say so. */
const PATIENCE = 10_000;
/** The server closes a connection over a frame that is longer than its limit, so such a frame is never sent. */
const LONGEST_FRAME = 8_000;
/** Close codes of the server's after which connecting again would end the same way. */
const isFinal = (code) => code >= 4400 && code <= 4499;

const encoder = new TextEncoder();

export class Connection {
  #socket;
  #waiting = new Map();
  #lastReference = 0;
  #heard = Date.now();
  #said = 0;
  #asked = 0;
  #watch;

  /**
   * Opens a connection. `onEvent` gets what comes unasked; `onEnd` is called once if it was open, with the reason if the server
   * has ended it for good.
   */
  static open(url, onEvent, onEnd) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, 'chat.json');
      const tooLate = setTimeout(() => socket.close(), OPENING);
      socket.onopen = () => {
        clearTimeout(tooLate);
        resolve(new Connection(socket, onEvent, onEnd));
      };
      socket.onclose = () => {
        clearTimeout(tooLate);
        reject(new Disconnected('the server cannot be reached'));
      };
    });
  }

  constructor(socket, onEvent, onEnd) {
    this.#socket = socket;
    socket.onmessage = (message) => {
      this.#heard = Date.now();
      this.#asked = 0;
      this.#take(JSON.parse(message.data), onEvent);
    };
    socket.onclose = ({ code, reason }) => this.#end(onEnd, isFinal(code) ? reason : undefined);
    this.#watch = setInterval(() => this.#listen(onEnd), 5_000);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Asks the server for something. Rejects with `Refused` or `Disconnected`. */
  request(object) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) throw new Disconnected('not connected');
      const reference = String(++this.#lastReference);
      const frame = JSON.stringify({ ...object, ref: reference });
      if (encoder.encode(frame).length > LONGEST_FRAME) {
        throw new Refused({ code: 'message_too_long', message: 'that is too long to send' });
      }
      if (this.#waiting.size === 0) this.#said = Date.now();
      this.#waiting.set(reference, { resolve, reject });
      this.#socket.send(frame);
    });
  }

  /** Makes sure that the other side is still there, when there is a reason to doubt it. */
  probe() {
    if (this.#asked || !this.isOpen) return;
    this.#asked = Date.now();
    this.request({ type: 'ping' }).catch(() => {});
  }

  close() {
    this.#socket?.close();
  }

  #take(object, onEvent) {
    const asked = this.#waiting.get(object.ref);
    if (!asked) return onEvent(object);
    this.#waiting.delete(object.ref);
    if (object.type === 'error') asked.reject(new Refused(object));
    else asked.resolve(object);
  }

  /** A connection can die without a word. Pages do not see the server's pings, so this one has its own. */
  #listen(onEnd) {
    const now = Date.now();
    if (this.#asked && now - this.#asked > PATIENCE) {
      this.#socket.close();
      // Closing a dead connection takes the browser minutes; the page does not wait for that.
      this.#end(onEnd);
      return;
    }
    const patience = this.#waiting.size > 0 ? OWING : QUIET;
    if (now - Math.max(this.#heard, this.#said) > patience) this.probe();
  }

  #end(onEnd, reason) {
    if (!this.#socket) return;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket = null;
    clearInterval(this.#watch);
    this.#waiting.forEach(({ reject }) => reject(new Disconnected('the connection broke')));
    this.#waiting.clear();
    onEnd(reason);
  }
}
