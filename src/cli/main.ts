#!/usr/bin/env node
import process from 'node:process';
import { ClosedPipe, errorCode, Interrupted } from '../failure.ts';
import { program } from './program.ts';
import { reportFailure } from './report-failure.ts';

// The AWS SDK would warn on every start under Node 20, which it still supports; package-lock.json pins such a version.
process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process at once, as its sender then wants.
  process.once(signal, () => stopping.abort(new Interrupted(signal)));
}
// The write reports a closed pipe too; without a listener the event would end the process with a stack trace.
process.stdout.on('error', (error) => {
  stopping.abort(errorCode(error) === 'EPIPE' ? new ClosedPipe() : error);
});

try {
  await program(stopping.signal).parseAsync();
} catch (error) {
  // Never process.exit: it drops what standard output still holds when that is a pipe.
  process.exitCode = await reportFailure(error, process.argv, process.stderr);
}
