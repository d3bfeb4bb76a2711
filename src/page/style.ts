/** The style sheet of a tweet and of the column it stands in: X's measures, system fonts, light, dim and dark. */
import { GEOMETRY } from "./geometry.ts";
import { HUES } from "./tweet.ts";

const { padding, gap, avatar, avatarOpened, avatarGap, text, textOpened, media, replyLine } = GEOMETRY;
const lineLeft = padding + avatar / 2 - replyLine / 2;

const LIGHT = `--paper:#fff;--ink:#0f1419;--soft:#536471;--rule:#eff3f4;--edge:#cfd9de;--link:#0b69c7;--shade:#f7f9f9;--hover:#eff3f4;--bad:#c5162b;--warn:#8a5300;--warn-paper:#fff6e0;--good:#00703c;--solid:#0f1419;--on-solid:#fff`;
const DIM = `--paper:#15202b;--ink:#f7f9f9;--soft:#8b98a5;--rule:#38444d;--edge:#425364;--link:#1a8cd8;--shade:#1e2732;--hover:#22303c;--bad:#ff8a93;--warn:#ffcf70;--warn-paper:#2b2a1f;--good:#5fd699;--solid:#eff3f4;--on-solid:#0f1419`;
const DARK = `--paper:#000;--ink:#e7e9ea;--soft:#8b9096;--rule:#2f3336;--edge:#3e4347;--link:#188ad4;--shade:#16181c;--hover:#1d1f23;--bad:#ff7a85;--warn:#ffcb61;--warn-paper:#1f1b10;--good:#4fd08d;--solid:#eff3f4;--on-solid:#0f1419`;

/** A choice made on the page wins over the system's. `root` is the selector of a root that has it. */
const themes = (root: (theme: "system" | "light" | "dim" | "dark") => string) => `
${root("system")}{color-scheme:light;${LIGHT}}
@media (prefers-color-scheme:dark){${root("system")}{color-scheme:dark;${DARK}}}
${root("light")}{color-scheme:light;${LIGHT}}
${root("dim")}{color-scheme:dark;${DIM}}
${root("dark")}{color-scheme:dark;${DARK}}
`;

/** A script says the choice in an attribute: asked of the buttons by `:has`, each change of the page would style all of it anew. */
const THEMES = themes((theme) => (theme === "system" ? ":root" : `:root[data-theme=${theme}]`));

/** The choice where no script runs. */
export const THEMES_WITHOUT_SCRIPT = themes((theme) => `:root:has(#theme-${theme}:checked)`);

const hues = Array.from(
  { length: HUES },
  (_, hue) => `.hue-${hue}{background:hsl(${hue * (360 / HUES)} 45% 34%)}`,
).join("");

