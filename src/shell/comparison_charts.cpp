#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "shell/comparison.hpp"
#include "shell/html.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

// Plots are stretched to their box, as in the report of one session; only places scale.
constexpr double kPlotWidth = 1000;
constexpr std::size_t kMostRows = 40;  // The table below a chart has all of them.

/// One group in one chart.
struct Spread {
  std::string name;
  std::vector<double> values;  ///< Of each session, sorted; empty for shares.
  Interval interval;           ///< Of their mean, or of the share.

  double quantile(double q) const {
    const double at = q * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const std::size_t above = std::min(below + 1, values.size() - 1);
    return values[below] + (at - static_cast<double>(below)) * (values[above] - values[below]);
  }
};

struct SpreadChart {
  std::string id;
  std::string title;
  std::string note;
  bool share = false;
  double low = 0;
  double high = 1;
  std::vector<Spread> rows;

  double x(double value) const {
    return kPlotWidth * (std::clamp(value, low, high) - low) / (high - low);
  }
  std::string number(double value) const {
    if (share) return fmt::format("{:.0f} %", 100 * value);
    const std::string text = fmt::format("{:.2f}", value);
    return text == "-0.00" ? "0.00" : text;
  }
};

std::string path(const SpreadChart& chart, const char* style, double from, double to) {
  return fmt::format("<path class=\"{}\" d=\"M{:.1f} 14H{:.1f}\"/>", style, chart.x(from),
                     chart.x(to));
}

std::string words(const SpreadChart& chart, const Spread& row) {
  std::string text = chart.number(row.interval.value);
  if (chart.share || row.interval.count > 1)
    text += " (" + chart.number(row.interval.low) + " to " + chart.number(row.interval.high) + ")";
  return text;
}

std::string plot(const SpreadChart& chart, const Spread& row, std::size_t number) {
  const std::string id = fmt::format("{}-{}", chart.id, number);
  std::string out = fmt::format(
      "<svg role=\"img\" aria-labelledby=\"{}\" viewBox=\"0 0 {:.0f} 28\" "
      "preserveAspectRatio=\"none\"><title id=\"{}\">",
      id, kPlotWidth, id);
  out += html(chart.title + ", " + row.name + ": " + words(chart, row)) + "</title>";
  for (int step = 0; step <= 4; ++step)
    out += fmt::format("<path class=\"grid\" d=\"M{:.0f} 0V28\"/>", kPlotWidth * step / 4);
  if (!row.values.empty()) {
    out += path(chart, "whisker", row.values.front(), row.values.back());
    out += path(chart, "box", row.quantile(0.25), row.quantile(0.75));
  }
  out += path(chart, "ci", row.interval.low, row.interval.high);
  out += fmt::format("<path class=\"dot\" d=\"M{:.1f} 14h0\"/>", chart.x(row.interval.value));
  return out + "</svg>";
}

std::string table(const SpreadChart& chart) {
  std::string out =
      "<details><summary>Values as a table</summary>\n<div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">Group</th><th scope=\"col\" class=\"num\">Sessions</th>";
  std::vector<const char*> columns{chart.share ? "Share" : "Mean", "From", "To"};
  if (!chart.share) columns.insert(columns.end(), {"Least", "25 %", "Median", "75 %", "Most"});
  for (const char* name : columns)
    out += "<th scope=\"col\" class=\"num\">" + std::string(name) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (const Spread& row : chart.rows) {
    out += "<tr><th scope=\"row\">" + html(row.name) + "</th>";
    out += fmt::format("<td class=\"num\">{}</td>", row.interval.count);
    std::vector<double> numbers{row.interval.value, row.interval.low, row.interval.high};
    if (!chart.share) {
      for (const double q : {0.0, 0.25, 0.5, 0.75, 1.0}) numbers.push_back(row.quantile(q));
    }
    for (const double value : numbers) out += "<td class=\"num\">" + chart.number(value) + "</td>";
    out += "</tr>\n";
  }
  return out + "</tbody></table></div></details>\n";
}

std::string figure(const SpreadChart& chart) {
  std::string out = "<figure class=\"panel\">\n<figcaption><h3>" + html(chart.title) + "</h3>";
  if (!chart.note.empty()) out += element("p", "note", html(chart.note));
  out += "</figcaption>\n<div class=\"rows\">\n";
  const std::size_t shown = std::min(chart.rows.size(), kMostRows);
  for (std::size_t i = 0; i < shown; ++i) {
    const Spread& row = chart.rows[i];
    out += "<div class=\"row\"><span>" + html(row.name) + "</span>" + plot(chart, row, i) +
           "<span class=\"note\">" + words(chart, row) + "</span></div>\n";
  }
  out += "<div class=\"row ends\" aria-hidden=\"true\"><span></span><div><span>" +
         chart.number(chart.low) + "</span><span>" + chart.number((chart.low + chart.high) / 2) +
         "</span><span>" + chart.number(chart.high) + "</span></div></div>\n</div>\n";
  if (shown < chart.rows.size())
    out += element("p", "note",
                   fmt::format("{} more groups stand in the table.", chart.rows.size() - shown));
  return out + table(chart) + "</figure>\n";
}

