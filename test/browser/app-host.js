/** The host of an MCP App in a browser: the official bridge, and the client's tools behind it. Bundled by app.test.ts. */
import { AppBridge, PostMessageTransport } from "@modelcontextprotocol/ext-apps/app-bridge";

let bridge;

/** Loads the app into a sandboxed frame, and waits until it is ready. */
window.showApp = async (markup, sandbox) => {
  const frame = document.createElement("iframe");
  frame.title = "The app";
  frame.width = "700";
  frame.height = "900";
  frame.setAttribute("sandbox", sandbox);
  document.body.replaceChildren(frame);
  const to = frame.contentWindow;
  const capabilities = { serverTools: {}, openLinks: {} };
  bridge = new AppBridge(null, { name: "a-host", version: "1" }, capabilities, { hostContext: { theme: "dark" } });
  // Given by the test: the official client.
  bridge.oncalltool = (params) => window.hostCall(params);
  window.opened = [];
  bridge.onopenlink = async ({ url }) => {
    window.opened.push(url);
    return {};
  };
  bridge.onsizechange = ({ height }) => {
    window.wantedHeight = height;
  };
  const ready = new Promise((resolve) => {
    bridge.oninitialized = resolve;
  });
  await bridge.connect(new PostMessageTransport(to, to));
  frame.srcdoc = markup;
  await ready;
};
window.sendResult = (result) => bridge.sendToolResult(result);
