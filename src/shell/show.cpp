#include <fmt/format.h>

#include <scena/batch_row.hpp>

#include "shell/commands.hpp"
#include "shell/files.hpp"
#include "shell/reading.hpp"
#include "shell/report.hpp"
#include "shell/spoken.hpp"
#include "shell/wrap.hpp"

namespace scena::shell {
namespace {

void show_facts(Console& console, const SessionInfo& info, const std::vector<Message>& line) {
  console.line(console.styled("1", printable(info.title)));
  console.line(fmt::format("{}, {}, preset {}", info.id, to_string(info.state), info.preset));
  if (!info.parent.empty())
    console.line(fmt::format("fork of {} at event {}", info.parent, info.parent_seq));
  console.line(summary_of(info, session_row(info, line).duration));
}

void show_message(Console& console, const SessionInfo& info, const Preset& preset,
                  const Message& message) {
  std::string head =
      console.styled("1", printable(name_of(info, message.speaker))) + "  " + message.id;
  if (message.superseded) head += "  [superseded]";
  if (message.outcome != Outcome::complete)
    head += std::string("  [") + to_string(message.outcome) + "]";
  console.line("\n" + head);
  Wrap wrap(console.width(), 2);
  console.write(wrap.add(printable(message.text())));
  console.line(wrap.finish());
  if (!message.metrics.empty())
    console.line(console.styled("2", "  " + scores_text(preset, message.speaker, message.metrics)));
}

}  // namespace

Exit show_command(const Args& args, Console& console) {
  Engine engine = open_reader(args);
  Session session = engine.session(args.session);
  if (args.json) {
    console.line(session.state_json());
    return Exit::ok;
  }
  const SessionInfo info = session.info();
  const Preset preset = preset_of(engine, args.session);
  show_facts(console, info, session.messages());
  for (const Message& message : session.messages(args.all))
    show_message(console, info, preset, message);
  return Exit::ok;
}

Exit explain_command(const Args& args, Console& console) {
  Engine engine = open_reader(args);
  const Explanation why = engine.session(args.session).explain(args.message);
  if (args.json) {
    console.line(why.request);
    return Exit::ok;
  }
  console.line(fmt::format("message {}, turn {}, provider {}{}", why.message, why.turn,
                           why.provider, why.model.empty() ? "" : ", model " + why.model));
  console.line("request sha256 " + why.sha256 + " (composed again, equal to the one recorded)\n");
  console.line(fmt::format("{:>7}  {:<4} {:<10} part", "tokens", "in", "source"));
  for (const auto& part : why.parts) {
    console.line(printable(fmt::format("{:>7}  {:<4} {:<10} {}{}", part.tokens,
                                       part.included ? "yes" : "no", part.source, part.id,
                                       part.reason.empty() ? "" : ": " + part.reason)));
  }
  console.line("\n" + printable(why.request));
  return Exit::ok;
}

Exit report_command(const Args& args, Console& console) {
  check_output(args, "-o", args.file);
  Engine engine = open_reader(args);
  Session session = engine.session(args.session);
  EventNotes notes;
  for (const Event& event : stored_events(engine, args.session)) notes.add(event);
  const ReportData report{session.info(), session.messages(), preset_of(engine, args.session),
                          notes.times(), stored_analysis(session)};
  write_file(args.file, render_report(report)).value_or_throw();
  console.line(args.file);
  return Exit::ok;
}

}  // namespace scena::shell
