export { type Diagnosis, type DoctorOptions, doctor } from './doctor/doctor.ts';
export type { Finding } from './doctor/report.ts';
export type { Effects, Log, LogFields, Progress, S3Settings } from './effects.ts';
export { silentLog } from './effects.ts';
export type { RelateCounts, Related } from './engine/engine.ts';
export { type RelateOptions, type RelateSettings, relate } from './engine/relate.ts';
export type { CatalogueQuery } from './exporter/export-catalogue.ts';
export { type ExportedViews, exportViews, type MysqlViews } from './exporter/export-views.ts';
export { ExpectedFailure, exitCodes, type FailureKind, Interrupted } from './failure.ts';
export {
  type Imported,
  type ImportOptions,
  importRelations,
  type MysqlTable,
  type Target,
} from './importer/import-relations.ts';
export { type MysqlAddress, parseMysqlUri } from './mysql/address.ts';
export type { PairCounts, ScoreName } from './relation/scores.ts';
export { scoreNames, scores } from './relation/scores.ts';
export { type Difference, type DiffNames, type DiffOptions, type DiffSide, diff, type Mover } from './report/diff.ts';
export { type Evaluation, evaluate, type Protocol } from './report/evaluate/evaluate.ts';
export type { MethodName } from './report/evaluate/judge-lists.ts';
export type { EvaluateOptions } from './report/evaluate/options.ts';
export type { Figures } from './report/evaluate/tally.ts';
export { type ExplainedProduct, type ExplainOptions, type Explanation, explain } from './report/explain.ts';
export type { ReportOptions } from './report/page/gather.ts';
export { report } from './report/page/report.ts';
export { type ShownList, type ShownTarget, type ShowOptions, show } from './report/show.ts';
export { type ListedRun, listRuns } from './run/list-runs.ts';
export type { Manifest } from './run/manifest.ts';
export { type RollbackOptions, type RolledBack, rollback } from './run/rollback.ts';
export { type RunOptions, type RunResult, run } from './run/run.ts';
export type { Artefact } from './storage/output.ts';
export { type RelatedProduct, type RelatedProductsOptions, relatedProducts } from './storefront/related-products.ts';
export { type WatchSettings, watched } from './watch/watched.ts';
