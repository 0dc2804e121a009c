import pRetry, { AbortError } from 'p-retry';
import type { Effects } from '../effects.ts';
import { messageOf } from '../failure.ts';
import { withLimit } from '../with-limit.ts';

/** Milliseconds for one request, and how often it is made again: some 20 seconds in all where nobody answers. */
const requestMs = 5000;
const retries = 2;

/** Bytes of the text that goes with a ping; healthchecks.io keeps the first 100 kB. */
const longestText = 10_000;

/**
 * Tells a monitor how a run goes, by the protocol of healthchecks.io (https://healthchecks.io/docs/http_api/): a POST of some text to the
 * URL with `/start`, or with the exit code, behind its path. A ping never fails: who does not hear it raises the alarm by himself.
 */
export class Ping {
  readonly #url: URL;
  readonly #run: string;
  readonly #effects: Effects;

  /** @param url of the check, without user and password, which `fetch` refuses; who knows it can ping, so it is shown nowhere */
  constructor(url: string, effects: Effects) {
    this.#url = new URL(url);
    this.#run = uuid(effects.randomHex(16));
    this.#effects = effects;
  }

  /** @param event `start`, or the exit code; 0 is success */
  async send(event: 'start' | number, text: string): Promise<void> {
    const { log, signal } = this.#effects;
    const url = this.#address(event);
    const request = async (): Promise<void> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/plain; charset=utf-8' },
        body: Buffer.from(text).subarray(0, longestText),
        signal: withLimit(signal, requestMs),
      });
      await response.body?.cancel();
      if (!response.ok) {
        const failure = new Error(`it answered ${response.status}`);
        // The server would say the same again: the URL is wrong.
        throw response.status < 500 && response.status !== 429 ? new AbortError(failure) : failure;
      }
    };
    try {
      await pRetry(request, { retries, minTimeout: 1000, randomize: true, signal });
    } catch (error) {
      log.warn(`Could not ping ${url.host}: ${reasonOf(error)}`);
    }
  }

  #address(event: 'start' | number): URL {
    const url = new URL(this.#url);
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${event}`;
    // Tells the start and the end of one run from those of another that overlaps it.
    url.searchParams.set('rid', this.#run);
    return url;
  }
}

/** `fetch failed` alone says nothing; why stands in its cause. */
function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error);
}

/** 128 random bits as a UUID of version 4 (RFC 9562, 5.4). */
function uuid(hex: string): string {
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join(
    '-',
  );
}
