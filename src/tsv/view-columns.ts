/** Names of the columns in a header line. */
export interface ViewColumns {
  readonly path: string;
  readonly product: string;
  /** The time of a view, for those who ask when it was; a file need not have it. */
  readonly time?: string;
}

/** The column of the time that is wanted where nobody named another. */
export const defaultTimeColumn = 'viewed_at';

export const defaultColumns: ViewColumns = { path: 'path_id', product: 'product_id' };

/**
 * What public data sets and exports of shops call a path, folded, the best first: a visit, else an order, else a visitor. They are those of REES46,
 * YooChoose, Diginetica, Coveo, OTTO, Online Retail, Instacart, RetailRocket, H&M and GA4. Not `ga_session_id`, which is the second in
 * which a session began: strangers share it. Transactions come last, since in logs of clicks most rows have none.
 */
const pathNames = [
  'pathid sessionid sessionidhash sessionkey usersession visitid session visit path',
  'basketid cartid basket orderid ordernumber orderno invoiceno invoiceid invoice order',
  'visitorid userpseudoid fullvisitorid clientid userid customerid visitor user customer transactionid',
].flatMap((names) => names.split(' '));

/** The same for a product, with Shopify's. */
export const productNames: readonly string[] = [
  'productid itemid productsku productskuhash itemsku lineitemsku variantsku sku',
  'stockcode productcode itemcode articleid articleno asin parentasin movieid aid product item article',
].flatMap((names) => names.split(' '));

/** The same for the time of a view: when it was, then when what it belongs to was. */
const timeNames = [
  'viewedat timestamp eventtimestamp eventtime viewtime visittime time datetime ts',
  'createdat invoicedate orderdate tdat eventdate date',
].flatMap((names) => names.split(' '));

/**
 * The columns of a file, by the fields of its first line: those that are wanted, if it has both. One that has its default name is guessed from
 * names that are common where it is not there, and never takes the one that was wanted for the other side. The line is a header only if it names
 * both: ids that are data must not be taken for names.
 * The time is wanted only where there is a name for it, and is left out where it is not there.
 *
 * @returns `undefined` when the line is a view like any other
 */
export function headerColumns(names: readonly string[], wanted: ViewColumns): ViewColumns | undefined {
  const others = (taken: string): string[] => names.filter((name) => name !== taken);
  const path = columnOf(others(wanted.product), wanted.path, defaultColumns.path, pathNames);
  const product = columnOf(others(wanted.path), wanted.product, defaultColumns.product, productNames);
  const { time: wantedTime } = wanted;
  const time = wantedTime === undefined ? undefined : columnOf(names, wantedTime, defaultTimeColumn, timeNames);
  return path === undefined || product === undefined
    ? undefined
    : { path, product, ...(time === undefined ? {} : { time }) };
}

/** The columns of a header whose names nobody gave; `undefined` for any other line. */
export function guessedColumns(names: readonly string[], wanted: ViewColumns): ViewColumns | undefined {
  const header = headerColumns(names, wanted);
  return header?.path === wanted.path && header.product === wanted.product ? undefined : header;
}

/**
 * The wanted columns that a first line lacks although it looks like a header: it names the other one, or is one under other names, or it is no
 * view for the number of its fields and holds a name that is common.
 */
export function missingColumns(names: readonly string[], wanted: ViewColumns): ('path' | 'product')[] {
  const has = ({ path, product }: ViewColumns): boolean => names.includes(path) || names.includes(product);
  const common = (): boolean => names.some((name) => [...pathNames, ...productNames].includes(folded(name)));
  const isHeader =
    has(wanted) || headerColumns(names, defaultColumns) !== undefined || (names.length !== 2 && common());
  if (!isHeader || headerColumns(names, wanted) !== undefined) {
    return [];
  }
  const missing = (['path', 'product'] as const).filter((column) => !names.includes(wanted[column]));
  const named = missing.filter((column) => wanted[column] !== defaultColumns[column]);
  return named.length > 0 ? named : missing;
}

/** The column for whose lack a file is refused: where nobody named one, what looks like a header may be a view. */
export function refusedColumn(names: readonly string[], wanted: ViewColumns): string | undefined {
  const [missing] = missingColumns(names, wanted);
  const named = wanted.path !== defaultColumns.path || wanted.product !== defaultColumns.product;
  return missing !== undefined && named ? wanted[missing] : undefined;
}

/** Whether a view could be a header with names that nobody knows: of two fields without a digit, one is common, or called an id or a number. */
export function mayBeHeader(names: readonly string[]): boolean {
  const known = [...pathNames, ...productNames];
  const isName = (name: string): boolean => known.includes(name) || /.(?:id|key|code|sku|no|nr|num|number)$/.test(name);
  return names.length === 2 && !names.some((name) => /\d/.test(name)) && names.map(folded).some(isName);
}

function columnOf(
  names: readonly string[],
  wanted: string,
  usual: string,
  common: readonly string[],
): string | undefined {
  if (names.includes(wanted)) {
    return wanted;
  }
  if (wanted !== usual) {
    return undefined;
  }
  const foldedNames = names.map(folded);
  const found = common.find((name) => foldedNames.includes(name));
  return found === undefined ? undefined : names[foldedNames.indexOf(found)];
}

/** Without case, spaces and punctuation: `Session ID`, `sessionId` and `session_id` are one name. */
export function folded(name: string): string {
  return name.toLowerCase().replace(/[ -/:-@[-`{-~]/g, '');
}
