/** In the single program this is what `import("sharp")` finds: the library as it was packed, which cannot be loaded from inside of it. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { carriedOf, unpackOnce } from "../core/config/carried.ts";
import { makeOwnFolder } from "../core/config/own-file.ts";
import { dataDirOf } from "../core/utils/env.ts";

const home = join(await dataDirOf(process.env), "programs");
await makeOwnFolder(home);
const folder = await unpackOnce(await carriedOf("sharp"), home);

export default createRequire(join(folder, "psn.js"))(join(folder, "node_modules/sharp"));
