/** Seconds since 1970 with a fraction, as the protocol has times; as text they break the AWS SDK. */
export function epoch(date: Date): number {
  return date.getTime() / 1_000;
}
