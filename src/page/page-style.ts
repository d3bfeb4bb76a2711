/** The style sheet of what stands around tweets: the bar at the top, the column, panels, forms. */
import { GEOMETRY } from "./geometry.ts";

const { column, padding } = GEOMETRY;
/** With its two borders. */
const framed = column + 2;
const asideWidth = 350;

export const PAGE_STYLE = `
#away{position:fixed;inset:auto 0 0;z-index:9;margin:0;padding:10px 16px;text-align:center;background:var(--bad);color:var(--paper);border-top:2px solid var(--bad)}
.skip{position:absolute;left:8px;top:-60px;z-index:9;background:var(--solid);color:var(--on-solid);padding:10px 16px;border-radius:8px}
.skip:focus{top:8px}
.top{position:sticky;top:0;z-index:5;background:var(--paper);border-bottom:1px solid var(--rule)}
.top-inner{max-width:${framed + asideWidth + 30}px;margin:auto;padding:8px ${padding}px;display:flex;flex-wrap:wrap;gap:4px 16px;align-items:center;min-height:52px}
.top h1{font-size:20px;line-height:24px;font-weight:800;letter-spacing:-.01em;margin-right:auto;min-width:0;overflow-wrap:anywhere}
.top h1 small{font-size:13px;line-height:16px;font-weight:400;color:var(--soft);letter-spacing:0}
.themes{display:flex;border:1px solid var(--edge);border-radius:999px;padding:1px}
.themes label{font-size:13px;line-height:24px;min-height:24px;padding:0 9px;border-radius:999px;cursor:pointer;color:var(--soft)}
.themes input:checked+label{background:var(--solid);color:var(--on-solid);font-weight:600}
.themes input:focus-visible+label{outline:2px solid var(--link);outline-offset:2px}
.layout{max-width:${framed}px;margin:auto}
.layout.with-aside{max-width:${framed + asideWidth + 30}px;display:grid;grid-template-columns:minmax(0,${framed}px) ${asideWidth}px;gap:30px}
main{max-width:${framed}px;min-height:calc(100vh - 53px);border:solid var(--rule);border-width:0 1px;padding-bottom:20vh}
main:focus{outline:none}
aside{padding:12px 0 60px;min-width:0}
@media (min-width:1012px){.sticky{position:sticky;top:65px;max-height:calc(100vh - 77px);overflow:auto}}
@media (max-width:1011px){.layout.with-aside{grid-template-columns:minmax(0,1fr);max-width:${framed}px;gap:0}main{min-height:0;padding-bottom:24px}aside{padding:12px ${padding}px 60px;border:solid var(--rule);border-width:1px 1px 0}}
@media (max-width:640px){main,aside{border-inline:0}.top{position:static}}
.panel{border:1px solid var(--rule);border-radius:16px;padding:12px ${padding}px;margin-bottom:16px;overflow-wrap:anywhere}
.panel h2{font-size:20px;line-height:24px;font-weight:800;margin-bottom:8px}
.panel h3{font-size:15px;line-height:20px;font-weight:700;margin:12px 0 4px}
.panel li{padding:3px 0}
.panel .row,.rows li{display:flex;gap:8px;align-items:baseline}
.rows li>:last-child{margin-left:auto;color:var(--soft);white-space:nowrap;font-variant-numeric:tabular-nums}
.rows .grow{min-width:0}
.panel code,.small code{font:13px/18px ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
.small{font-size:13px;line-height:18px}
kbd{font:12px/16px ui-monospace,Menlo,Consolas,monospace;border:1px solid var(--edge);border-radius:4px;padding:0 4px}
.bad{color:var(--bad)}.good{color:var(--good)}
.here{font-weight:700}
button,.button{font:inherit;font-weight:700;border:1px solid var(--edge);border-radius:999px;background:transparent;color:var(--ink);padding:6px 16px;min-height:32px;cursor:pointer;display:inline-block;text-align:center}
button:hover,.button:hover{background:var(--hover);text-decoration:none}
button.solid{background:var(--solid);border-color:var(--solid);color:var(--on-solid)}
button.solid:hover{filter:contrast(.85)}
button.slim,.button.slim{font-weight:400;font-size:13px;line-height:18px;padding:2px 10px;min-height:26px}
button:disabled{opacity:.5;cursor:default}
input[type=text],input[type=number],textarea,select{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:8px;padding:8px 10px;width:100%;max-width:100%}
input[type=file]{font:inherit;font-size:13px;width:100%;min-width:0}
label.field{display:block;margin:8px 0}
label.field>span{display:block;font-size:13px;line-height:18px;color:var(--soft);margin-bottom:2px}
form.inline{display:inline}
.buttons{display:flex;flex-wrap:wrap;gap:8px;margin-top:8px}
.notice{margin:${padding}px;border:1px solid var(--edge);border-radius:12px;padding:10px 14px}
.notice h2{font-size:17px;line-height:22px;font-weight:800;margin-bottom:6px}
.notice.is-bad{border-color:var(--bad)}
.notice.is-good{border-color:var(--good)}
.thread-head{padding:12px ${padding}px 0;font-size:13px;line-height:18px;font-weight:400;color:var(--soft)}
.empty{padding:64px ${padding}px;text-align:center;color:var(--soft)}
.empty a{text-decoration:underline}
.empty b{display:block;color:var(--ink);font-size:20px;line-height:28px}
.pages{display:flex;justify-content:space-between;padding:${padding}px;color:var(--link)}
.profile{padding:${padding}px;border-bottom:1px solid var(--rule);display:grid;grid-template-columns:auto 1fr;gap:0 12px;align-items:center}
.profile .avatar{width:64px;height:64px;font-size:28px;grid-row:1/3}
.profile h2{font-size:20px;line-height:24px;font-weight:800}
@media (forced-colors:active){.themes input:checked+label{forced-color-adjust:none;background:Highlight;color:HighlightText}button{border:1px solid}button.solid{forced-color-adjust:none;background:ButtonText;border-color:ButtonText;color:ButtonFace}}
@media print{.top,aside,.skip{display:none}main{border:0}}
`;
