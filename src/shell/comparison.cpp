#include "shell/comparison.hpp"

#include <fmt/format.h>

#include <scena/engine.hpp>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

std::string share(const Interval& found) {
  return found.count == 0 ? "–" : fmt::format("{:.0f} %", 100 * found.value);
}

std::string percent(const Interval& found) {
  if (found.count == 0) return "–";
  return fmt::format("{} ({:.0f} to {:.0f})", share(found), 100 * found.low, 100 * found.high);
}

std::string mean(const Interval& interval) {
  if (interval.count == 0) return "–";
  if (interval.count == 1) return fmt::format("{:.1f}", interval.value);
  return fmt::format("{:.1f} ({:.1f} to {:.1f})", interval.value, interval.low, interval.high);
}

std::string header(std::string_view title, const std::vector<BatchGroup>& groups) {
  const std::size_t count = groups.size() - 1;
  return "<header class=\"hero\">\n<p class=\"eyebrow\">Comparison of sessions</p>\n" +
         element("h1", "", html(title)) + "\n" +
         element("p", "lead",
                 plural(static_cast<std::int64_t>(groups.front().rows), "session") + " in " +
                     plural(static_cast<std::int64_t>(count), "group")) +
         "\n</header>\n";
}

std::string facts(const BatchGroup& all) {
  std::string out =
      "<section aria-labelledby=\"facts\">\n<h2 id=\"facts\">At a glance</h2>\n<dl "
      "class=\"cards\">\n";
  out += report_card("Sessions", count_text(static_cast<std::int64_t>(all.rows)), "");
  out += report_card("Failed", share(all.failed), "they count in no figure but the cost");
  out += report_card("Came to an end of their own", share(all.completed), "");
  out += report_card("Turns", all.turns.count == 0 ? "–" : fmt::format("{:.1f}", all.turns.value),
                     "a session, on average");
  out += report_card("Cost", "$" + all.cost.to_string(), "");
  return out + "</dl>\n</section>\n";
}

std::string cell(std::string_view label, const std::string& value) {
  return "<td class=\"num\" data-label=\"" + html(label) + "\">" + html(value) + "</td>";
}

std::string group_row(const BatchGroup& group) {
  std::string out = "<tr><th scope=\"row\">" + html(group_name(group)) + "</th>";
  out += cell("sessions", std::to_string(group.rows)) + cell("failed", percent(group.failed)) +
         cell("own end", percent(group.completed)) + cell("turns", mean(group.turns)) +
         cell("cost", "$" + group.cost.to_string());
  return out + "</tr>\n";
}

std::string group_table(const std::vector<BatchGroup>& groups) {
  std::string out =
      "<section aria-labelledby=\"groups\">\n<h2 id=\"groups\">Groups</h2>\n<div class=\"panel\">"
      "<div class=\"scroll\"><table class=\"stack\"><thead><tr><th scope=\"col\">Group</th>";
  for (const char* name : {"Sessions", "Failed", "Own end", "Turns", "Cost"})
    out += "<th scope=\"col\" class=\"num\">" + std::string(name) + "</th>";
  out += "</tr></thead><tbody>\n";
  for (std::size_t i = 1; i < groups.size(); ++i) out += group_row(groups[i]);
  if (groups.size() > 2) out += group_row(groups.front());
  return out +
         "</tbody></table></div>\n<p class=\"hint\">In brackets: the interval that holds the true "
         "value in 95 of 100 repetitions; Wilson's for shares, Student's for means.</p></div>\n"
         "</section>\n";
}

}  // namespace

std::string group_name(const BatchGroup& group) {
  std::string name;
  for (const std::string* part :
       {&group.preset, &group.characters, &group.model, &group.variables}) {
    if (!part->empty()) name += (name.empty() ? "" : ", ") + *part;
  }
  return name.empty() ? "all sessions" : name;
}

std::string render_comparison(std::string_view title, const std::vector<BatchRow>& rows) {
  const auto groups = group_rows(rows);
  const std::string_view name = title.empty() ? "Many sessions" : title;
  std::string out = "<!doctype html>\n<html lang=\"en\">\n" +
                    report_head(name, comparison_style()) + "<body>\n" +
                    "<a class=\"skip\" href=\"#groups\">To the groups</a>\n";
  out += header(name, groups) + "<main>\n" + facts(groups.front()) + group_table(groups) +
         comparison_charts(rows, groups) + "</main>\n";
  return out + "<footer><p>Written by scena " + version() + ".</p></footer>\n</body>\n</html>\n";
}

}  // namespace scena::shell
