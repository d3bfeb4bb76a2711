/** The style of the sandbox's panel and of its consent page, beside that of all pages. */
export const PANEL_STYLE = `
.nth{margin-left:auto;font-size:13px;line-height:20px;font-variant-numeric:tabular-nums}
.faults{display:grid;grid-template-columns:1fr 1fr;gap:6px;margin-top:8px}
.faults button{width:100%}
.panel label.times{display:flex;gap:8px;align-items:center;font-size:13px;color:var(--soft)}
.panel label.times select{width:auto;padding:3px 6px;border-radius:6px}
.panel details summary{cursor:pointer;min-height:24px}
.consent{max-width:27rem;margin:9vh auto;border:1px solid var(--edge);border-radius:16px;padding:28px}
.consent h1{font-size:20px;line-height:26px;font-weight:800;margin-bottom:12px;text-wrap:balance}
.consent>p{margin-bottom:16px;color:var(--soft)}
.consent fieldset{margin-bottom:18px;display:grid;gap:6px}
.consent legend{padding:0;margin-bottom:6px;font-weight:700}
.consent label{display:grid;grid-template-columns:auto 1fr;gap:0 11px;align-items:center;border:1px solid var(--edge);border-radius:12px;padding:9px 12px;cursor:pointer}
.consent label:has(:checked){border-color:var(--link);background:var(--shade)}
.consent label span{grid-column:2;color:var(--soft);overflow-wrap:anywhere}
.consent input{accent-color:var(--link)}
.consent .scopes{margin:4px 0 20px;padding-left:18px;list-style:disc}
.consent .two{display:grid;grid-template-columns:1fr 1fr;gap:10px}
`;
