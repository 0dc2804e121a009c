import { redact } from './redact.ts';

/** Exit codes of the command line, by what went wrong (the numbers of BSD's sysexits.h). */
export const exitCodes = {
  usage: 64,
  badData: 65,
  noInput: 66,
  unavailable: 69,
  bug: 70,
  cannotCreate: 73,
  inputOutput: 74,
  tryLater: 75,
  noPermission: 77,
  configuration: 78,
} as const;

export type FailureKind = keyof typeof exitCodes;

/**
 * The one class for everything that is expected to go wrong: bad input, a full disk, a database that is away. Whatever else is thrown
 * is a bug of this program.
 *
 * `message` says what happened and where, `remedy` what to do about it. Both go to logs, manifests, pings and commands, and are without what may be
 * a password from the beginning.
 */
export class ExpectedFailure extends Error {
  readonly kind: FailureKind;
  readonly remedy: string | undefined;

  constructor(kind: FailureKind, message: string, options: { remedy?: string | undefined; cause?: unknown } = {}) {
    super(redact(message), { cause: options.cause });
    this.name = 'ExpectedFailure';
    this.kind = kind;
    this.remedy = options.remedy === undefined ? undefined : redact(options.remedy);
  }

  get exitCode(): number {
    return exitCodes[this.kind];
  }
}

/** The signals that stop a job cleanly. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** The job was asked to stop, by a signal or by the `AbortSignal` of its caller. */
export class Interrupted extends Error {
  readonly signal: StopSignal;

  constructor(signal: StopSignal = 'SIGINT') {
    super(`Interrupted by ${signal}`);
    this.name = 'Interrupted';
    this.signal = signal;
  }
}

/** The reader of our standard output went away (`| head`): not a failure, there is just nobody left to write for. */
export class ClosedPipe extends Error {
  constructor() {
    super('The reader of standard output closed the pipe');
    this.name = 'ClosedPipe';
  }
}

/** The exit code of a command that ended with `error`; 130 and so on are 128 and the number of the signal. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof Interrupted) {
    return { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[error.signal];
  }
  return error instanceof ExpectedFailure ? error.exitCode : error instanceof ClosedPipe ? 0 : exitCodes.bug;
}

/** The `code` of a Node.js system error or of a database error (`ENOENT`, `ER_BAD_DB_ERROR`), or `undefined`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What an unknown thrown value says, without what may be a password. */
export function messageOf(error: unknown): string {
  return redact(error instanceof Error ? error.message : String(error));
}

type Doing = 'read' | 'write';

/**
 * Turns a system error of a file operation into the failure that a user can act on.
 *
 * @param doing whether `where` was being read or written
 * @param where the path or address, as the user wrote it
 * @returns an `ExpectedFailure`, or the error itself when it is not a system error that can be expected
 */
export function fileFailure(doing: Doing, where: string, error: unknown): unknown {
  if (error instanceof ExpectedFailure) {
    return error;
  }
  const cannot = `Cannot ${doing} ${where}`;
  switch (errorCode(error)) {
    case 'ENOTDIR':
      return new ExpectedFailure(
        doing === 'read' ? 'noInput' : 'cannotCreate',
        `${cannot}: a file is where its folder should be`,
        { remedy: 'Choose another path, or move that file.', cause: error },
      );
    case 'ENOENT':
      return doing === 'read'
        ? new ExpectedFailure('noInput', `${cannot}: it does not exist`, { remedy: 'Check the path.', cause: error })
        : new ExpectedFailure('cannotCreate', `${cannot}: its folder does not exist`, {
            remedy: 'Create the folder first, or choose another one.',
            cause: error,
          });
    case 'EISDIR':
      return new ExpectedFailure(doing === 'read' ? 'noInput' : 'cannotCreate', `${cannot}: it is a folder`, {
        remedy: 'Name a file.',
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new ExpectedFailure(
        doing === 'read' ? 'noPermission' : 'cannotCreate',
        `${cannot}: permission denied${errorCode(error) === 'EROFS' ? ' (read-only file system)' : ''}`,
        { remedy: `Run as a user who may ${doing} it.`, cause: error },
      );
    case 'ENOSPC':
    case 'EDQUOT':
      return new ExpectedFailure('inputOutput', `${cannot}: the disk is full`, {
        remedy: 'Make room or choose another disk, then run the same command again; nothing half written was kept.',
        cause: error,
      });
    case 'EIO':
    case 'EMFILE':
    case 'ENFILE':
    case 'EFBIG':
      return new ExpectedFailure('inputOutput', `${cannot}: ${messageOf(error)}`, { cause: error });
    case 'ENAMETOOLONG':
    case 'ELOOP':
    case 'ENXIO':
    case 'ENODEV':
      return new ExpectedFailure(doing === 'read' ? 'noInput' : 'cannotCreate', `${cannot}: ${messageOf(error)}`, {
        cause: error,
      });
    default:
      return error;
  }
}
