import { ExpectedFailure } from '../failure.ts';
import type { Column } from '../mysql/columns.ts';
import type { CheckedRelations } from './check-relations.ts';
import type { IdColumn, RelationColumns } from './create-tables.ts';
import type { IdFacts } from './id-facts.ts';

const integerBits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
};

/**
 * Compares what is in a file with what the columns of a table hold, so that nothing is written when a part of it would be refused.
 *
 * @throws ExpectedFailure `badData` with the figure, the column and what to do
 */
export function checkFit(relations: CheckedRelations, table: string, columns: RelationColumns): void {
  if (relations.relations === 0) {
    return;
  }
  const weight = BigInt(relations.largestWeight);
  const largest = largestInteger(columns.weight);
  const problems: readonly [Column, string | undefined][] = [
    [columns.weight, weight > largest ? `the largest weight is ${weight}, and it holds at most ${largest}` : undefined],
    [columns.source, idProblem(columns.source, relations.ids)],
    [columns.target, idProblem(columns.target, relations.ids)],
  ];
  for (const [column, problem] of problems) {
    if (problem !== undefined) {
      throw misfit(relations, table, column, problem);
    }
  }
}

/** The failure of relations that a column cannot hold. */
export function misfit(relations: CheckedRelations, table: string, column: Column, problem: string): ExpectedFailure {
  return new ExpectedFailure(
    'badData',
    `Cannot publish ${relations.name} to table ${table}, column ${column.name} (${column.type}): ${problem}`,
    {
      remedy: 'Change the type of the column (ALTER TABLE … MODIFY), or import to another table; nothing was written.',
    },
  );
}

function largestInteger(column: Column): bigint {
  const bits = integerBits[column.dataType] ?? 64n;
  return 2n ** (column.unsigned ? bits : bits - 1n) - 1n;
}

/** Why ids do not fit a column, if they do not. */
export function idProblem(column: IdColumn, ids: IdFacts): string | undefined {
  switch (column.kind) {
    case 'integer': {
      const largest = largestInteger(column);
      if (!ids.integers) {
        return 'not every id is an unsigned integer in its usual form';
      }
      return ids.largestInteger > largest
        ? `the largest id is ${ids.largestInteger}, and it holds at most ${largest}`
        : undefined;
    }
    case 'binary': {
      const digits = 2 * (column.length ?? 0);
      if (!ids.hex) {
        return 'not every id is an even number of lower-case hex digits';
      }
      if (ids.longest > digits) {
        return `the longest id has ${ids.longest} hex digits, and it holds ${digits}`;
      }
      return column.dataType === 'binary' && ids.shortest < digits
        ? `the shortest id has ${ids.shortest} hex digits, and it would be filled up to ${digits}`
        : undefined;
    }
    case 'text':
      return textProblem(column, ids);
  }
}

function textProblem(column: Column, ids: IdFacts): string | undefined {
  if (column.length !== undefined && ids.longest > column.length) {
    return `the longest id has ${ids.longest} characters, and it holds ${column.length}`;
  }
  if (column.dataType === 'char' && ids.endsWithSpace !== undefined) {
    return `the id ${JSON.stringify(ids.endsWithSpace)} would lose the space at its end`;
  }
  return column.dataType === 'uuid' && !ids.uuids ? 'not every id is a UUID in lower case' : undefined;
}
