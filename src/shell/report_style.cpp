#include "shell/report_parts.hpp"

namespace scena::shell {

// Every pair of text and background below has a contrast of at least 4.5; a test computes it.
std::string_view report_style() noexcept {
  return R"css(
:root{--paper:#f5f4ef;--card:#fff;--ink:#1b1e27;--soft:#565c6b;--rule:#dfddd4;--hero:#191e38;--heroink:#fff;--herosoft:#c5cbe6;
--link:#1d4fa8;--ma:#fff0bd;--mal:#d9a514;--mb:#fbdcd9;--mbl:#c9473a;--mc:#dfeafb;--mcl:#6d97d8;--markink:#1b1e27;--warn:#fbe3d3;--warnink:#7a2e04;--chip:#efeee8;--bar:#8fa8dd;--wait:#d9b65c;
--s1:#1d5fb8;--s2:#a52a6a;--s3:#1b7046;--s4:#8a5200;--s5:#6740b0;--s6:#4c5362}
@media (prefers-color-scheme:dark){:root{--paper:#12141b;--card:#1b1e28;--ink:#e9eaf0;--soft:#a9afbf;--rule:#313644;--hero:#0b0d16;--herosoft:#b9c0de;
--link:#8db8ff;--ma:#40371a;--mal:#c39a2b;--mb:#52241f;--mbl:#e0685b;--mc:#22324f;--mcl:#5f8bd0;--markink:#f4f4f8;--warn:#54290f;--warnink:#ffd3b6;--chip:#272b37;--bar:#5570ad;--wait:#a5843a;
--s1:#7fb2ff;--s2:#ff94c8;--s3:#72d6a4;--s4:#efb962;--s5:#bda4ff;--s6:#b4bac8}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;overflow-wrap:anywhere;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif}
h1,h2,h3,p,ul,ol,dl,dd,figure{margin:0;padding:0}
ul,ol{list-style:none}
a{color:var(--link)}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--card);padding:8px 12px;z-index:1}
.hero{background:var(--hero);color:var(--heroink);padding:56px max(20px,calc((100% - 1040px)/2)) 84px}
.eyebrow{color:var(--herosoft);font-size:13px;letter-spacing:.12em;text-transform:uppercase}
h1{font-size:clamp(28px,6vw,44px);line-height:1.12;letter-spacing:-.02em;margin:8px 0 12px;overflow-wrap:anywhere}
.lead{max-width:62ch;color:var(--herosoft);font-size:18px}
.meta{margin-top:18px;color:var(--herosoft);font-size:14px}
main,footer{max-width:1080px;margin:0 auto;padding:0 20px}
main{margin-top:-52px}
section+section{margin-top:48px}
h2{font-size:22px;letter-spacing:-.01em;margin-bottom:14px}
section:first-child h2{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}
h3{font-size:16px}
.hint,.note{color:var(--soft);font-size:14px}
.hint{margin:-6px 0 14px}
.scroll+.hint{margin:10px 0 0}
.hint+.hint{margin-top:4px}
.panel,.card{background:var(--card);border:1px solid var(--rule);border-radius:14px}
.panel{padding:20px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(158px,1fr));gap:12px}
.card{padding:16px 18px;min-width:0;box-shadow:0 1px 2px rgb(0 0 0/.05)}
.card dt{color:var(--soft);font-size:13px}
.card dd{font-size:24px;font-weight:650;line-height:1.25;letter-spacing:-.01em;overflow-wrap:anywhere}
.card dd.word{font-size:18px;line-height:1.5}
.card dd.note{font-size:13px;font-weight:400;line-height:1.4;letter-spacing:0;margin-top:4px}
.badge{display:inline-block;border-radius:99px;padding:1px 10px;font-size:13px;font-weight:600;background:#dfe5fa;color:#1d2a5c}
.state-completed{background:#d3efdf;color:#0d4a2b}
.state-error,.bad{background:#f9d9d3;color:#7c1d0d}
.state-paused{background:#fbe8c0;color:#5f3d00}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,430px),1fr));gap:16px}
figure{min-width:0}
.chart{display:grid;grid-template-columns:34px 1fr;margin:14px 0 12px}
.axis{display:flex;flex-direction:column;justify-content:space-between;margin:-9px 0;color:var(--soft);font-size:12px;font-variant-numeric:tabular-nums}
.plot{position:relative;height:190px;min-width:0}
.point{position:absolute;width:16px;height:16px;margin:-8px;border-radius:50%}
.point span{position:absolute;top:18px;left:0;z-index:2;width:max-content;max-width:min(300px,40vw);padding:8px 12px;border:1px solid var(--rule);border-radius:10px;background:var(--card);color:var(--ink);font-size:13px;line-height:1.4;overflow-wrap:anywhere;box-shadow:0 4px 16px rgb(0 0 0/.18);pointer-events:none}
.point.late span{left:auto;right:0}
.point:not(:hover):not(:focus) span{width:1px;height:1px;max-width:1px;padding:0;border:0;overflow:hidden;clip-path:inset(50%)}
.point:hover,.point:focus{outline:2px solid var(--ink);z-index:3}
.plot svg{display:block;width:100%;height:100%;overflow:visible}
.steps{grid-column:2;display:flex;justify-content:space-between;color:var(--soft);font-size:12px;margin-top:8px}
svg path{fill:none;vector-effect:non-scaling-stroke}
.grid{stroke:var(--rule);stroke-width:1}
.grid.zero{stroke:var(--soft)}
.line{stroke:currentColor;stroke-width:2;stroke-linejoin:round;opacity:.85}
svg .dot{stroke:currentColor;stroke-width:8;stroke-linecap:round}
.limit{stroke:currentColor;stroke-width:1.5;stroke-dasharray:5 5;opacity:.8}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:14px}
.legend li{display:flex;align-items:baseline;gap:8px;min-width:0;overflow-wrap:anywhere}
.key{flex:none;width:22px;border-top:3px solid currentColor;transform:translateY(-4px)}
.key.dashed{border-top:2px dashed currentColor}
.s1{color:var(--s1)}.s2{color:var(--s2)}.s3{color:var(--s3)}.s4{color:var(--s4)}.s5{color:var(--s5)}.s6{color:var(--s6)}
details{margin-top:12px;font-size:14px}
summary{cursor:pointer;color:var(--link)}
.talk{display:grid;gap:14px}
.message{display:grid;grid-template-columns:40px minmax(0,1fr);gap:12px;max-width:820px;--tone:currentColor;scroll-margin-top:16px}
.message.right{grid-template-columns:minmax(0,1fr) 40px;justify-self:end}
.message.right .face{order:2}
.message article{background:var(--card);border:1px solid var(--rule);border-left:3px solid currentColor;border-radius:4px 14px 14px 14px;padding:12px 16px 14px}
.message.right article{border-left-width:1px;border-left-color:var(--rule);border-right:3px solid currentColor;border-radius:14px 4px 14px 14px}
.message:target article{outline:2px solid var(--link);outline-offset:2px}
.face{width:40px;height:40px;border-radius:50%;display:grid;place-items:center;font-size:14px;font-weight:650;border:2px solid currentColor;background:var(--card)}
.who{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 10px}
.when{color:var(--soft);font-size:13px;font-variant-numeric:tabular-nums}
.said{color:var(--ink);white-space:pre-wrap;overflow-wrap:anywhere;margin-top:2px;unicode-bidi:plaintext}
mark{background:var(--ma);color:var(--markink);box-shadow:inset 0 -2px var(--mal);border-radius:2px;padding:0 1px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
mark[title]{cursor:help}
.m-contradiction{background:var(--mb);box-shadow:inset 0 -2px var(--mbl)}
.m-sentiment{background:var(--mc);box-shadow:inset 0 -2px var(--mcl)}
.m-other{background:none;color:inherit;box-shadow:none;text-decoration:underline dotted 1px;text-underline-offset:4px;text-decoration-color:var(--soft)}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin-top:10px;color:var(--soft);font-size:13px}
.chips li{background:var(--chip);border-radius:99px;padding:1px 10px;overflow-wrap:anywhere}
.chips b{color:var(--ink);font-weight:650;font-variant-numeric:tabular-nums}
.chips .warn,.chips .warn b{background:var(--warn);color:var(--warnink)}
.chips .warn{border-radius:12px}
.why{margin-top:8px;font-size:13px;color:var(--soft)}
.why ul{display:grid;gap:3px;margin-top:6px}
.why q{color:var(--ink)}
.why b{font-weight:600}
figcaption .note{margin-top:2px;font-size:13px}
.analysis h3{margin:22px 0 8px}
.findings{display:grid;gap:12px;font-size:15px}
.findings .name{margin-left:0}
.quote{margin-top:4px}
.scroll{overflow-x:auto}
table{overflow-wrap:break-word;border-collapse:collapse;width:100%;font-size:15px}
th,td{text-align:left;padding:8px 12px 8px 0;border-bottom:1px solid var(--rule);vertical-align:top}
tbody:last-child tr:last-child td,tfoot th,tfoot td{border-bottom:0}
thead th{color:var(--soft);font-size:13px;font-weight:600}
.num{text-align:right;font-variant-numeric:tabular-nums;padding:8px 0 8px 12px;white-space:nowrap}
.name{font-weight:600;margin-left:6px}
.name,.who h3,.why b,q{unicode-bidi:isolate}
.bar{display:flex;height:6px;border-radius:3px;overflow:hidden;margin-top:6px;min-width:90px}
.bar i{background:var(--bar)}
.bar .wait{background:var(--wait)}
.people{display:grid;gap:14px;margin:10px 0 4px}
.people li{display:grid;grid-template-columns:14px minmax(0,1fr);gap:10px}
.people .dot{width:12px;height:12px;border-radius:50%;background:currentColor;margin-top:6px}
.people p{color:var(--soft);font-size:15px}
.panel h3+dl{margin-top:8px}
.people+h3{margin-top:20px}
.pairs{display:grid;gap:4px;font-size:15px}
.pairs div{display:flex;flex-wrap:wrap;gap:2px 12px}
.pairs dt{color:var(--soft);min-width:10em}
.pairs dd{overflow-wrap:anywhere}
footer{margin-top:48px;padding-bottom:40px;color:var(--soft);font-size:13px;overflow-wrap:anywhere}
@media (max-width:560px){.hero{padding-top:36px}main,footer{padding:0 14px}.hero{padding-left:18px;padding-right:18px}
.message,.message.right{grid-template-columns:minmax(0,1fr)}.face{display:none}.message{margin-right:18px}.message.right{margin:0 0 0 18px}
.stack thead{position:absolute;clip-path:inset(50%);height:1px;overflow:hidden}
.stack tr{display:grid;grid-template-columns:repeat(auto-fill,minmax(86px,1fr));gap:6px 12px;padding:10px 0;border-bottom:1px solid var(--rule)}
.stack tr>*{border:0;overflow-wrap:anywhere;min-width:0;padding:0;text-align:left}.stack tr>:first-child{grid-column:1/-1}.stack tbody:last-child tr:last-child,.stack tfoot tr{border:0}
.stack .num::before{content:attr(data-label);display:block;color:var(--soft);font-size:12px}
.panel{padding:16px}.card{padding:12px 14px}.card dd,.card dd.word{font-size:18px}.cards{grid-template-columns:repeat(2,minmax(0,1fr))}table{font-size:14px}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb;--hero:#fff;--heroink:#000;--herosoft:#333;--ma:#eee;--mb:#eee;--mc:#eee;--markink:#000;
--s1:#1d5fb8;--s2:#a52a6a;--s3:#1b7046;--s4:#8a5200;--s5:#6740b0;--s6:#4c5362}body{font-size:11pt}main{margin-top:0}.hero{padding:0 0 16pt}
.message,.card,figure,tr{break-inside:avoid}h2{break-after:avoid}details:not(.why),.skip,.hint,.point,.why summary{display:none}.why::details-content{content-visibility:visible}mark{text-decoration:underline}.m-other{text-decoration-style:dotted}
.charts{grid-template-columns:1fr 1fr}.plot{height:130px}.panel{padding:12px}.legend{font-size:9pt;gap:2px 12px}.message{max-width:none}.why ul{display:block}.why li{display:inline;margin-right:10px}section+section{margin-top:28px}}
)css";
}

}  // namespace scena::shell
