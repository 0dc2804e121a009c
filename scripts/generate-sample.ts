/**
 * Writes sample-data/{products,views}.tsv, the same bytes at every run: `npx tsx scripts/generate-sample.ts`.
 *
 * The model: an outdoor shop, and visitors who each come with one errand (a trek, a campsite, good coffee on the road).
 * An errand needs a few categories, in the order in which people think of them: sleeping bag, tent, mat. From a product
 * visitors go to one of its accessories (or from an accessory to what it belongs to), to something similar in its
 * category, to a neighbouring category of their errand, back to a product that they saw before, or now and then to
 * anything else. Names that share a word (a range, "Women's", "Double") attract each other; whatever visitors choose
 * from, popularity has a long tail.
 *
 * On purpose there are also many visits that see one product only, one crawler that reads the whole catalogue in a
 * single path, and a few products that nobody has viewed because they are not on sale yet.
 */
import { writeFileSync } from 'node:fs';

const PATHS = 8_000;
/** The path, counted from 1, that is the crawler's. */
const CRAWLER = 3_117;
/** Share of visits that end at their first view; with GO_ON it makes about 35 % of the paths see one product only. */
const BOUNCE = 0.22;
/** Chance that a visit which is no bounce goes on after each view; with PATHS it makes about 42,500 rows. */
const GO_ON = 0.84;

/** Errand: its share of the visits, and its categories; neighbours in the list are viewed together most. */
const ERRANDS: Record<string, { share: number; needs: string[] }> = {
  trekking: { share: 21, needs: ['Sleeping Bags', 'Tents', 'Sleeping Mats', 'Backpacks', 'Camp Kitchen', 'Water'] },
  camping: { share: 16, needs: ['Sleeping Bags', 'Tents', 'Sleeping Mats', 'Furniture', 'Camp Kitchen', 'Lighting'] },
  hiking: { share: 20, needs: ['Water', 'Backpacks', 'Trekking Poles', 'Footwear', 'Socks', 'Jackets', 'Lighting'] },
  coffee: { share: 11, needs: ['Coffee Gear', 'Coffee and Filters', 'Camp Kitchen'] },
  climbing: { share: 10, needs: ['Backpacks', 'Climbing', 'Footwear'] },
  running: { share: 8, needs: ['Lighting', 'Backpacks', 'Footwear', 'Socks', 'Water'] },
  winter: { share: 8, needs: ['Sleeping Bags', 'Jackets', 'Climbing', 'Footwear', 'Socks'] },
  family: { share: 6, needs: ['Sleeping Bags', 'Backpacks', 'Jackets', 'Footwear', 'Socks', 'Lighting'] },
};

/**
 * The catalogue, one range of products a line: the errand that it suits, the name of the range, its products. Of ranges
 * and of products, what sells best stands first. `>` puts accessories behind the product that they belong to; `!` marks
 * a product that is not on sale yet.
 */
