// What the page says to its agent's Sidecard: which profile is open, and when it speaks next. That promise is the heart-beat:
// a message that does not come in time is noticed, so the page need not speak often.

/** A profile that is open in the console: ids only. */
export interface Open {
  chat_id: string | null;
  id: string | null;
  visitor_id: string | null;
  from: "chats" | "archives" | "customers";
}

export interface Word {
  v: 1;
  page: string;
  n: number;
  next_ms: number;
  visible: boolean;
  open: Open | null;
}

/** Timers of a hidden page run once a minute, so its next word may be two minutes away. */
const HIDDEN_EVERY = 60_000;
const HIDDEN_PROMISE = 130_000;

/** Reads a `customer_profile`; `null` when it is of no use. */
export function openOf(profile: unknown): Open | null {
  const { id, chat, source } = (profile ?? {}) as Record<string, unknown>;
  if (source !== "chats" && source !== "archives" && source !== "customers") return null;
  const { chat_id, id: thread } = (chat ?? {}) as Record<string, unknown>;
  return { chat_id: idOf(chat_id), id: idOf(thread), visitor_id: idOf(id), from: source };
}

function idOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

export class Speaker {
  private page = crypto.randomUUID();
  private n = 0;
  private open: Open | null = null;
  private visible: boolean;
  private closed = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly send: (word: Word, last: boolean) => void,
    private readonly beat: number,
    visible: boolean,
  ) {
    this.visible = visible;
  }

  /** The agent opened something. */
  opened(open: Open | null): void {
    this.open = open;
    this.speak();
  }

  /** The console came to the front, or went behind. */
  seen(visible: boolean): void {
    this.visible = visible;
    this.speak();
  }

  /** Says how things are, and again before the promised time. */
  speak(): void {
    if (this.closed) return;
    clearTimeout(this.timer);
    const [every, promise] = this.visible ? [this.beat, this.beat] : [HIDDEN_EVERY, HIDDEN_PROMISE];
    this.timer = setTimeout(() => this.speak(), every);
    this.send(this.word(promise), false);
  }

  /** The page closes: its last word. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearTimeout(this.timer);
    this.send({ ...this.word(0), open: null }, true);
  }

  /** The page is shown again after it closed; it is another page from now on. */
  reopen(): void {
    if (!this.closed) return;
    this.closed = false;
    this.page = crypto.randomUUID();
    this.speak();
  }

  private word(next_ms: number): Word {
    this.n += 1;
    return { v: 1, page: this.page, n: this.n, next_ms, visible: this.visible, open: this.open };
  }
}
