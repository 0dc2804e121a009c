/** The parameters that decide what a stage leaves. Others, like the engine and its threads, give the same bytes. */
export const decidingParameters = {
  export: ['source', 'source-table', 'path-column', 'product-column', 'where', 'time-column', 'since'],
  relate: ['path-column', 'product-column', 'top', 'score', 'min-weight', 'max-path-products', 'products', 'ids'],
} as const;
