import { isCancel, text } from '@clack/prompts';
import type { Ask } from '../config/starter.ts';
import { ExpectedFailure, Interrupted } from '../failure.ts';

/**
 * Asks on the terminal, on standard error.
 *
 * @throws the reason of `given`, Interrupted when the question is cancelled, or ExpectedFailure when there is nobody to answer any more
 */
export function askOnTerminal(given: AbortSignal): Ask {
  // Whoever types Ctrl+D ends the input: the library would wait for ever, and Node.js, with nothing left to do, ends.
  const ended = new AbortController();
  process.once('beforeExit', () =>
    ended.abort(
      new ExpectedFailure('usage', 'Cannot ask: the terminal gave no answer', {
        remedy: 'Answer with flags: --source, --target and the others that --help names.',
      }),
    ),
  );
  return async (question, proposal, problemOf) => {
    // One for each question: the library leaves a listener behind on it.
    const signal = AbortSignal.any([given, ended.signal]);
    const answer = await text({
      message: question,
      ...(proposal === undefined ? {} : { placeholder: proposal, defaultValue: proposal }),
      validate: (said = '') => problemOf(said),
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
