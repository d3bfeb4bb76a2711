/** The one style sheet of the sandbox's pages: system fonts, no request to anywhere, light and dark. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #f6f4ef; --card: #fffefb; --ink: #1d1c1a; --soft: #6d6a63; --line: #e4e0d6;
  --link: #0b62a8; --accent: #b4531f; --accent-ink: #fff; --shade: #f0ece2; --ok: #2d7a4b; --bad: #b3362b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14151a; --card: #1c1e25; --ink: #e9e7e2; --soft: #9a988f; --line: #2e313b;
    --link: #7dbcf5; --accent: #e08a52; --accent-ink: #1b1208; --shade: #252832; --ok: #6cc592; --bad: #f08a7d;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif, "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji"; }
a { color: var(--link); text-decoration: none; overflow-wrap: anywhere; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
header.top { border-bottom: 1px solid var(--line); background: var(--card); }
.bar { max-width: 66rem; margin: 0 auto; padding: .9rem 1.25rem; display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; align-items: baseline; }
.bar h1 { font-size: 1.05rem; margin: 0; letter-spacing: -.01em; }
.bar h1 a { color: inherit; }
.bar p { margin: 0; color: var(--soft); font-size: .875rem; }
.bar .figures { margin-left: auto; display: flex; gap: 1.25rem; font-size: .875rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.figures b { color: var(--ink); font-weight: 600; }
.layout { max-width: 66rem; margin: 0 auto; padding: 1.5rem 1.25rem 4rem; display: grid; grid-template-columns: minmax(0, 1fr) 17.5rem; gap: 2rem; align-items: start; }
@media (max-width: 52rem) { .layout { grid-template-columns: minmax(0, 1fr); padding-inline: .75rem; gap: 1.5rem; } .bar { padding-inline: .9rem; } .bar .figures { margin-left: 0; } }
.thread { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.1rem 1.2rem .35rem; margin: 0 0 1rem; }
.thread > .count { margin: 0 0 .75rem; font-size: .8125rem; color: var(--soft); }
.post { display: grid; grid-template-columns: 2.5rem minmax(0, 1fr); gap: 0 .8rem; position: relative; padding-bottom: .9rem; }
.post.goes-on::before { content: ""; position: absolute; left: calc(1.25rem - 1px); top: 2.85rem; bottom: .3rem; width: 2px; background: var(--line); border-radius: 1px; }
.nested { margin: 0 0 .5rem 1.25rem; padding-left: 1rem; border-left: 2px dotted var(--line); }
.face { width: 2.5rem; height: 2.5rem; border-radius: 50%; display: grid; place-items: center; font-weight: 600; color: #fff; font-size: 1rem; user-select: none; }
.who { display: flex; flex-wrap: wrap; gap: 0 .45rem; align-items: baseline; line-height: 1.35; }
.who b { font-weight: 650; overflow-wrap: anywhere; }
.who a.handle { color: var(--soft); }
.who time, .who .nth { color: var(--soft); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.who .nth { margin-left: auto; }
.badge { font-size: .6875rem; border: 1px solid var(--line); border-radius: 999px; padding: 0 .45em; color: var(--soft); white-space: nowrap; }
.badge.bad { color: var(--bad); border-color: currentColor; }
.text { margin: .15rem 0 .35rem; white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.text.gone { color: var(--soft); text-decoration: line-through; }
.text .tag { color: var(--link); }
.media { display: grid; gap: .4rem; grid-template-columns: 1fr; margin: .4rem 0 .5rem; }
.media.many { grid-template-columns: 1fr 1fr; }
.media figure { margin: 0; min-width: 0; }
.media img { display: block; width: 100%; max-height: 26rem; object-fit: cover; border-radius: 10px; border: 1px solid var(--line); background: var(--shade); }
.media.many img { height: 11rem; }
.media .blank { display: grid; place-items: center; height: 9rem; border-radius: 10px; border: 1px solid var(--line); background: var(--shade); color: var(--soft); font-size: .875rem; text-align: center; padding: .5rem; }
.media figcaption { font-size: .8125rem; color: var(--soft); margin-top: .25rem; overflow-wrap: anywhere; }
.poll { list-style: none; margin: .4rem 0 .5rem; padding: 0; display: grid; gap: .3rem; }
.poll li { border: 1px solid var(--line); border-radius: 8px; padding: .3rem .7rem; background: var(--shade); }
.meta { display: flex; flex-wrap: wrap; gap: .1rem .9rem; color: var(--soft); font-size: .75rem; font-variant-numeric: tabular-nums; }
.meta a { color: inherit; }
aside section { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: .9rem 1rem; margin-bottom: 1rem; font-size: .875rem; }
aside h2 { font-size: .9rem; margin: 0 0 .5rem; }
aside ul { list-style: none; margin: 0; padding: 0; }
aside li { display: flex; gap: .6rem; padding: .22rem 0; align-items: baseline; }
aside li > :last-child { margin-left: auto; color: var(--soft); font-variant-numeric: tabular-nums; white-space: nowrap; }
aside li .grow { min-width: 0; overflow-wrap: anywhere; }
aside a.here { font-weight: 650; color: var(--ink); }
aside .none { color: var(--soft); margin: 0; }
code { font: .8125rem/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
aside li > .bad { color: var(--bad); }
aside li > .ok { color: var(--ok); }
.empty { background: var(--card); border: 1px dashed var(--line); border-radius: 14px; padding: 3rem 1.5rem; text-align: center; color: var(--soft); }
.empty b { display: block; color: var(--ink); font-size: 1.05rem; margin-bottom: .3rem; }
nav.pages { display: flex; justify-content: space-between; font-size: .9rem; }
.consent { max-width: 27rem; margin: 9vh auto; background: var(--card); border: 1px solid var(--line); border-radius: 18px; padding: 1.75rem; }
.consent h1 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .75rem; text-wrap: balance; }
.consent p { margin: 0 0 1rem; color: var(--soft); }
.consent fieldset { border: 0; padding: 0; margin: 0 0 1.1rem; display: grid; gap: .4rem; }
.consent legend { padding: 0; margin-bottom: .4rem; font-weight: 600; font-size: .9rem; }
.consent label { display: grid; grid-template-columns: auto 1fr; gap: 0 .7rem; align-items: center; border: 1px solid var(--line); border-radius: 10px; padding: .55rem .75rem; cursor: pointer; }
.consent label:has(:checked) { border-color: var(--accent); background: var(--shade); }
.consent label span { grid-column: 2; color: var(--soft); font-size: .875rem; line-height: 1.3; overflow-wrap: anywhere; }
.consent input { accent-color: var(--accent); }
.consent .scopes { margin: 0 0 1.25rem; padding-left: 1.1rem; font-size: .9rem; }
.consent .buttons { display: grid; grid-template-columns: 1fr 1fr; gap: .6rem; }
.consent button { font: inherit; font-weight: 600; padding: .65rem; border-radius: 10px; border: 1px solid var(--line); background: transparent; color: var(--ink); cursor: pointer; }
.consent button.yes { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
.consent button:hover { filter: brightness(1.06); }
`;
