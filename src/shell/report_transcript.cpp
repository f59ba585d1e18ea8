#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string metric;
  std::string title;
};

// A model's opinion is never shown as if it were measured.
std::string judged_by(const JudgedScore& opinion) {
  return opinion.metric + ": judged by " +
         (opinion.model.empty() ? opinion.provider : opinion.model);
}

// Evidence may name a place in an earlier message: a contradiction marks both sides.
std::vector<Span> spans_in(const ReportData& report, const Message& message,
                           std::string_view text) {
  std::vector<Span> spans;
  for (const Message& measured : report.messages) {
    for (const MetricScore& score : measured.metrics) {
      for (const Evidence& place : score.evidence) {
        if (place.message != message.id || !lies_in(place, text)) continue;
        spans.push_back({place.begin, place.end, score.metric,
                         score.metric + ": " + reason_text(place.reason)});
      }
    }
    for (const JudgedScore& opinion : measured.judged) {
      for (const Evidence& place : opinion.evidence) {
        if (place.message != message.id || !lies_in(place, text)) continue;
        spans.push_back({place.begin, place.end, opinion.metric, judged_by(opinion)});
      }
    }
  }
  return spans;
}

std::string titles_at(const std::vector<Span>& spans, std::size_t at) {
  std::set<std::string> titles;
  for (const Span& span : spans) {
    if (span.begin <= at && at < span.end) titles.insert(span.title);
  }
  std::string text;
  for (const auto& title : titles) text += (text.empty() ? "" : "; ") + title;
  return text;
}

// Where several metrics mark the same words, the rarest one gives the colour.
std::string_view strongest_at(const std::vector<Span>& spans, std::size_t at) {
  constexpr std::string_view kOrder[] = {"contradiction", "evasiveness", "sentiment"};
  for (const auto metric : kOrder) {
    for (const Span& span : spans) {
      if (span.metric == metric && span.begin <= at && at < span.end) return metric;
    }
  }
  return "other";
}

std::string mark(std::string_view metric, const std::string& title, const std::string& content) {
  std::string out = "<mark class=\"m-" + std::string(metric) + "\"";
  if (!title.empty()) out += " title=\"" + html(title) + "\"";
  return out + ">" + content + "</mark>";
}

// Overlapping spans become neighbouring marks, each with everything that holds there.
std::string marked(std::string_view text, const std::vector<Span>& spans) {
  std::set<std::size_t> cuts = {0, text.size()};
  for (const Span& span : spans) {
    cuts.insert(span.begin);
    cuts.insert(span.end);
  }
  std::string out;
  for (auto cut = cuts.begin(); std::next(cut) != cuts.end(); ++cut) {
    const std::string piece = html(text.substr(*cut, *std::next(cut) - *cut));
    const std::string title = titles_at(spans, *cut);
    out += title.empty() ? piece : mark(strongest_at(spans, *cut), title, piece);
  }
  return out;
}

std::string chips(const ReportData& report, const Message& message) {
  if (message.metrics.empty()) return {};
  std::string out = "<ul class=\"chips\" aria-label=\"Metrics\">";
  for (const MetricScore& score : message.metrics) {
    const std::string warning = warning_of(report.preset, message.speaker, score);
    out += "<li" + std::string(warning.empty() ? "" : " class=\"warn\"") + ">" +
           html(chip_name(score)) + " <b>" + score_text(score) + "</b>";
    if (is_unsure(score)) out += " <i>unsure</i>";
    for (const JudgedScore& opinion : message.judged) {
      if (opinion.metric == score.metric)
        out += fmt::format(" <i title=\"{}\">judge {:.2f}</i>", html(judged_by(opinion)),
                           opinion.value);
    }
    if (!warning.empty()) out += " <span>" + html(warning) + "</span>";
    out += "</li>";
  }
  return out + "</ul>";
}

// The quoted words and, where they are another message's, the way there.
std::string quote(const ReportData& report, const Message& measured, const Evidence& place) {
  const auto quoted = quoted_words(report, place);
  if (!quoted) return {};
  std::string out = html(reason_text(place.reason)) + " <q>" + html(quoted->words) + "</q>";
  if (place.message != measured.id)
    out += fmt::format(" (<a href=\"#{}\">message {}</a>)", html(place.message), quoted->index + 1);
  return out;
}

