/**
 * One socket that comes back by itself.
 *
 * Knows nothing of what is said over it. A ticket is good for one opening, so each try asks for
 * another.
 */

export type LinkState = 'connecting' | 'open' | 'retrying';

interface Options {
  /** Makes a socket that may be opened; fails if no ticket can be had. */
  dial: () => Promise<WebSocket>;
  onOpen: () => void;
  onMessage: (text: string) => void;
  /** How it stands, and how often in a row it failed. */
  onState: (state: LinkState, failures: number) => void;
  random?: () => number;
}

const SHORTEST_MS = 500;
const LONGEST_MS = 30_000;
const SILENCE_MS = 15_000;
const NORMAL_END = 1000;

/** How long to wait before a try: anything up to a bound that doubles, so that tabs spread. */
export function backoffMs(failures: number, random: () => number): number {
  const bound = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** failures);
  return Math.max(SHORTEST_MS / 2, random() * bound);
}

export class ReturningSocket {
  readonly #options: Options;
  #socket: WebSocket | null = null;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Counted up with each try: what an older one still says is not listened to. */
  #life = 0;
  #isWanted = false;

  constructor(options: Options) {
    this.#options = options;
  }

  start(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    window.addEventListener('online', this.#hurry);
    document.addEventListener('visibilitychange', this.#hurry);
    this.#dial();
  }

  stop(): void {
    this.#isWanted = false;
    window.removeEventListener('online', this.#hurry);
    document.removeEventListener('visibilitychange', this.#hurry);
    this.#drop();
  }

  /** Say something; false if nobody is there to hear it. */
  send(message: object): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  readonly #hurry = (): void => {
    if (document.hidden || this.#retry === undefined) return;
    this.#dial();
  };

  #dial(): void {
    this.#drop();
    const life = this.#life;
    this.#options.onState(this.#failures === 0 ? 'connecting' : 'retrying', this.#failures);
    this.#options.dial().then(
      (socket) => {
        if (life === this.#life) this.#listen(socket, life);
        else socket.close(NORMAL_END);
      },
      () => {
        this.#failed(life);
      },
    );
    this.#watchSilence(life);
  }

  #listen(socket: WebSocket, life: number): void {
    this.#socket = socket;
    socket.addEventListener('open', () => {
      if (life !== this.#life) return;
      this.#failures = 0;
      this.#options.onState('open', 0);
      this.#options.onOpen();
    });
    socket.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (life !== this.#life || typeof event.data !== 'string') return;
      this.#watchSilence(life);
      this.#options.onMessage(event.data);
    });
    socket.addEventListener('close', () => {
      this.#failed(life);
    });
  }

  #watchSilence(life: number): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      this.#failed(life);
    }, SILENCE_MS);
  }

  #failed(life: number): void {
    if (life !== this.#life || !this.#isWanted) return;
    this.#drop();
    this.#failures += 1;
    this.#options.onState('retrying', this.#failures);
    const wait = backoffMs(this.#failures, this.#options.random ?? Math.random);
    this.#retry = setTimeout(() => {
      this.#dial();
    }, wait);
  }

  #drop(): void {
    this.#life += 1;
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    this.#retry = undefined;
    this.#socket?.close(NORMAL_END);
    this.#socket = null;
  }
}
