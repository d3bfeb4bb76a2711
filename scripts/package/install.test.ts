/** A machine that reaches its registry by settings of its own passes them on to an empty HOME. */
import { expect, test } from "bun:test";
import { network } from "./install.ts";

const npmKnows = (known: Record<string, string>) => async (name: string) => known[name] ?? null;

test("a certificate authority that only npm's own files know reaches npm, Node and Bun", async () => {
  const ofNpm = npmKnows({ cafile: "/etc/own-ca.pem", registry: "https://mirror.example/" });
  expect(await network({ HOME: "/root", https_proxy: "http://proxy.example:1" }, ofNpm)).toEqual({
    https_proxy: "http://proxy.example:1",
    npm_config_cafile: "/etc/own-ca.pem",
    NODE_EXTRA_CA_CERTS: "/etc/own-ca.pem",
    npm_config_registry: "https://mirror.example/",
    BUN_CONFIG_REGISTRY: "https://mirror.example/",
  });
});

test("what the environment says wins over npm's files, and what neither says is not set", async () => {
  const own = {
    npm_config_cafile: "/a.pem",
    NODE_EXTRA_CA_CERTS: "/b.pem",
    NPM_CONFIG_REGISTRY: "https://a.example/",
    BUN_CONFIG_REGISTRY: "https://b.example/",
  };
  const ofNpm = npmKnows({ cafile: "/other.pem", registry: "https://other.example/" });
  expect(await network(own, ofNpm)).toEqual({ ...own, npm_config_registry: "https://a.example/" });
  expect(await network({ PATH: "/bin" }, npmKnows({}))).toEqual({});
});
