/** The widget's whole look. Lengths are in em of a host whose size follows the reader's own setting. */
export const styles = /* css */ `
:host{--accent:#0b655d;--on-accent:#fff;--bg:#f3f6f5;--surface:#fff;--ink:#15201e;--soft:#4c5a57;--line:#c9d3d0;--edge:#73827e;
--link:#0a5b54;--tint:#e5f1ef;--red:#a3121b;--red-bg:#fff1f0;--amber:#7a4700;--amber-bg:#fff6e5;--blue:#16508f;--blue-bg:#edf4fd;--focus:#1554b8;
--shadow:0 .75em 2.5em rgba(10,30,27,.22),0 .1em .4em rgba(10,30,27,.16);
display:block;color-scheme:light}
.root{all:initial;display:block;font:400 max(16px,1rem)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink);color-scheme:inherit;
-webkit-text-size-adjust:100%;text-align:start}
@media (prefers-color-scheme:dark){:host{--bg:#0f1615;--surface:#18211f;--ink:#e7efed;--soft:#a9b8b4;--line:#34423f;--edge:#83938f;--link:#86dccf;--tint:#1c302d;
--red:#ffb3ae;--red-bg:#3a1516;--amber:#ffd08a;--amber-bg:#33260f;--blue:#a9cdfb;--blue-bg:#15263b;--focus:#9cc4ff;--shadow:0 .75em 2.5em rgba(0,0,0,.6);color-scheme:dark}}
*{box-sizing:border-box;margin:0}
[hidden]{display:none!important}
button,textarea,select{font:inherit;color:inherit;letter-spacing:inherit}
button,.call,select,summary{min-block-size:44px;cursor:pointer;touch-action:manipulation}
button{border:1px solid var(--edge);border-radius:.75em;background:var(--surface);padding:.4em .9em;text-align:start}
button:hover{background:var(--tint)}
button:disabled{opacity:.6;cursor:default}
:focus{outline:none}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px}
svg{inline-size:1.4em;block-size:1.4em;flex:none;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
a{color:var(--link);text-underline-offset:.15em;overflow-wrap:anywhere}
ul{padding-inline-start:1.2em}
li+li{margin-block-start:.3em}
li::marker{color:var(--soft)}
.sr{position:absolute;inline-size:1px;block-size:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.row{display:flex;flex-wrap:wrap;gap:.5em}
.launcher{position:fixed;inset-block-end:max(1em,env(safe-area-inset-bottom));inset-inline-end:1em;z-index:2147483000;display:flex;align-items:center;gap:.6em;
min-block-size:3.5em;padding:.6em 1.2em;border:2px solid var(--surface);border-radius:2em;background:var(--accent);color:var(--on-accent);font-weight:600;box-shadow:var(--shadow)}
.launcher:hover{background:var(--accent);filter:brightness(1.08)}
.left .launcher{inset-inline:1em auto}
.panel{display:none;flex-direction:column;padding:0;border:0;background:var(--bg);color:inherit;overflow:hidden;max-inline-size:none;max-block-size:none}
.panel[open],main.panel{display:flex}
dialog.panel{position:fixed;inset:auto 1em 1em auto;z-index:2147483001;margin:0;inline-size:26em;block-size:min(46em,100dvh - 2em);border-radius:1.25em;box-shadow:var(--shadow)}
[dir=rtl] dialog.panel,.left dialog.panel{inset:auto auto 1em 1em}
[dir=rtl].left dialog.panel{inset:auto 1em 1em auto}
dialog.panel.full{inset:0;inline-size:100%;block-size:var(--seen,100dvh);border-radius:0}
dialog::backdrop{background:rgba(8,20,18,.5)}
main.panel{block-size:var(--seen,100dvh);max-inline-size:48em;margin-inline:auto}
.top{display:flex;align-items:center;gap:.5em;padding:.6em .75em .6em 1em;background:var(--accent);color:var(--on-accent)}
.brand{flex:1;min-inline-size:0;display:flex;align-items:center;gap:.65em}
.brand svg{inline-size:1.75em;block-size:1.75em}
.brand .name{font-size:1.0625em;line-height:1.25;font-weight:650;overflow-wrap:anywhere}
.brand p{font-size:.8125em;line-height:1.3}
.top button{display:grid;place-items:center;inline-size:44px;padding:0;border-color:transparent;background:none;color:inherit}
.top button:hover{background:rgba(127,127,127,.25)}
.top button:focus-visible{outline-color:currentColor;outline-offset:-4px}
.over{position:relative;z-index:2}
.menu{position:absolute;inset-inline:0;display:grid;gap:.4em;padding:.75em 1em 1em;background:var(--surface);border-block-end:1px solid var(--edge);box-shadow:var(--shadow);max-block-size:min(26em,70dvh);overflow:auto}
.menu .pick{padding-block-start:.25em}
.pick{display:grid;gap:.15em;font-size:.875em;color:var(--soft)}
.pick select{inline-size:100%;padding:.3em .6em;border:1px solid var(--edge);border-radius:.6em;background:var(--surface);color:var(--ink);font-size:1.0715em}
.sos{display:flex;flex-wrap:wrap;align-items:center;gap:0 .25em;padding:0 1em;background:var(--surface);border-block-end:1px solid var(--line);font-size:.875em}
.sos b{font-weight:600;margin-inline-end:.25em}
.sos a{display:inline-flex;align-items:center;min-block-size:44px;min-inline-size:44px;justify-content:center;padding-inline:.4em;font-weight:650;color:var(--red)}
.sos.on{background:#b3141e;border-color:#b3141e;color:#fff;font-size:1em}
.sos.on a{color:#fff}
.sos.on a:focus-visible{outline-color:#fff;outline-offset:-4px}
.log{flex:1;min-block-size:8em;overflow-y:auto;overscroll-behavior:contain;padding:1em;display:flex;flex-direction:column;gap:.75em}
.log:focus-visible{outline-offset:-3px}
.exchange,.welcome{display:flex;flex-direction:column;gap:.5em}
.bubble{max-inline-size:100%;padding:.7em .95em;border-radius:1.1em;overflow-wrap:anywhere;display:flow-root}
.bubble>*+*{margin-block-start:.6em}
.bubble>.sr+*{margin-block-start:0}
.me{align-self:flex-end;max-inline-size:85%;background:var(--accent);color:var(--on-accent);border-end-end-radius:.3em;white-space:pre-wrap}
.bot{align-self:flex-start;background:var(--surface);border:1px solid var(--line);border-end-start-radius:.3em}
.bot.card,.bot.emergency,.bot.urgent,.bot.check{align-self:stretch}
.title,.badge{font-size:1.0625em;line-height:1.3;font-weight:680}
.section-title{font-size:.875em;line-height:1.4;font-weight:650;color:var(--soft);margin-block-end:.15em}
.section.do{background:var(--tint);border-radius:.75em;padding:.6em .8em}
.section.do .section-title,.section.gate .section-title{color:var(--link)}
.section.clinician{border-inline-start:3px solid var(--link);padding-inline-start:.7em}
.chips{display:flex;flex-wrap:wrap;gap:.4em;padding:0;list-style:none}
.chips li{margin:0}
.chip{display:inline-flex;gap:.4em;font-size:.875em;padding:.15em .7em;border:1px solid var(--edge);border-radius:1em}
.chip.fine{border-color:var(--link);background:var(--tint)}
.chip.fine b{color:var(--link)}
.chip.not_yet,.chip.ask_clinician,.chip.unknown_age{border-color:var(--amber);background:var(--amber-bg)}
.chip.not_yet b,.chip.ask_clinician b,.chip.unknown_age b{color:var(--amber)}
.chip.avoid{border-color:var(--red);background:var(--red-bg)}
.chip.avoid b{color:var(--red)}
.label{font-weight:650}
.label::after{content:":"}
.section.answer{font-weight:560}
.small{font-size:.8125em;color:var(--soft)}
.sources{font-size:.875em}
summary{display:flex;align-items:center;gap:.4em;color:var(--link);font-weight:600;border-radius:.5em}
summary::before{content:"";inline-size:.45em;block-size:.45em;border:solid currentColor;border-width:0 2px 2px 0;transform:rotate(-45deg)}
[open]>summary::before{transform:rotate(45deg)}
summary::-webkit-details-marker{display:none}
.sources li{padding-block:.2em}
.badge{display:flex;align-items:center;gap:.5em}
.bot.emergency{background:var(--red-bg);border:2px solid var(--red)}
.emergency .badge{color:var(--red)}
.emergency a:not(.call){color:var(--red);font-weight:650}
.bot.urgent{background:var(--amber-bg);border:2px solid var(--amber)}
.urgent .badge{color:var(--amber)}
.urgent a{color:var(--amber);font-weight:650}
.bot.check{background:var(--blue-bg);border:2px solid var(--blue)}
.check .badge{color:var(--blue)}
.calls{display:flex;flex-wrap:wrap;gap:.5em;align-items:end}
.call{display:inline-flex;align-items:center;gap:.5em;padding:.4em 1em;border-radius:.75em;background:#b3141e;color:#fff;font-weight:680;text-decoration:none;border:1px solid #b3141e}
.call:hover{text-decoration:underline}
.quick{display:flex;flex-wrap:wrap;gap:.5em}
.quick button{border-color:var(--link);border-radius:1.4em;color:var(--link);background:var(--surface);font-weight:560}
.quick button:hover{background:var(--tint)}
.state{align-self:flex-end;display:flex;align-items:center;gap:.6em;font-size:.875em;color:var(--soft)}
.rate{display:flex;flex-wrap:wrap;align-items:center;gap:.25em;font-size:.875em;color:var(--soft)}
.rate button{display:inline-flex;align-items:center;gap:.35em;border-color:transparent;background:none;padding:.3em .6em;color:inherit}
.rate button:hover,.rate button[aria-pressed=true]{background:var(--tint);color:var(--link)}
.rate svg{inline-size:1.15em;block-size:1.15em}
.why{display:grid;gap:.25em;inline-size:100%;padding:.75em .9em;border:1px solid var(--line);border-radius:.9em;background:var(--surface);color:var(--ink);min-inline-size:0}
.why label{display:flex;gap:.6em;align-items:center;min-block-size:44px}
.why .share{border-block-start:1px solid var(--line);padding-block:.4em}
.why button{justify-self:start;border-color:var(--edge);background:var(--surface)}
.why input{inline-size:1.25em;block-size:1.25em;flex:none;accent-color:var(--accent)}
legend{font-weight:600;padding:0;margin-block-end:.25em;float:inline-start;inline-size:100%}
.paper{padding:1em;border:1px solid var(--line);border-radius:.5em;background:var(--bg);white-space:pre-wrap;max-block-size:24em;overflow:auto}
.note .row{margin-block-start:.6em}
.typing{display:flex;gap:.35em;align-self:flex-start;padding:1em}
.typing i{inline-size:.5em;block-size:.5em;border-radius:50%;background:var(--soft);animation:pulse 1.2s infinite both}
.typing i:nth-child(2){animation-delay:.2s}.typing i:nth-child(3){animation-delay:.4s}
@keyframes pulse{0%,70%,100%{opacity:.25}35%{opacity:1}}
.offline{padding:.6em 1em;background:var(--amber-bg);color:var(--amber);border-block-start:1px solid var(--amber);font-size:.9375em}
.bottom{background:var(--surface);border-block-start:1px solid var(--line);padding:.6em .75em max(.4em,env(safe-area-inset-bottom))}
form.ask{display:flex;align-items:flex-end;gap:.5em}
textarea{flex:1;min-inline-size:0;resize:none;min-block-size:46px;max-block-size:9em;padding:.6em .85em;border:1px solid var(--edge);border-radius:1.2em;background:var(--bg);color:var(--ink);line-height:1.4;field-sizing:content}
textarea::placeholder{color:var(--soft);opacity:1}
textarea:focus-visible{outline-offset:0}
.send{display:grid;place-items:center;inline-size:46px;block-size:46px;padding:0;border-radius:50%;border-color:transparent;background:var(--accent);color:var(--on-accent)}
.send:hover{background:var(--accent);filter:brightness(1.1)}
[dir=rtl] .send svg{transform:scaleX(-1)}
.hint{font-size:.8125em;color:var(--soft);padding:.4em .4em 0}
.hint.bad{color:var(--red);font-weight:600}
.privacy{display:flex;flex-wrap:wrap;align-items:center;gap:0 .4em;font-size:.8125em;line-height:1.4;color:var(--soft);padding:.25em .4em 0}
.privacy button{border:0;background:none;padding:.2em .35em;color:var(--link);text-decoration:underline;text-underline-offset:.15em}
.privacy-text{font-size:.875em;padding:.25em .4em .5em;max-inline-size:60ch}
.ask-clear{margin:auto;max-inline-size:min(24em,100vw - 2em);padding:1.25em;border:1px solid var(--line);border-radius:1em;background:var(--surface);color:var(--ink);box-shadow:var(--shadow)}
.ask-clear>*+*{margin-block-start:.75em}
.danger{background:#b3141e;border-color:#b3141e;color:#fff}
.danger:hover{background:#8f0f17}
@media (max-height:30em){.panel{overflow-y:auto}.log{overflow:visible;flex:none}.top{position:sticky;inset-block-start:0;z-index:1}}
@media (max-height:30em) and (min-width:40em){.brand p{display:none}}
@media (forced-colors:active){.bubble,.launcher,.send,.call,.chip,.section.do{border:1px solid CanvasText}.bot.emergency,.bot.urgent,.bot.check{border-width:3px}
.call,.launcher,.send,.danger{forced-color-adjust:auto}.typing i{background:CanvasText}}
@media (prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}.typing i{opacity:.7}}
@media print{:host{display:block}.launcher,.panel{display:none!important}}
`;

/** Print only the note: everything else of the page, and of the widget, steps aside. */
export const printPage = (tag: string): string =>
  `@media print{body>:not(${tag}){display:none!important}body{background:#fff!important}}`;
export const printWidget =
  "@media print{.sheet{display:block!important;white-space:pre-wrap;font:12pt/1.5 serif;color:#000;background:#fff}}";
