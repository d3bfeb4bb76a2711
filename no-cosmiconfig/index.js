// CommonJS, as cosmiconfig 8 is. graphile-worker calls cosmiconfigSync(...).search() when it is imported, and no more.
/** How src/core/db/graphile.ts tells this one from the one that runs what it finds. */
exports.findsNothing = true;
exports.cosmiconfigSync = () => ({ search: () => null });
