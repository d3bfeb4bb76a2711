/** What bin/psn sets before it starts PSN, for the single program; imported before anything else. */

// What psn writes is its user's alone.
process.umask(0o077);

// Bun sends requests to this machine itself through a proxy, too, unless told not to; the sandbox would be out of reach.
const here = "127.0.0.1,localhost,::1";
const others = process.env.no_proxy || process.env.NO_PROXY;
process.env.no_proxy = process.env.NO_PROXY = others ? `${others},${here}` : here;
