/**
 * Parses whole lines of views, in AssemblyScript: sixteen bytes at a look, ids compared and copied eight bytes at a time.
 * `src/engine/local/piece-kernel.ts` is its other half. Rows that are not plain (escapes, anything but ASCII, other fields) are left to it.
 *
 * Each thread has a memory of its own. The regions in it are as large as a piece could need; what is not touched takes no memory.
 */

const tab: u32 = 0x09;
const lineFeed: u32 = 0x0a;
const maxPlainId: usize = 255;
/** The bytes of `NULL`. */
const nullWord: u32 = 0x4c4c554e;
/** What looks and copies may reach beyond the end of what they are about. */
const slack: usize = 16;
const pageBytes: usize = 1 << 16;
const firstSlots: u32 = 1 << 13;

/** Distinct ids, numbered from 0 as they come: id `n` is `arena[ends[n - 1], ends[n])`. As IdTable, with the same hash. */
@unmanaged
class Ids {
  arena: usize;
  ends: usize;
  hashes: usize;
  /** Number + 1 of the id in each slot, 0 for none; at most half of the slots are taken. */
  slots: usize;
  mask: u32;
  size: u32;
  last: u32;
}

/** Where the two tables of ids stand. */
const paths: usize = 1024;
const products: usize = 2048;
const firstRegion: usize = 4096;

let nextRegion: usize = 0;
let views: usize = 0;
let viewsEnd: usize = 0;

/**
 * Forgets the last piece and makes room for one of so many bytes.
 *
 * @returns where it is to be put, with room for two ids behind it; 0 when there is no memory
 */
export function begin(bytes: usize, idBytes: usize): usize {
  // The shortest row takes four bytes; the last line may lack its end.
  const rows = (bytes >> 2) + 1;
  nextRegion = firstRegion;
  const input = region(bytes + 2 * idBytes);
  views = region(8 * rows);
  viewsEnd = views;
  placeIds(changetype<Ids>(paths), bytes, rows);
  placeIds(changetype<Ids>(products), bytes, rows);
  const missing = <i32>((nextRegion + pageBytes - 1) / pageBytes) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) {
    return 0;
  }
  clearIds(changetype<Ids>(paths), firstSlots);
  clearIds(changetype<Ids>(products), firstSlots);
  return input;
}

function region(bytes: usize): usize {
  const at = nextRegion;
  nextRegion = (at + bytes + slack + 15) & ~15;
  return at;
}

function placeIds(ids: Ids, bytes: usize, rows: usize): void {
  ids.arena = region(bytes);
  ids.ends = region(4 * rows);
  ids.hashes = region(4 * rows);
  let slots: usize = firstSlots;
  while (slots < 2 * rows) {
    slots *= 2;
  }
  ids.slots = region(4 * slots);
}

function clearIds(ids: Ids, slots: u32): void {
  ids.size = 0;
  ids.last = 0;
  ids.mask = slots - 1;
  memory.fill(ids.slots, 0, 4 * slots);
}

/** Where the views are, pairs of numbers of a path and a product, and where they end. */
export function viewsAt(): usize {
  return views;
}

export function viewsEndAt(): usize {
  return viewsEnd;
}

export function pathsAt(): usize {
  return paths;
}

export function productsAt(): usize {
  return products;
}

/**
 * Takes lines for as long as they are plain rows.
 *
 * @param swapped whether the product comes first
 * @returns where the first line begins that is none; `end` when all are
 */
export function rows(start: usize, end: usize, swapped: bool): usize {
  const firstIds = changetype<Ids>(swapped ? products : paths);
  const secondIds = changetype<Ids>(swapped ? paths : products);
  const firstPlace: usize = swapped ? 4 : 0;
  const controls = i8x16.splat(0x20);
  const deletes = i8x16.splat(0x7f);
  const backslashes = i8x16.splat(0x5c);
  let line = start;
  let tabAt: usize = 0;
  for (let block = start; block < end; block += 16) {
    const bytes = v128.load(block);
    // Signed: what is not ASCII is below zero.
    const special = v128.or(
      i8x16.lt_s(bytes, controls),
      v128.or(i8x16.eq(bytes, deletes), i8x16.eq(bytes, backslashes)),
    );
    for (let bits = i8x16.bitmask(special); bits !== 0; bits &= bits - 1) {
      const at = block + ctz(bits);
      if (at >= end) {
        return line;
      }
      const byte = <u32>load<u8>(at);
      if (byte === tab && tabAt === 0) {
        tabAt = at;
      } else if (byte === lineFeed && tabAt !== 0 && isPlainId(line, tabAt) && isPlainId(tabAt + 1, at)) {
        store<u32>(viewsEnd + firstPlace, intern(firstIds, line, tabAt));
        store<u32>(viewsEnd + 4 - firstPlace, intern(secondIds, tabAt + 1, at));
        viewsEnd += 8;
        line = at + 1;
        tabAt = 0;
      } else {
        return line;
      }
    }
  }
  return line;
}

