/** The style of a draft's page, beside that of all pages. */
import { GEOMETRY } from "../page/geometry.ts";

const { padding, avatar, avatarGap } = GEOMETRY;
const indent = padding + avatar + avatarGap;

/**
 * Tweets out of sight are not laid out: after an act in a thread of a hundred that was 20 of the 37 ms until the next picture. Their line to
 * the next tweet and the outline of a button reach over their edge.
 */
const FEED_STYLE = `[role=feed]>article{content-visibility:auto;contain-intrinsic-size:auto 220px;overflow-clip-margin:12px}`;

const FOR_AUTHORS = "#feed :is(.cut,.tools,.warnings,.count)";

export const DRAFT_STYLE_WITHOUT_SCRIPT = `:root:has(#as-on-x:checked) ${FOR_AUTHORS}{display:none}`;

export const DRAFT_STYLE = `${FEED_STYLE}
.summary{padding:12px ${padding}px;border-bottom:1px solid var(--rule)}
.figures{display:flex;flex-wrap:wrap;gap:4px 16px;color:var(--soft)}.figures b{color:var(--ink)}
.state{font-weight:700;padding-bottom:4px}
.warnings{display:grid;gap:4px;margin-top:8px}
.warnings:empty{display:none}
.warning{font-size:13px;line-height:18px;color:var(--warn);background:var(--warn-paper);border-radius:8px;padding:5px 10px}
.warning.blocking{color:var(--bad);font-weight:700}
.count{margin-left:auto;font-size:13px;line-height:20px;font-variant-numeric:tabular-nums;white-space:nowrap}
.count .nth{margin:0 6px 0 0;font-weight:700;color:var(--ink)}
.count .length{color:inherit}
.count.over .length,.length.over{color:var(--bad);font-weight:700}
.opened-tweet .count{margin-left:0}
.cut{grid-column:1/-1;margin:10px -${padding}px -${padding - 4}px;padding:0 ${padding}px 0 ${indent}px;display:flex;flex-wrap:wrap;align-items:center;gap:2px 8px;position:relative;min-height:28px;color:var(--soft);font-size:13px;line-height:18px}
.cut::before{content:"";position:absolute;left:${indent}px;right:${padding}px;top:0;border-top:1px dashed var(--edge)}
.cut .why{padding:5px 0}
.cut.torn .why{color:var(--warn)}
.moves{display:flex;gap:4px;margin-left:auto}
.moves button{min-width:30px;padding-inline:8px}
.tools{display:flex;flex-wrap:wrap;gap:6px;align-items:center;padding-top:10px}
.tools form,.cut form{display:inline-flex;gap:6px}
.tools details{flex:0 1 auto;min-width:0}.tools details[open]{flex:1 1 100%}
.tools summary,.draft-more summary{list-style:none;cursor:pointer;font-size:13px;line-height:18px;padding:3px 10px;border:1px solid var(--edge);border-radius:999px;display:inline-block}
.tools summary::-webkit-details-marker,.draft-more summary::-webkit-details-marker{display:none}
.tools summary:hover,.draft-more summary:hover{background:var(--hover)}
.tools textarea,.draft-more textarea{min-height:108px;margin-top:8px;field-sizing:content;line-height:20px}
.tools .edit form,.tools .media-form form,.draft-more form{display:block}
:is(.edit,.media-form,.draft-more):not([open])>form{display:none}
.handle-grip{cursor:ns-resize;touch-action:none;border:1px solid var(--edge);border-radius:999px;background:var(--paper);padding:2px 8px;min-height:26px;font-size:13px;line-height:18px;user-select:none;color:var(--ink)}
.handle-grip:hover,.is-dragging .handle-grip:focus{background:var(--solid);color:var(--on-solid)}
.is-dragging{cursor:ns-resize;user-select:none}
.marker{position:absolute;z-index:4;width:2px;background:var(--link);pointer-events:none;border-radius:1px;box-shadow:0 0 0 1px var(--paper)}
.marker output{position:absolute;left:8px;bottom:100%;background:var(--solid);color:var(--on-solid);font-size:12px;line-height:18px;padding:1px 8px;border-radius:999px;white-space:nowrap}
::highlight(psn-moving){background:color-mix(in srgb,var(--link) 28%,transparent)}
.draft-more{padding:12px ${padding}px}
.toast{position:fixed;left:50%;bottom:24px;translate:-50% 0;z-index:8;background:var(--solid);color:var(--on-solid);padding:10px 18px;border-radius:12px;max-width:min(90vw,520px)}
.toast.is-bad{background:var(--bad);color:var(--paper)}
.bound{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:8px 0}.bound dd{margin:0;overflow-wrap:anywhere}
.readback{font-size:17px;line-height:24px;font-weight:700;padding:4px 0}
.keys li{display:flex;gap:8px;justify-content:space-between;color:var(--soft)}
html:not(.has-script) .only-script{display:none}
.as-on-x ${FOR_AUTHORS}{display:none}
label.toggle{display:inline-flex;gap:6px;align-items:center;font-size:13px;line-height:24px;cursor:pointer;color:var(--soft)}
@media (forced-colors:active){.toast{border:2px solid}.warning,.marker output{border:1px solid}.marker{forced-color-adjust:none;background:Highlight}}
@media (max-width:400px){.cut{margin-inline:-12px;padding-left:${indent - 4}px}.cut::before{left:${indent - 4}px;right:12px}}
`;
