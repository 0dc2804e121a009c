#!/usr/bin/env node
import { CommanderError } from 'commander';
import { ClosedPipe, errorCode, exitCodes, fileFailure, Interrupted } from '../failure.ts';
import { endAfterSignal, endWhenOver } from './end-in-time.ts';
import { program } from './program.ts';
import { ProgressBar } from './progress-bar.ts';
import { reportFailure } from './report-failure.ts';
import { earlyLogOptions, type Session, tidyEnvironment } from './session.ts';

// The AWS SDK would warn on every start under Node 20, which it still supports; package-lock.json pins such a version.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
tidyEnvironment(process.env);

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Once: the same signal again ends the process at once, as its sender then wants.
  process.once(signal, () => {
    stopping.abort(new Interrupted(signal));
    endAfterSignal(signal, async () => {
      if (!isOver) {
        await fail(stopping.signal.reason);
      }
    });
  });
}
// The write reports the error too; without a listener the event would end the process with a stack trace.
process.stdout.on('error', (error) => {
  const failure = errorCode(error) === 'EPIPE' ? new ClosedPipe() : fileFailure('write', 'standard output', error);
  stopping.abort(failure);
  if (isOver && !process.exitCode) {
    void fail(failure);
  }
});
// A job does not fail because nobody reads its log any more.
process.stderr.on('error', () => {});

const session: Session = {
  signal: stopping.signal,
  log: earlyLogOptions(process.argv, process.env),
  bar: new ProgressBar(process.stderr),
};
const isDoctor = process.argv[2] === 'doctor';
const tell = (): void => {
  if (isDoctor) {
    process.send?.(process.exitCode ?? 0);
  }
};
let isOver = false;
const end = (): void => {
  isOver = true;
  session.bar.end();
  endWhenOver();
};
const fail = async (error: unknown): Promise<void> => {
  end();
  // Never process.exit: it drops what standard output still holds when that is a pipe.
  process.exitCode = await reportFailure(error, session, process.stderr);
  tell();
};
process.once('uncaughtException', (error) => void fail(error));
// Node.js ends with 0 when there is nothing left that could go on, whatever is waited for.
process.once('exit', () => {
  if (!isOver) {
    process.stderr.write(
      'Error: The command ended in the middle\n  This is a fault of also-viewed; please report it.\n',
    );
    process.exitCode = exitCodes.bug;
  }
});
const run = async (): Promise<void> => {
  try {
    if (isDoctor && process.send === undefined) {
      const { inChild } = await import('./in-child.ts');
      process.exitCode = await inChild(session.signal);
    } else {
      await program(session, process.argv.slice(2)).parseAsync();
    }
    end();
    tell();
  } catch (error) {
    // Help that could not be written.
    const isHelp = error instanceof CommanderError && error.exitCode === 0;
    await fail(isHelp && stopping.signal.aborted ? stopping.signal.reason : error);
  }
};
void run();