/** Takes a view whose ids are `[path, product)` and `[product, end)`. */
export function view(path: usize, product: usize, end: usize): void {
  store<u32>(viewsEnd, intern(changetype<Ids>(paths), path, product));
  store<u32>(viewsEnd + 4, intern(changetype<Ids>(products), product, end));
  viewsEnd += 8;
}

function isPlainId(start: usize, end: usize): bool {
  const length = end - start;
  return length !== 0 && length <= maxPlainId && !(length === 4 && load<u32>(start) === nullWord);
}

function intern(ids: Ids, start: usize, end: usize): u32 {
  // Views come sorted by path more often than not.
  if (ids.size !== 0 && isId(ids, ids.last, start, end)) {
    return ids.last;
  }
  const hash = hashOf(start, end);
  const slots = ids.slots;
  const mask = ids.mask;
  let slot = hash & mask;
  for (let found = load<u32>(slots + 4 * slot); found !== 0; found = load<u32>(slots + 4 * slot)) {
    if (load<u32>(ids.hashes + 4 * (found - 1)) === hash && isId(ids, found - 1, start, end)) {
      ids.last = found - 1;
      return found - 1;
    }
    slot = (slot + 1) & mask;
  }
  const number = ids.size;
  add(ids, number, slot, hash, start, end);
  ids.last = number;
  return number;
}

function startOf(ids: Ids, number: u32): usize {
  return number === 0 ? 0 : load<u32>(ids.ends + 4 * (number - 1));
}

function isId(ids: Ids, number: u32, start: usize, end: usize): bool {
  const from = startOf(ids, number);
  const length = end - start;
  if (<usize>load<u32>(ids.ends + 4 * number) !== from + length) {
    return false;
  }
  const id = ids.arena + from;
  let at: usize = 0;
  for (; at + 8 <= length; at += 8) {
    if (load<u64>(id + at) !== load<u64>(start + at)) {
      return false;
    }
  }
  const rest = <u64>(8 * (length - at));
  return rest === 0 || (load<u64>(id + at) ^ load<u64>(start + at)) << (64 - rest) === 0;
}

function add(ids: Ids, number: u32, slot: u32, hash: u32, start: usize, end: usize): void {
  const from = startOf(ids, number);
  const length = end - start;
  for (let at: usize = 0; at < length; at += 8) {
    store<u64>(ids.arena + from + at, load<u64>(start + at));
  }
  store<u32>(ids.ends + 4 * number, from + length);
  store<u32>(ids.hashes + 4 * number, hash);
  store<u32>(ids.slots + 4 * slot, number + 1);
  ids.size = number + 1;
  if (ids.size << 1 > ids.mask) {
    addSlots(ids);
  }
}

function addSlots(ids: Ids): void {
  const slots = ids.slots;
  const mask = 2 * ids.mask + 1;
  memory.fill(slots, 0, 4 * (mask + 1));
  for (let number: u32 = 0; number < ids.size; number++) {
    let slot = load<u32>(ids.hashes + 4 * number) & mask;
    while (load<u32>(slots + 4 * slot) !== 0) {
      slot = (slot + 1) & mask;
    }
    store<u32>(slots + 4 * slot, number + 1);
  }
  ids.mask = mask;
}

/** FNV-1a with a last mixing, as `hashOf` of IdTable. */
function hashOf(start: usize, end: usize): u32 {
  let hash: u32 = 0x811c9dc5;
  for (let at = start; at < end; at++) {
    hash = (hash ^ load<u8>(at)) * 0x01000193;
  }
  hash ^= hash >> 15;
  return hash * 0x2c1b3c6d;
}