const CATALOGUE: Record<string, string> = {
  Tents: `
    trekking Curlew: 2-Person Tent > 2-Person Footprint > Gear Loft, 1-Person Tent > 1-Person Footprint, !4-Person Tent
    trekking Dunlin: Solo Trekking Pole Tent > Pole Adapter, Duo Trekking Pole Tent > Groundsheet
    trekking Bramble: 2-Person Tunnel Tent > Tunnel Footprint, 3-Person Tunnel Tent
    trekking Nightjar: Bivvy Bag, Tarp 3 x 3 m > Tarp Guy Line Kit, Bug Net Shelter
    camping Meadowsweet: 4-Person Tent > 4-Person Carpet, 6-Person Tent > 6-Person Carpet > Front Awning
    camping Haybarn: 5-Person Inflatable Tent > Tent Pump, 8-Person Inflatable Tent > Side Annexe
    camping Windfall: Beach Shelter, Pop-Up Tent, Event Shelter > Side Wall
    camping Stillwater: Steel Peg Set, Peg Mallet, Seam Sealer, Guy Rope Pack`,
  'Sleeping Bags': `
    trekking Plover: Down Bag Summer, Down Bag 3-Season > Compression Sack, Down Quilt
    trekking Teasel: Synthetic Bag Summer, Synthetic Bag 3-Season > Stuff Sack, Women's Bag 3-Season
    trekking Silkmoth: Silk Liner, Cotton Liner, Thermal Liner
    camping Hayloft: Square Bag Single, Square Bag Double > Double Bag Sheet, Square Bag Extra Wide
    camping Clover: Camping Duvet Single, Camping Duvet Double, Fleece Blanket, Picnic Blanket
    winter Snowbunting: Down Bag Winter > Vapour Liner, Down Bag Expedition, Down Booties, !Down Bag Polar
    family Dormouse: Growing Sleeping Bag, Junior Sleeping Bag > Junior Pillow, Toddler Sleeping Bag`,
  'Sleeping Mats': `
    trekking Featherbed: Air Mat Regular > Mat Repair Kit, Air Mat Long, Insulated Air Mat > Pump Sack, Women's Air Mat
    trekking Foldaway: Foam Mat Short, Foam Mat Full Length, Foam Sit Pad
    trekking Drowse: Inflatable Pillow > Pillow Case, Compressible Pillow
    camping Lullaby: Self-Inflating Mat Single, Self-Inflating Mat Double > Fitted Sheet, Self-Inflating Mat 10 cm
    camping Goodnight: Air Bed Single, Air Bed Double > Foot Pump > Rechargeable Pump, Camp Bed, Camping Pillow`,
  Furniture: `
    camping Lakeside: Folding Chair > Chair Cup Holder, Reclining Chair > Footrest, Director's Chair, Low Beach Chair
    camping Orchard: Folding Table Small, Folding Table Large, Roll-Top Table > Table Carry Bag, Picnic Table Set
    camping Gable: Camp Cupboard, Kitchen Stand > Stand Windshield, Wardrobe Organiser, Shoe Tidy
    camping Saltbox: Cool Box 24 L > Ice Packs, Cool Box 45 L, Electric Cool Box > 12 V Cable, Soft Cooler Bag
    camping Idle: Hammock > Hammock Straps, Double Hammock > Hammock Stand
    trekking Pebble: Packable Stool, Packable Chair > Chair Ground Mat`,
  'Camp Kitchen': `
    trekking Wisp: Micro Gas Stove > Stove Windshield, Integrated Stove System > Hanging Kit > Stabiliser, Spirit Burner
    trekking Bluecap: Gas Cartridge 100 g, Gas Cartridge 230 g > Cartridge Stand, Gas Cartridge 450 g
    trekking Thrift: Titanium Pot 750 ml > Pot Lid, Titanium Pot 1.1 L, Titanium Mug, Long-Handled Spoon, Folding Spork
    trekking Larder: Vegetable Curry Meal, Pasta Bolognese Meal, Porridge with Berries, Chilli Meal, Seven-Day Meal Box
    camping Gather: Double-Burner Stove > Gas Hose and Regulator, Single-Burner Stove, Grill Stove > Grill Plate
    camping Homestead: Cook Set for 4 > Strainer Lid, Cook Set for 6, Non-Stick Frying Pan, Stock Pot, Cast Iron Griddle
    camping Picnic: Melamine Plate Set, Melamine Bowl Set, Cutlery Set for 4, Chopping Board, Tumbler Set, Wash Bowl
    camping Hearth: Fire Pit > Spark Guard, Portable Barbecue > Barbecue Tongs, Toasting Forks, Fire Starters
    coffee Whistle: Camp Kettle 0.9 L, Camp Kettle 1.4 L, Gooseneck Kettle > Kettle Thermometer
    coffee Snug: Enamel Mug, Enamel Mug Set of 4, Insulated Mug > Mug Lid, Travel Cup
    coffee Kettleside: Breakfast Tea, Peppermint Tea, Hot Chocolate, Chai Mix > Chai Whisk`,
  'Coffee Gear': `
    coffee Millstream: Hand Grinder > Cleaning Brush > Spare Burr Set, Travel Hand Grinder, Electric Grinder
    coffee Rivulet: Pour-Over Dripper > Dripper Stand, Folding Dripper > Dripper Pouch, Ceramic Dripper, Steel Filter
    coffee Harbour: French Press 350 ml > Press Filter Mesh, French Press 1 L, Insulated French Press
    coffee Foundry: Moka Pot 3 Cups > Moka Gasket Set, Moka Pot 6 Cups, Travel Espresso Maker > Espresso Tamper
    coffee Measure: Pocket Coffee Scales, Coffee Scoop, Airtight Bean Tin, Milk Frother, Glass Coffee Server`,
  'Coffee and Filters': `
    coffee Rivulet: Filter Papers (100), Small Filter Papers (100), Filter Paper Holder
    coffee Daybreak: Filter Roast Beans 250 g, Filter Roast Beans 1 kg, Decaf Beans 250 g, Breakfast Blend Ground 250 g
    coffee Lamplight: Espresso Beans 250 g, Espresso Beans 1 kg, Dark Roast Ground 250 g
    coffee Highfield: Ethiopian Beans 250 g, Colombian Beans 250 g, Kenyan Beans 250 g, Taster Pack of 4
    coffee Trailside: Instant Coffee Sachets, Coffee Bags (10), Oat Milk Powder, Brown Sugar Sticks`,
  Lighting: `
    camping Glowworm: Camp Lantern > Lantern Hook, Rechargeable Lantern, String Lights > String Light Hub, Tent Light
    camping Beacon: Hand Torch, Torch Twin Pack, Wind-Up Lantern, Citronella Candle
    hiking Lodestar: Headlamp 300 > Headlamp Case, Headlamp 600 > Spare Battery Pack, Headlamp Red Light
    running Fleetfoot: Running Headlamp > Rear Light, Running Chest Light, Reflective Armbands, Running Belt Light
    family Moonbeam: Kids Headlamp, Kids Lantern, Night Light, Glow Sticks`,
  Water: `
    trekking Springhead: Squeeze Water Filter > Backflush Syringe > Spare Pouches, Gravity Filter 4 L, UV Purifier Pen
    trekking Puddle: Water Tablets, Water Carrier 2 L, Folding Cup
    camping Cistern: Water Canister 10 L, Water Canister with Tap 20 L > Spare Tap, Folding Bucket
    hiking Brook: Steel Bottle 0.5 L, Steel Bottle 1 L > Sport Cap, Insulated Bottle 0.75 L > Bottle Sleeve, Flask 1 L
    hiking Reedbed: Hydration Bladder 2 L > Cleaning Kit > Insulated Hose, Hydration Bladder 3 L > Bite Valve
    running Swallow: Soft Flask 250 ml, Soft Flask 500 ml > Drinking Straw, Handheld Flask, Collapsible Race Cup`,
  Backpacks: `
    trekking Packhorse: Backpack 45 L, Backpack 55 L > Rain Cover 55 L > Belt Pocket, Backpack 65 L > Rain Cover 65 L
    trekking Thistledown: Ultralight Pack 40 L > Pack Liner, Ultralight Pack 50 L, Dry Bag Set, Packing Cubes
    hiking Wayside: Daypack 18 L, Daypack 25 L > Rain Cover 25 L, Women's Daypack 22 L, Hip Pack, Sit Mat
    hiking Cairn: Hut Pack 32 L > Rain Cover 32 L, Hut Pack 38 L, First Aid Kit, Map Case, Compass > Compass Lanyard
    climbing Chimney: Crag Pack 30 L, Alpine Pack 28 L > Ice Tool Straps, Haul Bag, Summit Pack 15 L
    running Hare: Running Vest 5 L > Pole Quiver, Running Vest 10 L, Running Belt > Race Number Clips
    family Piggyback: Child Carrier > Sun Canopy > Carrier Rain Cover, Kids Daypack 10 L, Junior Pack 20 L, Reins`,
  Footwear: `
    hiking Ridgeway: Leather Boots > Leather Wax, Waterproof Boots > Proofing Spray, Women's Waterproof Boots
    hiking Footpath: Walking Shoes, Waterproof Walking Shoes, Women's Walking Shoes, Walking Sandals
    hiking Cobbler: Cushioned Insoles, Boot Laces, Boot Brush, Blister Plasters, Boot Bag
    climbing Scramble: Approach Shoes, Women's Approach Shoes, Rock Shoes > Shoe Deodoriser, Performance Rock Shoes
    running Fallow: Trail Running Shoes, Women's Trail Running Shoes, Waterproof Trail Shoes, Fell Shoes, Lock Laces
    winter Icicle: Mountain Boots > Crampon Gaiters, Insulated Snow Boots > Felt Inner Boot, Snowshoes > Snowshoe Bag
    family Scamper: Kids Walking Boots, Kids Wellies > Welly Socks, Kids Sandals, !Kids Snow Boots`,
  Socks: `
    hiking Lambswool: Hiking Socks, Women's Hiking Socks, Hiking Socks 3 Pairs, Liner Socks, Long Hiking Socks
    hiking Bogmyrtle: Waterproof Socks, Short Gaiters, Full-Length Gaiters > Gaiter Straps
    running Thrush: Toe Socks, Ankle Running Socks, Compression Socks, Trail Gaiters
    winter Ptarmigan: Expedition Socks, Heated Socks > Heated Sock Charger, Base Layer Top, Base Layer Leggings
    family Kitten: Kids Hiking Socks 2 Pairs, Kids Wool Socks, !Kids Gaiters`,
  'Trekking Poles': `
    hiking Stride: Aluminium Poles > Rubber Tips > Snow Baskets, Carbon Poles > Carbide Tips, Cork Poles, Women's Poles
    hiking Waymark: Folding Poles > Pole Bag, Single Walking Staff, Shock-Absorbing Poles, Photo Monopod Pole
    running Roebuck: Carbon Race Poles > Race Pole Straps, Folding Race Poles, Pole Gloves`,
  Jackets: `
    hiking Cloudburst: Rain Jacket, Women's Rain Jacket, Rain Trousers, Women's Rain Trousers, Poncho, Waterproof Wash
    hiking Fieldfare: Fleece Jacket, Women's Fleece Jacket, Softshell Jacket, Sun Shirt, Hiking Trousers, Wide-Brim Hat
    winter Eiderdown: Down Jacket > Down Wash, Women's Down Jacket, Belay Jacket, Down Vest, Down Trousers, !Down Skirt
    winter Frostwork: Mountain Gloves > Glove Liners, Mittens, Wool Beanie, Balaclava, Hand Warmers (10)
    family Ladybird: Kids Rain Suit, Kids Rain Jacket, Kids Fleece, Kids Down Jacket, Kids Mittens, Kids Sun Hat`,
  Climbing: `
    climbing Gritstone: Climbing Harness, Belay Device > Carabiner, Climbing Rope > Rope Bag, Climbing Helmet, Chalk Bag
    climbing Gabbro: Quickdraw Set of 6, Quickdraw Set of 12, Nut Set > Nut Key, Cam Set, Sling 120 cm
    climbing Ivy: Climbing Rope 70 m, Half Rope 50 m, Indoor Climbing Rope 40 m, Rope Protector
    climbing Lintel: Women's Climbing Harness, Women's Climbing Helmet, Kids Climbing Harness, Kids Climbing Helmet
    climbing Keystone: Assisted Belay Device, Belay Gloves, Belay Glasses
    climbing Boulderfield: Loose Chalk, Crash Pad > Crash Pad Straps, Chalk Bucket, Holds Brush, Finger Tape
    winter Rimefrost: Ice Axe > Axe Leash, Technical Ice Axe, Steel Crampons > Crampon Bag, Ice Screw, Snow Shovel`,
};

