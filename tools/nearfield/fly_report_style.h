// The look of the flight report: a style sheet for a page that loads nothing else.
// A constant; any thread.
#pragma once

namespace nf {

inline constexpr const char* kReportStyle = R"(<style>
:root { --ink: #1c2430; --soft: #667080; --line: #e3e7ec; --good: #1d8a4e; --bad: #d0342c;
        --blue: #2f6fd0; --violet: #7a55c7; --amber: #c98a12; --paper: #fff; --back: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #94a0b0; --line: #2c3440; --good: #3fbf78; --bad: #ff6a5e;
          --blue: #6aa3ff; --violet: #a98bf0; --amber: #e6b24a; --paper: #171c23;
  --back: #0f1318; } }
body { margin: 0; background: var(--back); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 22px; margin: 0 0 12px; overflow-wrap: anywhere; }
h2 { font-size: 16px; margin: 0; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: 14px 16px;
          margin-top: 14px; }
section > p { margin: 2px 0 8px; color: var(--soft); }
.verdict { font-size: 19px; padding: 14px 16px; border-radius: 8px; color: #fff; margin: 0; }
.verdict.good { background: #1d8a4e; } .verdict.bad { background: #c22f27; }
.verdict.empty { background: #8a6a1c; }
.warning { color: var(--amber); margin: 8px 0 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 10px;
  margin-top: 14px; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 8px;
  padding: 10px 12px; }
.card b { display: block; font-size: 21px; } .card span { color: var(--soft); font-size: 13px; }
.card.good b { color: var(--good); } .card.bad b { color: var(--bad); }
svg { display: block; width: 100%; height: auto; }
.map { background: var(--back); border-radius: 6px; }
.grid { stroke: var(--line); } .tick { fill: var(--soft); font-size: 11px; }
.limit { stroke: var(--bad); stroke-dasharray: 5 4; }
text.limit { stroke: none; fill: var(--bad); font-size: 11px; }
.area { stroke-width: 1; fill-opacity: .25; } .line { fill: none; stroke-width: 1.8; }
.area.good { fill: var(--good); stroke: var(--good); } .area.memory { fill: var(--violet);
  stroke: var(--violet); }
.area.reading { fill: var(--blue); stroke: var(--blue); } .line.reading { stroke: var(--blue); }
.line.update { stroke: var(--ink); } .line.worst { stroke: var(--amber); stroke-width: 1.2; }
.dot.bad { fill: var(--bad); fill-opacity: .7; }
.place { fill: var(--soft); fill-opacity: .05; stroke: var(--soft); stroke-opacity: .35;
  stroke-width: .7; }
.place.good { fill: var(--good); fill-opacity: .10; stroke: var(--good); stroke-opacity: .8; }
.place.bad { fill: var(--bad); fill-opacity: .25; stroke: var(--bad); stroke-opacity: 1; }
.mark { stroke: var(--paper); stroke-width: .8; }
.mark.good { fill: var(--good); } .mark.bad { fill: var(--bad); }
.path { fill: none; stroke: var(--ink); stroke-width: 2.2; stroke-linejoin: round; }
circle.end { fill: var(--ink); } text.end { fill: var(--ink); font-size: 12px; font-weight: 600;
  paint-order: stroke; stroke: var(--back); stroke-width: 3px; }
.scale { fill: none; stroke: var(--soft); }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 50%;
  border: 1.5px solid var(--soft);
       vertical-align: -1px; }
.key.good { border-color: var(--good);
  background: color-mix(in srgb, var(--good) 25%, transparent); }
.key.bad { border-color: var(--bad); background: color-mix(in srgb, var(--bad) 35%, transparent); }
.key.update { border-color: var(--ink); background: var(--ink); }
.key.worst { border-color: var(--amber); background: var(--amber); }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
td, th { text-align: left; padding: 3px 10px 3px 0; border-top: 1px solid var(--line);
  overflow-wrap: anywhere; }
.facts td:first-child { color: var(--soft); width: 150px; }
dt { font-weight: 600; } dd { margin: 0 0 6px; color: var(--soft); }
</style>
)";

}  // namespace nf
