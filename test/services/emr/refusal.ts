/** An answer that is an error, as the service words it. */
export class Refusal extends Error {
  /** `ValidationException`, which the client finds as the error's name. */
  readonly type: string;
  readonly status: number;
  /** `NoSuchCluster`; of an InvalidRequestException only. */
  readonly errorCode: string | undefined;

  constructor(
    type: string,
    message: string,
    { status = 400, errorCode }: { status?: number; errorCode?: string } = {},
  ) {
    super(message);
    this.type = type;
    this.status = status;
    this.errorCode = errorCode;
  }
}

export function invalid(message: string): Refusal {
  return new Refusal('ValidationException', message);
}

export function invalidRequest(message: string, errorCode?: string): Refusal {
  return new Refusal('InvalidRequestException', message, errorCode === undefined ? {} : { errorCode });
}
