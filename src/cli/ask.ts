import { isCancel, text } from '@clack/prompts';
import type { Ask } from '../config/starter.ts';
import { Interrupted } from '../failure.ts';

/**
 * Asks on the terminal, on standard error.
 *
 * @throws the reason of `signal`, or Interrupted when the question is cancelled
 */
export function askOnTerminal(signal: AbortSignal): Ask {
  return async (question, proposal, problemOf) => {
    const answer = await text({
      message: question,
      ...(proposal === undefined ? {} : { placeholder: proposal, defaultValue: proposal }),
      validate: (given = '') => problemOf(given),
      input: process.stdin,
      output: process.stderr,
      signal,
    });
    if (isCancel(answer)) {
      signal.throwIfAborted();
      throw new Interrupted('SIGINT');
    }
    return answer;
  };
}