interface Product {
  id: number;
  name: string;
  category: string;
  errand: string;
  popularity: number;
  /** Its accessories, or what it is an accessory of. */
  partners: Product[];
}

/** Mulberry32: numbers in [0, 1). No Math.log or Math.pow in this file: their last bits may differ between machines. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const random = randomNumbers(2008);

/** One of the items, each as likely as its weight says. */
function pick<T>(items: readonly T[], weight: (item: T) => number = () => 1): T {
  const weighted = items.map((item) => ({ item, weight: weight(item) })).filter((entry) => entry.weight > 0);
  let left = random() * weighted.reduce((sum, entry) => sum + entry.weight, 0);
  for (const entry of weighted) {
    left -= entry.weight;
    if (left < 0) return entry.item;
  }
  throw new Error(`Cannot pick one of ${items.length} items: no weight is positive`);
}

/** The products in catalogue order, ids from 1001. */
function readCatalogue(): Product[] {
  const products: Product[] = [];
  for (const [category, text] of Object.entries(CATALOGUE)) {
    const ranges = new Map<string, number>();
    for (const [, errand = '', range = '', list = ''] of text.matchAll(/(\w+) (\w+): (.+)/g)) {
      const rank = (ranges.get(errand) ?? 0) + 1;
      ranges.set(errand, rank);
      for (const [place, group] of list.split(', ').entries()) {
        // Zipf's law, 1 / rank, of ranges in their category and of products in their range, and some luck.
        const popularity = (0.6 + random()) / rank / (place + 1);
        const family = group.split(' > ').map((item, i): Product => {
          const sales = item.startsWith('!') ? 0 : i === 0 ? popularity : popularity * 0.25;
          const name = `${range} ${item.replace('!', '')}`;
          return { id: 1001 + products.length + i, name, category, errand, popularity: sales, partners: [] };
        });
        const [main, ...accessories] = family;
        for (const product of family) product.partners = product === main ? accessories : family.slice(0, 1);
        products.push(...family);
      }
    }
  }
  return products;
}

