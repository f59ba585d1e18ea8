#include <fmt/format.h>

#include <algorithm>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

// The plot is stretched to its box, so that lines keep their width and labels, which are HTML,
// their size on every screen; only places scale.
constexpr double kWidth = 1000;
constexpr double kHeight = 200;
constexpr double kMargin = 24;

struct Point {
  std::size_t index = 0;
  const Message* message = nullptr;
  const MetricScore* score = nullptr;
};

struct Chart {
  std::string metric;
  double low = 0;
  double high = 1;
  std::size_t count = 1;  ///< Messages of the session.
  std::vector<Point> points;

  double x(std::size_t index) const {
    if (count < 2) return kWidth / 2;
    return kMargin +
           (kWidth - 2 * kMargin) * static_cast<double>(index) / static_cast<double>(count - 1);
  }
  double y(double value) const {
    return kHeight * (high - std::clamp(value, low, high)) / (high - low);
  }
};

std::vector<std::string> metric_names(const ReportData& report) {
  std::vector<std::string> names;
  for (const Message& message : report.messages) {
    for (const MetricScore& score : message.metrics) {
      if (std::find(names.begin(), names.end(), score.metric) == names.end())
        names.push_back(score.metric);
    }
  }
  return names;
}

Chart make_chart(const ReportData& report, const std::string& metric) {
  Chart chart{.metric = metric,
              .low = metric == "sentiment" ? -1.0 : 0.0,
              .count = report.messages.size(),
              .points = {}};
  for (std::size_t i = 0; i < report.messages.size(); ++i) {
    for (const MetricScore& score : report.messages[i].metrics) {
      if (score.metric != metric) continue;
      chart.points.push_back({i, &report.messages[i], &score});
      chart.low = std::min(chart.low, score.value);
      chart.high = std::max(chart.high, score.value);
    }
  }
  return chart;
}

std::string grid(const Chart& chart) {
  std::string out;
  for (int step = 0; step <= 4; ++step) {
    const double y = kHeight * step / 4;
    const double value = chart.high - (chart.high - chart.low) * step / 4;
    const bool zero = chart.low < 0 && value > -1e-9 && value < 1e-9;
    out += fmt::format("<path class=\"grid{}\" d=\"M0 {:.1f}H{:.0f}\"/>", zero ? " zero" : "", y,
                       kWidth);
  }
  return out;
}

std::string curve(const ReportData& report, const Chart& chart, const std::string& speaker) {
  std::string line, dots;
  for (const Point& point : chart.points) {
    if (point.message->speaker != speaker) continue;
    const double x = chart.x(point.index), y = chart.y(point.score->value);
    line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", x, y);
    dots += fmt::format("<path class=\"dot\" d=\"M{:.1f} {:.1f}h0\"/>", x, y);
  }
  if (line.empty()) return {};
  return "<g class=\"" + speaker_class(report, speaker) + "\"><path class=\"line\" d=\"" + line +
         "\"/>" + dots + "</g>\n";
}

std::vector<std::pair<double, const MetricThreshold*>> limits_of(const ReportData& report,
                                                                 const Chart& chart) {
  std::vector<std::pair<double, const MetricThreshold*>> limits;
  for (const MetricThreshold& threshold : report.preset.metrics) {
    if (threshold.metric != chart.metric) continue;
    if (threshold.above) limits.emplace_back(*threshold.above, &threshold);
    if (threshold.below) limits.emplace_back(*threshold.below, &threshold);
  }
  return limits;
}

std::string description(const ReportData& report, const Chart& chart) {
  std::string out;
  for (const Participant& person : report.info.participants) {
    double sum = 0, low = 1e9, high = -1e9;
    int count = 0;
    for (const Point& point : chart.points) {
      if (point.message->speaker != person.id) continue;
      sum += point.score->value;
      low = std::min(low, point.score->value);
      high = std::max(high, point.score->value);
      ++count;
    }
    if (count == 0) continue;
    out += fmt::format("{}: {} messages, from {:.2f} to {:.2f}, mean {:.2f}. ", person.name, count,
                       low, high, sum / count);
  }
  return out;
}

std::string plot(const ReportData& report, const Chart& chart) {
  const std::string id = "c-" + html(chart.metric);
  std::string out = fmt::format(
      "<svg role=\"img\" aria-labelledby=\"{0}-t {0}-d\" viewBox=\"0 0 {1:.0f} {2:.0f}\" "
      "preserveAspectRatio=\"none\">\n",
      id, kWidth, kHeight);
  out += "<title id=\"" + id + "-t\">" + html(chart.metric) + " over the messages</title>";
  out +=
      "<desc id=\"" + id + "-d\">" + html(description(report, chart)) + "</desc>\n" + grid(chart);
  for (const auto& [value, threshold] : limits_of(report, chart)) {
    out += fmt::format("<path class=\"limit {}\" d=\"M0 {:.1f}H{:.0f}\"/>",
                       threshold->speaker.empty() ? "" : speaker_class(report, threshold->speaker),
                       chart.y(value), kWidth);
  }
  for (const Participant& person : report.info.participants) out += curve(report, chart, person.id);
  return out + "</svg>\n";
}

