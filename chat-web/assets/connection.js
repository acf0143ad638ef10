// A WebSocket connection, with requests and their answers, and events of the server.

/** The server has refused a request. `code` is for programs, `message` for people. */
export class Refused extends Error {
  constructor(answer) {
    super(answer.message);
    this.code = answer.code;
    this.retryAfter = answer.retry_after_ms ?? 1000;
  }
}

/** The connection ended before the answer arrived. */
export class Disconnected extends Error {}

/** The time within which a connection has to open, in milliseconds. */
const OPEN_TIMEOUT = 10_000;
/** The time without input after which the page sends a ping. */
const IDLE_BEFORE_PING = 25_000;
/** The same while an answer is expected. */
const REPLY_OVERDUE = 5_000;
/** The time within which the answer to a ping has to arrive. */
const PING_TIMEOUT = 10_000;
/** The longest frame that is sent, in bytes. The server disconnects a client over a longer one. */
const LONGEST_FRAME = 8_000;
/** True for the server's close codes after which a new connection would end in the same way. */
const isFinal = (code) => code >= 4400 && code <= 4499;

const encoder = new TextEncoder();

export class Connection {
  #socket;
  #waiting = new Map();
  #lastReference = 0;
  /** When the last frame arrived. */
  #lastReceived = Date.now();
  /** When the page began to wait for answers. */
  #waitingSince = 0;
  /** When the unanswered ping was sent; 0: there is none. */
  #pinged = 0;
  #timer;

  /**
   * Opens a connection. `onEvent` gets each object that answers no request. `onEnd` is called once
   * if the connection was open, with a reason if the page should not reconnect.
   */
  static open(url, onEvent, onEnd) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url, 'chat.json');
      const tooLate = setTimeout(() => socket.close(), OPEN_TIMEOUT);
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
      this.#lastReceived = Date.now();
      this.#pinged = 0;
      this.#receive(JSON.parse(message.data), onEvent);
    };
    socket.onclose = ({ code, reason }) => this.#end(onEnd, isFinal(code) ? reason : undefined);
    this.#timer = setInterval(() => this.#checkAlive(onEnd), 5_000);
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  /** Sends a request. Resolves with its answer, or rejects with `Refused` or `Disconnected`. */
  request(object) {
    return new Promise((resolve, reject) => {
      if (!this.isOpen) throw new Disconnected('not connected');
      const reference = String(++this.#lastReference);
      const frame = JSON.stringify({ ...object, ref: reference });
      if (encoder.encode(frame).length > LONGEST_FRAME) {
        throw new Refused({ code: 'message_too_long', message: 'that is too long to send' });
      }
      if (this.#waiting.size === 0) this.#waitingSince = Date.now();
      this.#waiting.set(reference, { resolve, reject });
      this.#socket.send(frame);
    });
  }

  /** Sends a ping, unless one is unanswered already. */
  probe() {
    if (this.#pinged || !this.isOpen) return;
    this.#pinged = Date.now();
    this.request({ type: 'ping' }).catch(() => {});
  }

  close() {
    this.#socket?.close();
  }

  #receive(object, onEvent) {
    const request = this.#waiting.get(object.ref);
    if (!request) return onEvent(object);
    this.#waiting.delete(object.ref);
    if (object.type === 'error') request.reject(new Refused(object));
    else request.resolve(object);
  }

  /**
   * Detects a dead connection. A page cannot see the server's WebSocket pings, so it sends pings of
   * its own.
   */
  #checkAlive(onEnd) {
    const now = Date.now();
    if (this.#pinged && now - this.#pinged > PING_TIMEOUT) {
      this.#socket.close();
      // The browser takes minutes to close a dead connection; the page does not wait for that.
      this.#end(onEnd);
      return;
    }
    const patience = this.#waiting.size > 0 ? REPLY_OVERDUE : IDLE_BEFORE_PING;
    if (now - Math.max(this.#lastReceived, this.#waitingSince) > patience) this.probe();
  }

  #end(onEnd, reason) {
    if (!this.#socket) return;
    this.#socket.onmessage = null;
    this.#socket.onclose = null;
    this.#socket = null;
    clearInterval(this.#timer);
    this.#waiting.forEach(({ reject }) => reject(new Disconnected('the connection broke')));
    this.#waiting.clear();
    onEnd(reason);
  }
}