/** A visit's products in the order of its views. */
function visit(products: readonly Product[]): Product[] {
  const [errand, { needs }] = pick(Object.entries(ERRANDS), ([, { share }]) => share);
  const start = pick(products, (product) => (product.errand === errand ? product.popularity : 0));
  const path = [start];
  if (random() < BOUNCE) return path;
  for (let at = start; random() < GO_ON; path.push(at)) {
    const from = at;
    const words = from.name.split(' ');
    const inCategory = (category: string): Product =>
      pick(products, (product) => {
        if (product.category !== category || product === from) return 0;
        const alike = product.name.split(' ').some((word) => words.includes(word));
        return product.popularity * (product.errand === errand ? 16 : 1) * (alike ? 4 : 1);
      });
    const move = random();
    if (move < 0.14) at = pick(path);
    else if (move < 0.34 && from.partners.length > 0) at = pick(from.partners);
    else if (move < 0.96) {
      const place = needs.indexOf(from.category);
      at = inCategory(pick(needs, (category) => 1 / (1 + 2 * Math.abs(needs.indexOf(category) - place))));
    } else at = pick(products, (product) => product.popularity);
  }
  return path;
}

const products = readCatalogue();
const views = ['path_id\tproduct_id'];
let pathId = 5_210_400;
for (let n = 1; n <= PATHS; n++) {
  // Gaps: visits that looked at no product.
  pathId += 1 + Math.floor(random() * 9);
  const path = n === CRAWLER ? products.filter((product) => product.popularity > 0) : visit(products);
  for (const product of path) views.push(`${pathId}\t${product.id}`);
}
const names = products.map((product) => `${product.id}\t${product.name}\t${product.category}`);
const folder = new URL('../sample-data/', import.meta.url);
writeFileSync(new URL('products.tsv', folder), `${['product_id\tname\tcategory', ...names].join('\n')}\n`);
writeFileSync(new URL('views.tsv', folder), `${views.join('\n')}\n`);
