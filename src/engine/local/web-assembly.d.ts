/** What is used of WebAssembly's interface, which TypeScript has with the types of browsers only. */
declare namespace WebAssembly {
  class Memory<Bytes extends ArrayBufferLike = SharedArrayBuffer> {
    constructor(
      pages: { initial: number; maximum: number } & (Bytes extends SharedArrayBuffer ? { shared: true } : object),
    );
    readonly buffer: Bytes;
    /** Pages of 64 KiB; returns how many there were. */
    grow(pages: number): number;
  }

  class Module {
    constructor(bytes: Uint8Array);
  }

  /** `Exports` is what the module is known to export. */
  class Instance<Exports> {
    constructor(module: Module, imports: { env: { memory: Memory<ArrayBufferLike> } });
    readonly exports: Exports;
  }

  interface Global {
    readonly value: number;
  }
}
