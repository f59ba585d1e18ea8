#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

using std::chrono::microseconds;

std::string open_table(std::string_view name, std::initializer_list<std::string_view> columns,
                       std::size_t texts) {
  std::string out =
      "<div class=\"panel scroll stack\" role=\"region\" tabindex=\"0\" aria-label=\"" +
      std::string(name) + "\"><table><thead><tr>";
  std::size_t index = 0;
  for (const auto column : columns) {
    out += "<th scope=\"col\"" + std::string(index++ < texts ? "" : " class=\"num\"") + ">" +
           std::string(column) + "</th>";
  }
  return out + "</tr></thead><tbody>\n";
}

// On a phone the columns become lines, and each number brings its column's name along.
std::string number(std::string_view column, const std::string& value) {
  return "<td class=\"num\" data-label=\"" + html(column) + "\">" + html(value) + "</td>";
}

struct ReplyRow {
  const Message* message = nullptr;
  std::size_t index = 0;
  microseconds took{};
  std::optional<microseconds> first;
};

std::vector<ReplyRow> reply_rows(const ReportData& report) {
  std::vector<ReplyRow> rows;
  for (std::size_t i = 0; i < report.messages.size(); ++i) {
    const Message& message = report.messages[i];
    const auto times = report.times.find(message.turn);
    if (message.from_human || times == report.times.end() || times->second.started == WallTime{})
      continue;
    ReplyRow row{&message, i + 1, message.time - times->second.started, std::nullopt};
    if (times->second.first) row.first = *times->second.first - times->second.started;
    rows.push_back(row);
  }
  return rows;
}

std::string bar(microseconds first, microseconds took, microseconds longest) {
  const double scale = longest.count() > 0 ? 100.0 / static_cast<double>(longest.count()) : 0;
  const double waited = static_cast<double>(first.count()) * scale;
  return fmt::format(
      "<span class=\"bar\" aria-hidden=\"true\"><i class=\"wait\" style=\"width:{:.1f}%\"></i><i "
      "style=\"width:{:.1f}%\"></i></span>",
      waited, std::max(0.0, static_cast<double>(took.count()) * scale - waited));
}

std::string reply_row(const ReportData& report, const ReplyRow& row, microseconds longest) {
  const Message& message = *row.message;
  const auto writing = row.took - row.first.value_or(microseconds{});
  const double seconds = std::chrono::duration<double>(writing).count();
  std::string out = fmt::format("<tr><td><a href=\"#{}\">{}</a> <span class=\"{} name\">{}</span>",
                                html(message.id), row.index, speaker_class(report, message.speaker),
                                html(name_of(report.info, message.speaker)));
  out += bar(row.first.value_or(microseconds{}), row.took, longest) + "</td>";
  out += number("First text", row.first ? duration_text(*row.first) : "not kept") +
         number("Whole", duration_text(row.took));
  const bool known = seconds > 0 && message.usage.output_tokens > 0;
  const std::string rate =
      known ? fmt::format("{:.0f}", static_cast<double>(message.usage.output_tokens) / seconds)
            : "none";
  return out + number("Tokens/s", rate) + "</tr>\n";
}

struct Sum {
  Usage usage;
  Money cost;
  int replies = 0;
};

std::string usage_row(const std::string& name, const Sum& sum, std::string_view tag) {
  const std::string replies = std::to_string(sum.replies);
  std::string out = "<tr>" + (tag == "th" ? "<th scope=\"row\">" + html(name) + "</th>"
                                          : element("td", "", html(name)));
  out += number("Replies", replies) + number("Input", count_text(sum.usage.input_tokens));
  out += number("of it cached", count_text(sum.usage.cached_input_tokens)) +
         number("Output", count_text(sum.usage.output_tokens));
  return out + number("Cost", "$" + sum.cost.to_string()) + "</tr>\n";
}

}  // namespace

std::string report_timing(const ReportData& report) {
  const auto rows = reply_rows(report);
  if (rows.empty()) return {};
  microseconds longest{};
  for (const ReplyRow& row : rows) longest = std::max(longest, row.took);
  std::string out =
      "<section aria-labelledby=\"timing\">\n<h2 id=\"timing\">Timing of the replies</h2>\n";
  out += "<p class=\"hint\">The bars show the wait for the first text, then the writing.</p>\n";
  out += open_table("Timing of the replies", {"Reply", "First text", "Whole", "Tokens/s"}, 1);
  for (const ReplyRow& row : rows) out += reply_row(report, row, longest);
  return out + "</tbody></table></div>\n</section>\n";
}

std::string report_usage(const ReportData& report) {
  std::map<std::string, Sum> sums;
  int replies = 0;
  for (const Message& message : report.messages) {
    if (message.from_human || message.turn.empty()) continue;
    const std::string model = message.model.empty() ? message.provider : message.model;
    Sum& sum = sums[name_of(report.info, message.speaker) + (model.empty() ? "" : " · " + model)];
    sum.usage += message.usage;
    sum.cost += message.cost;
    ++sum.replies;
    ++replies;
  }
  std::string out = "<section aria-labelledby=\"usage\">\n<h2 id=\"usage\">Usage and cost</h2>\n";
  out += open_table("Usage and cost",
                    {"Speaker and model", "Replies", "Input", "of it cached", "Output", "Cost"}, 1);
  for (const auto& [name, sum] : sums) out += usage_row(name, sum, "td");
  out += "</tbody><tfoot>" +
         usage_row("Whole session", {report.info.usage, report.info.cost, replies}, "th") +
         "</tfoot></table></div>\n";
  if (report.info.usage.estimated)
    out += "<p class=\"hint\">Numbers that a provider did not report are estimated.</p>\n";
  out +=
      "<p class=\"hint\">The whole session also counts replaced replies and side questions.</p>\n";
  return out + "</section>\n";
}

}  // namespace scena::shell