/** No font of emoji is named: it holds digits, too, and is found by browsers themselves where a character needs it. */
export const TWEET_STYLE = `${THEMES}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:64px}
body{margin:0;background:var(--paper);color:var(--ink);font:${text.size}px/${text.line}px -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,"Noto Sans","Noto Sans Thai","Noto Naskh Arabic","Noto Sans CJK JP","DejaVu Sans",sans-serif}
a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline}
h1,h2,h3,p,ul,ol,dl,dd,fieldset{margin:0;padding:0;border:0}
ul,ol{list-style:none}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;padding:0;overflow:hidden;clip-path:inset(50%);white-space:nowrap;border:0}
.faint{color:var(--soft)}
.tag{color:var(--link)}
.icon{width:18.75px;height:18.75px;flex:none}
.tweet{position:relative;display:grid;grid-template-columns:${avatar}px minmax(0,1fr);column-gap:${avatarGap}px;padding:${gap}px ${padding}px;border-bottom:1px solid var(--rule);overflow-wrap:anywhere}
.tweet:focus{outline:none;box-shadow:inset 3px 0 0 var(--link)}
.tweet.goes-on{border-bottom-color:transparent}
.tweet.goes-on::after,.tweet.is-reply::before{content:"";position:absolute;left:${lineLeft}px;width:${replyLine}px;background:var(--edge)}
.tweet.goes-on::after{top:${gap + avatar + 4}px;bottom:-1px}
.tweet.is-reply::before{top:0;height:${gap - 4}px}
.avatar{grid-row:1/span 2;width:${avatar}px;height:${avatar}px;border-radius:50%;display:grid;place-items:center;color:#fff;font-weight:700;font-size:17px;line-height:1;user-select:none}
${hues}
.head{display:flex;flex-wrap:wrap;align-items:baseline;column-gap:4px;min-width:0;color:var(--soft)}
.head h3{display:flex;gap:2px;align-items:center;font:inherit;font-weight:700;color:var(--ink);min-width:0}
.verified{color:var(--link);display:inline-flex}.verified .icon{width:16px;height:16px}
.mark{font-size:12px;line-height:16px;border:1px solid var(--edge);border-radius:999px;padding:0 7px;color:var(--soft)}
.mark.bad{color:var(--bad);border-color:currentColor}
.body{grid-column:2;min-width:0}
.text{white-space:pre-wrap;unicode-bidi:plaintext;font-size:${text.size}px;line-height:${text.line}px}
.is-deleted .text{color:var(--soft);text-decoration:line-through}
.opened-tweet{grid-template-columns:${avatarOpened}px minmax(0,1fr)}
.opened-tweet>.avatar{grid-row:auto;width:${avatarOpened}px;height:${avatarOpened}px;font-size:20px}
.opened-tweet>.head{flex-direction:column;align-self:center}
.opened-tweet>.body{grid-column:1/-1;padding-top:8px}
.opened-tweet>.body>.text,.opened-tweet>.body>.folding>.text{font-size:${textOpened.size}px;line-height:${textOpened.line}px}
.opened-tweet.goes-on::after{display:none}
.opened-at{color:var(--soft);padding-top:12px}
.rest,.more .opened{display:none}
.fold:checked~.text .rest{display:inline}
.fold:checked~.text .ellipsis,.fold:checked~.more .closed{display:none}
.fold:checked~.more .opened{display:inline}
${[1, 2, 3, 4].map((depth) => `.side-${depth}{margin-left:${depth * 20}px;border-left:2px solid var(--rule)}`).join("")}
.more{color:var(--link);cursor:pointer;display:inline-block}
.fold:focus-visible~.more{outline:2px solid var(--link);outline-offset:2px;border-radius:4px}
.actions{display:flex;justify-content:space-between;max-width:425px;padding-top:12px;color:var(--soft)}
.media{margin-top:12px;display:grid;gap:${media.gap}px;border-radius:${media.radius}px;overflow:hidden;position:relative}
.media .item{position:relative;min-width:0;min-height:0;background:var(--shade)}
.media img,.media video,.media .blank{display:block;width:100%;height:100%;object-fit:cover}
.media.of-1{grid-template-columns:minmax(0,max-content)}
.media.of-1 .item{border-radius:${media.radius}px;overflow:hidden;max-width:100%}
.media .space{display:block;max-width:100%;height:auto}
.media .is-guessed+*{object-fit:contain}
.media.of-2,.media.of-3,.media.of-4{grid-template-columns:1fr 1fr;aspect-ratio:16/9}
.media.of-2{grid-template-rows:1fr}
.media.of-3,.media.of-4{grid-template-rows:1fr 1fr}
.media.of-3 .item:first-child{grid-row:1/3}
.media .item :is(img,video,.blank){position:absolute;inset:0}
.media .blank{display:grid;place-items:center;color:var(--soft);padding:8px;text-align:center;border:1px solid var(--rule)}
.badges{position:absolute;left:8px;bottom:8px;right:8px;display:flex;gap:4px;align-items:end;flex-wrap:wrap;pointer-events:none}
.badges>*{pointer-events:auto}
.media video+.badges{top:8px;bottom:auto;align-items:start}
.badge,.alt summary{background:rgb(0 0 0/.77);color:#fff;font-size:12px;line-height:18px;font-weight:700;padding:1px 6px;border-radius:4px}
.badge.no-alt{background:#a1101f}
.alt summary{list-style:none;cursor:pointer;display:inline-block;min-width:24px;min-height:24px;padding:3px 7px}
.alt summary::-webkit-details-marker{display:none}
.alt[open]{flex-basis:100%}
.alt p{margin-top:4px;background:rgb(0 0 0/.86);color:#fff;border-radius:8px;padding:8px 12px;font-size:14px;max-height:130px;overflow:auto;white-space:pre-wrap}
.crop{margin-top:6px;color:var(--soft);font-size:13px}
.crop summary{cursor:pointer;min-height:24px}
.crop svg{display:block;max-width:100%;max-height:360px;border-radius:8px;margin-top:4px;background:#444}
.poll{margin-top:12px;color:var(--soft)}
.poll li{border-radius:4px;background:var(--rule);color:var(--ink);padding:6px 12px;margin-bottom:4px;min-height:32px}
.quote,.card{display:block;margin-top:12px;border:1px solid var(--edge);border-radius:${media.radius}px;overflow:hidden}
.quote{padding:${gap}px}
.quote .name{font-weight:700}.quote .handle{color:var(--soft)}
.card{display:flex;min-height:96px;align-items:stretch}
.card:hover{text-decoration:none;background:var(--hover)}
.card-picture{flex:0 0 96px;display:grid;place-items:center;background:var(--shade);border-right:1px solid var(--edge);color:var(--soft)}
.card-words{padding:12px;align-self:center;display:grid;gap:2px}
@media (max-width:400px){.tweet{padding-inline:12px}.tweet.goes-on::after,.tweet.is-reply::before{left:${lineLeft - 4}px}.card{min-height:72px}.card-picture{flex-basis:72px}}
@media (prefers-reduced-motion:no-preference){.tweet.is-new{animation:come .4s ease-out}@keyframes come{from{background:var(--hover)}}}
@media (forced-colors:active){.avatar,.badge,.alt summary,.poll li{border:1px solid}.tweet.goes-on::after,.tweet.is-reply::before{background:CanvasText}.tweet:focus{outline:3px solid Highlight;outline-offset:-3px}}
`;
