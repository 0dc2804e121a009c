/**
 * A signal that comes with `signal`, or after so many milliseconds. Not `AbortSignal.any` with `AbortSignal.timeout`: of that Node.js 20 holds
 * nothing that would keep it, and once it was collected as garbage the limit never comes.
 */
export function withLimit(signal: AbortSignal, ms: number): AbortSignal {
  const limit = new AbortController();
  abortIn(limit, ms);
  return AbortSignal.any([signal, limit.signal]);
}

/** Aborts after so many milliseconds, with a reason that says so. */
export function abortIn(controller: AbortController, ms: number): void {
  setTimeout(
    () => controller.abort(new DOMException(`Nothing came within ${ms / 1000} s`, 'TimeoutError')),
    ms,
  ).unref();
}
