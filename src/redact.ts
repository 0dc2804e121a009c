/**
 * Takes what may be a password out of a text that was given to us: `//user:secret@host`, `password=secret` and
 * `fs.s3a.secret.key=secret` (or `encryption.key`). Passwords do not belong into URIs, and ours are refused; but whoever writes one all the same must not find it
 * in a log. The name of a secret in its ARN stays, and so does `(using password: YES)`, with which MySQL says whether there was one.
 */
export function redact(text: string): string {
  return text
    .replace(/(\/\/[^\s:/@]*):\S*@/g, '$1:***@')
    .replace(
      /((?<!arn:[\w-]+:secretsmanager:[\w-]*:\d*:)(?<!\(using (?=password: (?:YES|NO)\)))(?:password|passwd|pwd|secret|token|(?:encryption|account|private)[._-]key)(?:[._-][\w.-]*)?["']?\s*[=:]\s*)[^\s&;,'"]+/gi,
      '$1***',
    );
}
