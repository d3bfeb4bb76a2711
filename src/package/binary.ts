/** What scripts/package/binary.ts compiles into the single program. It has no bin/psn before it, so it does here what that does. */
import "./as-bin-psn.ts";
import "./main.ts";
