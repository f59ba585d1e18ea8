#include <scena/batch_row.hpp>
#include <set>

#include "shell/html.hpp"
#include "shell/report_parts.hpp"
#include "shell/spoken.hpp"

namespace scena::shell {
namespace {

std::string models_of(const ReportData& report) {
  std::set<std::string> models;
  for (const Message& message : report.messages) {
    if (!message.model.empty() || !message.provider.empty()) {
      models.insert(message.model.empty() ? message.provider : message.model);
    }
  }
  std::string text;
  for (const auto& model : models) text += (text.empty() ? "" : ", ") + model;
  return text.empty() ? "none" : text;
}

std::string ending(const SessionInfo& info) {
  if (info.end_reason.empty()) return {};
  if (info.end_reason == "host") return "ended by the host";
  return "end condition: " + info.end_reason;
}

std::string person_row(const ReportData& report, const Participant& person) {
  const Character* character = report.preset.find_character(person.id);
  std::string out = "<li><span class=\"dot " + speaker_class(report, person.id) +
                    "\" aria-hidden=\"true\"></span><div>";
  out += element("strong", "", html(person.name));
  out += element("span", "note", person.is_human ? " human" : " AI");
  if (character && !character->appearance.empty())
    out += element("p", "", html(character->appearance));
  return out + "</div></li>\n";
}

}  // namespace

std::string report_card(std::string_view name, const std::string& value, const std::string& note) {
  const bool is_word = !value.empty() && value[0] >= 'a' && value[0] <= 'z';
  std::string out = "<div class=\"card\">" + element("dt", "", html(name)) +
                    element("dd", is_word ? "word" : "", html(value));
  if (!note.empty()) out += element("dd", "note", html(note));
  return out + "</div>\n";
}

std::string report_header(const ReportData& report) {
  std::string out = "<header class=\"hero\">\n<p class=\"eyebrow\">Conversation report</p>\n";
  out += element("h1", "", html(report.info.title)) + "\n";
  if (!report.preset.description.empty())
    out += element("p", "lead", html(report.preset.description)) + "\n";
  out += "<p class=\"meta\"><span class=\"badge state-" +
         std::string(to_string(report.info.state)) + "\">" + to_string(report.info.state) +
         "</span> " + html(time_text(report.info.created)) + "</p>\n";
  return out + "</header>\n";
}

std::string report_facts(const ReportData& report) {
  const SessionInfo& info = report.info;
  std::string out =
      "<section aria-labelledby=\"facts\">\n<h2 id=\"facts\">At a glance</h2>\n<dl "
      "class=\"cards\">\n";
  out += report_card("State", to_string(info.state), ending(info));
  out += report_card("Messages", count_text(info.messages), plural(info.turns, "turn"));
  out += report_card("Duration", duration_text(session_row(report.info, report.messages).duration),
                     "on the engine's clock");
  out += report_card("Tokens", count_text(info.usage.input_tokens + info.usage.output_tokens),
                     usage_text(info.usage));
  out += report_card("Cost", "$" + info.cost.to_string(),
                     info.usage.estimated ? "by estimated usage" : "");
  out += report_card("Models", models_of(report), "");
  return out + "</dl>\n</section>\n";
}

std::string report_scenario(const ReportData& report) {
  std::string out =
      "<section aria-labelledby=\"scenario\">\n<h2 id=\"scenario\">Scenario</h2>\n<div "
      "class=\"panel\">\n";
  out += "<h3>People</h3>\n<ul class=\"people\">\n";
  for (const Participant& person : report.info.participants) out += person_row(report, person);
  out += "</ul>\n";
  if (!report.info.variables.empty()) {
    out += "<h3>Variables</h3>\n<dl class=\"pairs\">\n";
    for (const auto& [name, value] : report.info.variables) {
      out += "<div>" + element("dt", "", html(name)) + element("dd", "", html(value)) + "</div>\n";
    }
    out += "</dl>\n";
  }
  return out + "</div>\n</section>\n";
}

}  // namespace scena::shell
