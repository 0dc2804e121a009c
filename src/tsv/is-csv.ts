/** Whether the name of a file says that it is CSV, packed or not. */
export function isCsv(file: string): boolean {
  return /\.csv(\.gz)?$/i.test(file);
}