std::vector<SpreadChart> outcome_charts(const std::vector<BatchGroup>& groups) {
  std::vector<SpreadChart> charts;
  for (const auto& [outcome, all] : groups.front().outcomes) {
    SpreadChart chart{.id = fmt::format("o{}", charts.size()), .title = outcome, .share = true};
    for (std::size_t i = 1; i < groups.size(); ++i) {
      const Interval& share = groups[i].outcomes.at(outcome);
      if (share.count != 0) chart.rows.push_back({group_name(groups[i]), {}, share});
    }
    if (!chart.rows.empty()) charts.push_back(std::move(chart));
  }
  return charts;
}

bool belongs(const BatchRow& row, const BatchGroup& group) {
  return row.error.empty() && row.preset == group.preset && row.characters == group.characters &&
         row.model == group.model && row.variables == group.variables;
}

SpreadChart metric_chart(const std::string& metric, std::size_t number,
                         const std::vector<BatchRow>& rows, const std::vector<BatchGroup>& groups) {
  SpreadChart chart{.id = fmt::format("m{}", number),
                    .title = metric,
                    .note = std::string(meaning_of(metric)),
                    .low = metric == "sentiment" ? -1.0 : 0.0};
  for (std::size_t i = 1; i < groups.size(); ++i) {
    const auto found = groups[i].metrics.find(metric);
    if (found == groups[i].metrics.end()) continue;
    Spread spread{group_name(groups[i]), {}, found->second};
    for (const BatchRow& row : rows) {
      if (!belongs(row, groups[i])) continue;
      if (const auto value = row.metrics.find(metric); value != row.metrics.end())
        spread.values.push_back(value->second);
    }
    std::sort(spread.values.begin(), spread.values.end());
    chart.low = std::min(chart.low, spread.values.front());
    chart.high = std::max(chart.high, spread.values.back());
    chart.rows.push_back(std::move(spread));
  }
  return chart;
}

std::string section(const char* id, const char* title, const char* hint,
                    const std::vector<SpreadChart>& charts) {
  if (charts.empty()) return {};
  std::string out = fmt::format(
      "<section aria-labelledby=\"{0}\">\n<h2 id=\"{0}\">{1}</h2>\n<p class=\"hint\">{2}</p>\n"
      "<div class=\"charts\">\n",
      id, title, hint);
  for (const SpreadChart& chart : charts) out += figure(chart);
  return out + "</div>\n</section>\n";
}

}  // namespace

std::string comparison_charts(const std::vector<BatchRow>& rows,
                              const std::vector<BatchGroup>& groups) {
  std::vector<SpreadChart> metrics;
  for (const auto& [metric, all] : groups.front().metrics)
    metrics.push_back(metric_chart(metric, metrics.size(), rows, groups));
  return section("outcomes", "Outcomes",
                 "The dot is the share of sessions, the line its 95 % interval.",
                 outcome_charts(groups)) +
         section(
             "metrics", "Metrics",
             "Each session counts with its mean. The bar holds the middle half of the sessions, "
             "the thin line all of them; the dot is their mean with its 95 % interval.",
             metrics);
}

std::string_view comparison_style() noexcept {
  return R"css(
.rows{display:grid;gap:10px;margin:14px 0 4px;font-size:14px}
.row{display:grid;grid-template-columns:minmax(0,1fr);gap:2px}
.row svg{display:block;width:100%;height:28px;overflow:visible}
.ends div{display:flex;justify-content:space-between;color:var(--soft);font-size:12px}
.whisker{stroke:var(--soft);stroke-width:1}.box{stroke:var(--bar);stroke-width:14;opacity:.55}.ci{stroke:var(--s1);stroke-width:3}
.row .dot{stroke:var(--s1);stroke-width:10}
tbody th{font-weight:600}tbody:last-child tr:last-child th{border-bottom:0}
@media (max-width:560px){.stack .num{white-space:normal}.stack tr{grid-template-columns:repeat(3,minmax(0,1fr))}}
)css";
}

}  // namespace scena::shell
