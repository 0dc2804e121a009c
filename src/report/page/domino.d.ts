// The package's own types are of a module of another name.
declare module '@mixmark-io/domino' {
  export function createWindow(html: string): { readonly document: unknown };
}
