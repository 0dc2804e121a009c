import { ExpectedFailure } from '../failure.ts';

/** An identity does not hold: the same on every engine. */
export function untrustworthy(broken: string): ExpectedFailure {
  return new ExpectedFailure('badData', `Cannot trust the relations: ${broken}`, {
    remedy: 'Nothing was written. The machine or the program is at fault, not the views: please report it.',
  });
}

/** `--ids integer` was asked for, and some product id is none. */
export function notAllIntegers(): ExpectedFailure {
  return new ExpectedFailure('badData', 'Cannot order the ids as integers: not every product id is one', {
    remedy: 'Leave out --ids integer; an integer has digits only, no leading zero, and is below 2^64.',
  });
}
