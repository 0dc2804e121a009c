/** Bytes that a reducer keeps when nothing else is said: 10 million views in a block. The process takes some 60 MB beside it. */
export const defaultMemory = 256 << 20;

/** The least bound that is accepted: an empty block takes 0.2 MB, and with less than this most paths would be a block of their own. */
export const minMemory = 1 << 20;