// Who spoke, the score, and the words behind it.
std::string why(const ReportData& report, const Point& point) {
  constexpr std::size_t kMostReasons = 3;
  std::string out = fmt::format("<b>{}, message {}: {}</b> {}",
                                html(name_of(report.info, point.message->speaker)), point.index + 1,
                                score_text(*point.score), html(assessment_text(*point.score)));
  std::size_t told = 0;
  for (const Evidence& place : point.score->evidence) {
    const auto quoted = quoted_words(report, place);
    if (!quoted) continue;
    out += "<br>" + html(reason_text(place.reason)) + " <q>" + html(quoted->words) + "</q>";
    if (place.message != point.message->id) out += fmt::format(" (message {})", quoted->index + 1);
    if (++told == kMostReasons) break;
  }
  return out;
}

// One link to its message over each point, with its evidence on hover and on focus; without script.
// A long session shows those alone that have some.
std::string points(const ReportData& report, const Chart& chart) {
  constexpr std::size_t kMostPoints = 400;
  std::string out;
  for (const Point& point : chart.points) {
    if (chart.points.size() > kMostPoints && point.score->evidence.empty()) continue;
    const double x = chart.x(point.index) / kWidth * 100;
    out += fmt::format(
        "<a class=\"point{}\" href=\"#{}\" "
        "style=\"left:{:.1f}%;top:{:.1f}%\"><span>{}</span></a>\n",
        x > 50 ? " late" : "", html(point.message->id), x,
        chart.y(point.score->value) / kHeight * 100, why(report, point));
  }
  return out;
}

std::string axis(const Chart& chart) {
  std::string out = "<div class=\"axis\" aria-hidden=\"true\">";
  for (int step = 0; step <= 2; ++step)
    out += fmt::format("<span>{:g}</span>", chart.high - (chart.high - chart.low) * step / 2);
  return out + "</div>\n";
}

std::string legend(const ReportData& report, const Chart& chart) {
  std::string out = "<ul class=\"legend\">";
  for (const Participant& person : report.info.participants) {
    const bool drawn = std::any_of(chart.points.begin(), chart.points.end(),
                                   [&](const Point& p) { return p.message->speaker == person.id; });
    if (drawn)
      out += "<li><span class=\"key " + speaker_class(report, person.id) +
             "\" aria-hidden=\"true\"></span>" + html(person.name) + "</li>";
  }
  for (const auto& [value, threshold] : limits_of(report, chart)) {
    const std::string who =
        threshold->speaker.empty() ? "" : " (" + name_of(report.info, threshold->speaker) + ")";
    const std::string side = threshold->above && *threshold->above == value ? "above" : "below";
    out +=
        "<li><span class=\"key dashed " +
        (threshold->speaker.empty() ? std::string() : speaker_class(report, threshold->speaker)) +
        "\" aria-hidden=\"true\"></span>" +
        html(fmt::format("{} {:g}{}: {}", side, value, who, threshold->label)) + "</li>";
  }
  return out + "</ul>\n";
}

std::string table(const ReportData& report, const Chart& chart) {
  std::string out =
      "<details><summary>Values as a table</summary>\n<div class=\"scroll\"><table><thead><tr><th "
      "scope=\"col\">Message</th><th scope=\"col\">Speaker</th><th scope=\"col\" class=\"num\">" +
      html(chart.metric) + "</th></tr></thead><tbody>\n";
  for (const Point& point : chart.points) {
    out += fmt::format(
        "<tr><td><a href=\"#{}\">{}</a></td><td>{}</td><td class=\"num\">{}</td></tr>\n",
        html(point.message->id), point.index + 1,
        html(name_of(report.info, point.message->speaker)), score_text(*point.score));
  }
  return out + "</tbody></table></div></details>\n";
}

std::string figure(const ReportData& report, const Chart& chart) {
  std::string title = chart.metric;
  if (!title.empty())
    title[0] = static_cast<char>(title[0] >= 'a' && title[0] <= 'z' ? title[0] - 32 : title[0]);
  std::string out = "<figure class=\"panel\">\n<figcaption><h3>" + html(title) + "</h3>";
  if (const auto meaning = meaning_of(chart.metric); !meaning.empty())
    out += element("p", "note", html(meaning));
  out += "</figcaption>\n";
  out += "<div class=\"chart\">" + axis(chart) + "<div class=\"plot\">" + plot(report, chart) +
         points(report, chart) + "</div>";
  out += fmt::format(
      "<div class=\"steps\" aria-hidden=\"true\"><span>message "
      "1</span><span>{}</span></div></div>\n",
      chart.count);
  return out + legend(report, chart) + table(report, chart) + "</figure>\n";
}

}  // namespace

std::string report_charts(const ReportData& report) {
  const auto names = metric_names(report);
  if (names.empty()) return {};
  std::string out =
      "<section aria-labelledby=\"metrics\">\n<h2 id=\"metrics\">Metrics over the "
      "conversation</h2>\n<div class=\"charts\">\n";
  for (const auto& name : names) out += figure(report, make_chart(report, name));
  return out + "</div>\n</section>\n";
}

}  // namespace scena::shell
