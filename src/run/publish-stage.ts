import { ExpectedFailure } from '../failure.ts';
import { type Imported, type ImportOptions, importRelations, type Target } from '../importer/import-relations.ts';
import type { Column } from '../mysql/columns.ts';
import type { Artefact } from '../storage/output.ts';
import { publishedViews } from './published-views.ts';
import { type RecordSettings, type RunRecord, recorded } from './run-record.ts';

/** Relations to publish, and what is known of them. */
export interface PublishedRelations {
  readonly artefact: Artefact;
  readonly relations: number;
  readonly sources: number;
  /** The source's product column. */
  readonly product: Column | undefined;
  /** Views that they come from. */
  readonly views: number;
}

export interface PublishOptions
  extends RecordSettings,
    Pick<ImportOptions, 'limits' | 'accept' | 'verify' | 'maxRowsPerSecond' | 'swap'> {
  /** A folder or an `s3://` prefix; each run gets a folder of its own inside. */
  readonly work: string;
  /** Milliseconds to wait for another run that holds the work folder, and for another import that holds the table; none unless given. */
  readonly wait?: number | undefined;
  readonly target: Target;
}

/** Publishes a finished relations file as the last stage of a run. */
export async function publishStage(
  record: RunRecord,
  related: PublishedRelations,
  options: PublishOptions,
): Promise<Imported> {
  const { work, parameters, limits, accept, verify, maxRowsPerSecond, swap, wait } = options;
  return await record.stage('publish', async (effects) => {
    const before = await publishedViews(work, parameters, effects);
    const published = await importRelations(
      related.artefact.location,
      options.target,
      {
        relations: related.relations,
        sha256: related.artefact.sha256,
        idColumn: related.product,
        changes: record.file('changes.tsv.gz'),
        store: parameters['store']?.toString(),
        run: { id: record.id, startedAt: record.startedAt, parameters: JSON.stringify(recorded(parameters)) },
        views: { before, after: related.views },
        limits,
        accept,
        verify,
        maxRowsPerSecond,
        swap,
        wait,
      },
      effects,
    );
    const { relations, sources, added, changed, removed, unchanged, accepted, changes } = published;
    agree('relations', related.relations, 'relations published', relations);
    agree('sources', related.sources, 'sources published', sources);
    agree('relations', related.relations, 'added, changed and unchanged relations', added + changed + unchanged);
    return {
      counts: {
        ...{ relations, sources, added, changed, removed, unchanged },
        ...(accepted.length === 0 ? {} : { accepted: accepted.join('; ') }),
      },
      artefacts: changes === undefined ? [] : [changes],
      value: published,
    };
  });
}

/** @throws ExpectedFailure when two stages counted the same thing differently */
export function agree(what: string, figure: number, other: string, otherFigure: number): void {
  if (figure !== otherFigure) {
    throw new ExpectedFailure('badData', `The stages disagree: ${figure} ${what}, but ${otherFigure} ${other}`, {
      remedy: 'Run again; if it stays, please report it.',
    });
  }
}
