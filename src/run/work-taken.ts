import { ExpectedFailure } from '../failure.ts';

/** Another run has the work folder: what becomes of it is for that one to tell. */
export class WorkTaken extends ExpectedFailure {
  constructor(message: string, remedy: string) {
    super('tryLater', message, { remedy });
  }
}
