/**
 * A signal that comes with `signal`, or after so many milliseconds. Not `AbortSignal.any` with `AbortSignal.timeout`: of that Node.js 20 holds
 * nothing that would keep it, and once it was collected as garbage the limit never comes.
 */
export function withLimit(signal: AbortSignal, ms: number): AbortSignal {
  const limit = new AbortController();
  setTimeout(() => limit.abort(new DOMException(`Nothing came within ${ms / 1000} s`, 'TimeoutError')), ms).unref();
  return AbortSignal.any([signal, limit.signal]);
}
