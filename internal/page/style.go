package page

// style is the look of every page. The colours of text on its ground have 4.5:1 at least, those of the focus ring and the
// button 3:1 (WCAG 2.2, 1.4.3 and 1.4.11), in light and dark.
const style = `
:root{color-scheme:light dark;--ground:#f6f7f9;--card:#fff;--line:#e3e6eb;--ink:#1c2430;--soft:#5c6675;--accent:#2456c8;--on:#fff}
@media(prefers-color-scheme:dark){:root{--ground:#12161c;--card:#1b212a;--line:#2c3440;--ink:#e4e8ee;--soft:#98a3b3;--accent:#3d6fe0}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1rem/1.6 system-ui,sans-serif;background:var(--ground);color:var(--ink)}
main{width:min(30rem,100% - 2rem);margin:1rem;padding:clamp(1.25rem,6vw,2.3rem);background:var(--card);border:1px solid var(--line);border-radius:14px;overflow-wrap:anywhere}
.site{display:flex;align-items:center;gap:.6rem;margin:0 0 1.2rem;color:var(--soft);font-size:.9rem}
h1{font-size:1.3rem;line-height:1.3;margin:0 0 .6rem}
p{margin:.4rem 0}
.ways{display:flex;flex-wrap:wrap;align-items:center;gap:.8rem 1.2rem;margin-top:1.2rem}
form{margin:0}
.go{display:inline-block;padding:.55rem 1.2rem;border:1px solid transparent;border-radius:8px;background:var(--accent);color:var(--on);font:inherit;text-decoration:none;cursor:pointer}
.other{padding:.3rem 0;border:0;background:none;color:var(--ink);font:inherit;text-decoration:underline;cursor:pointer}
.ask{margin-top:1.2rem}
.ask input{display:block;width:100%;margin:.3rem 0;padding:.5rem;border:1px solid var(--soft);border-radius:8px;background:none;color:var(--ink);font:inherit}
a{color:inherit}
a:focus-visible,button:focus-visible,input:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.small{margin-top:1.4rem;font-size:.85rem;color:var(--soft)}
.small+.small{margin-top:.2rem}
code{user-select:all}
`