// For those who cannot point at a mark: on a phone, on paper, with a screen reader.
std::string evidence_of(const ReportData& report, const Message& message) {
  std::string rows;
  for (const MetricScore& score : message.metrics) {
    std::string row = " " + html(assessment_text(score));
    char separator = ':';
    for (const Evidence& place : score.evidence) {
      const std::string words = quote(report, message, place);
      if (words.empty()) continue;
      row += std::string(1, std::exchange(separator, ',')) + " " + words;
    }
    rows += "<li>" + element("b", "", html(score.metric)) + row + "</li>";
  }
  for (const JudgedScore& opinion : message.judged) {
    std::string row = html(" " + (opinion.label.empty() ? "" : opinion.label + " ")) +
                      fmt::format("{:.2f}", opinion.value);
    for (const Evidence& place : opinion.evidence) row += ", " + quote(report, message, place);
    rows += "<li>" + element("b", "", html(judged_by(opinion))) + row + "</li>";
  }
  if (rows.empty()) return {};
  return "<details class=\"why\"><summary>Evidence</summary><ul>" + rows + "</ul></details>";
}

std::string outcome_mark(const Message& message) {
  if (message.outcome != Outcome::complete)
    return element("span", "badge bad", to_string(message.outcome));
  if (message.finish_reason == FinishReason::stop || message.from_human) return {};
  return element("span", "badge bad", html(to_string(message.finish_reason)));
}

std::string initials(const std::string& name) {
  std::string out;
  bool at_word = true;
  for (std::size_t i = 0; i < name.size() && out.size() < 2; ++i) {
    const auto byte = static_cast<unsigned char>(name[i]);
    if (at_word && byte < 0x80 && byte > ' ') out += name[i];
    at_word = name[i] == ' ';
  }
  return out.empty() ? "?" : out;
}

// Minutes and seconds since the session's creation, e.g. "1:05".
std::string since(const ReportData& report, const Message& message) {
  const auto time = std::max(std::chrono::microseconds::zero(), message.time - report.info.created);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).count();
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string heading(const ReportData& report, const Message& message, const std::string& name) {
  std::string out = "<h3>" + html(name) + "</h3> ";
  out += element("span", "when", since(report, message));
  return element("div", "who", out + " " + outcome_mark(message));
}

std::string article(const ReportData& report, const Message& message) {
  const std::string name = name_of(report.info, message.speaker);
  const std::string text = message.text();
  const bool second =
      !report.info.participants.empty() && report.info.participants.front().id != message.speaker;
  std::string out = "<li id=\"" + html(message.id) + "\" class=\"message " +
                    speaker_class(report, message.speaker) + (second ? " right" : "") + "\">";
  out += "<span class=\"face\" aria-hidden=\"true\">" + html(initials(name)) + "</span>";
  out += "<article>" + heading(report, message, name);
  out += "<p class=\"said\" dir=\"auto\">" + marked(text, spans_in(report, message, text)) + "</p>";
  return out + chips(report, message) + evidence_of(report, message) + "</article></li>\n";
}

}  // namespace

std::string report_transcript(const ReportData& report) {
  std::string out =
      "<section aria-labelledby=\"transcript\">\n<h2 id=\"transcript\">Transcript</h2>\n";
  if (report.messages.empty())
    return out + "<p class=\"panel\">Nobody has spoken yet.</p>\n</section>\n";
  out += "<p class=\"hint\">Highlighted words are the evidence behind a metric (" +
         mark("contradiction", {}, "contradiction") + ", " +
         mark("evasiveness", {}, "evasiveness") + ", " + mark("sentiment", {}, "sentiment") + ", " +
         mark("other", {}, "engagement") + "); the list below each message says why.</p>\n";
  out += "<ol class=\"talk\" lang=\"" + html(report.preset.language) + "\">\n";
  for (const Message& message : report.messages) out += article(report, message);
  return out + "</ol>\n</section>\n";
}

}  // namespace scena::shell
