/** In the single program this is what `import("sharp")` finds: the library as it was packed, which cannot be loaded from inside of it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { carriedOf, unpackOnce } from "../core/config/carried.ts";
import { defaultDataDir } from "../core/config/folders.ts";
import { makeOwnFolder } from "../core/config/own-file.ts";

const home = join(defaultDataDir(), "programs");
await makeOwnFolder(home);
const folder = await unpackOnce(await carriedOf("sharp"), home);

export default createRequire(join(folder, "psn.js"))(join(folder, "node_modules/sharp"));
