#include "engine/projection/session_export.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "base/sha256.hpp"
#include "engine/access/authorizer.hpp"
#include "engine/access/command_check.hpp"
#include "engine/actor/commit_draft.hpp"
#include "engine/erasure/retention.hpp"
#include "engine/projection/import_check.hpp"
#include "engine/projection/session_loader.hpp"

namespace scena::engine {
namespace {

constexpr int kFormatVersion = 1;

Result<std::string> export_json(Core& core, const std::string& tenant, const std::string& id,
                                const SessionModel& model) {
  auto snapshot = core.presets().by_hash(tenant, model.facts().preset_sha256);
  if (!snapshot) return snapshot.error();
  std::string out;
  JsonWriter writer(out);
  writer.begin_object()
      .member("format", "scena.session")
      .member("version", kFormatVersion)
      .member("id", id);
  writer.key("preset").raw((*snapshot)->json).key("events").begin_array();
  auto visited = visit_events(*core.storage(), tenant, id, UINT64_MAX,
                              [&writer](const Event& event) -> Result<void> {
                                writer.raw(event.to_json());
                                return {};
                              });
  if (!visited) return visited.error();
  writer.end_array().end_object();
  return out;
}

Result<std::string> export_lines(Core& core, const std::string& tenant, const std::string& id,
                                 const SessionModel& model, const std::string& viewer) {
  std::string out;
  auto visited = visit_events(
      // What is committed meanwhile is not in the model, which knows who missed what.
      *core.storage(), tenant, id, model.last_seq(), [&](const Event& event) -> Result<void> {
        if (!event.audience.admits(viewer, viewer.empty() ? "host" : "participant")) return {};
        if (model.was_missed(viewer, event)) return {};
        event.write_json(out);
        out += '\n';
        return {};
      });
  if (!visited) return visited.error();
  return out;
}

// A line of what people wrote: no heading, list, code, emphasis, entity or HTML is made of it. What
// some readers do beyond CommonMark (links of bare addresses, formulas) is theirs.
void add_plain_line(std::string& out, std::string_view line) {
  // Blanks in front would be lost, or make code of it.
  std::size_t at = 0;
  for (; at < line.size() && (line[at] == ' ' || line[at] == '\t'); ++at)
    out += line[at] == ' ' ? "&nbsp;" : "&nbsp;&nbsp;&nbsp;&nbsp;";
  const std::size_t digits = std::min(line.find_first_not_of("0123456789", at), line.size());
  for (; at < line.size(); ++at) {
    const char c = line[at];
    const bool numbers = at == digits && (c == '.' || c == ')');  // "1. one" is no list
    if (numbers || std::string_view("\\`*_{}[]<>#+-!|~&=").find(c) != std::string_view::npos)
      out += '\\';
    out += c;
  }
}

// Text of people in a Markdown document stays text, line by line.
std::string plain_markdown(std::string_view text) {
  std::string out;
  for (;;) {
    const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
    add_plain_line(out, text.substr(0, end));
    if (end == text.size()) return out;
    out += "  \n";
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

std::string export_markdown(const SessionModel& model, const std::string& viewer) {
  const SessionInfo& info = model.info();
  std::string out = "# " + plain_markdown(info.title) + "\n\n";
  out += "Session " + info.id + ", " + to_string(info.state) + ", " +
         std::to_string(info.messages) + " messages.\n";
  for (const Message* message : model.line()) {
    if (!message->audience.admits(viewer, viewer.empty() ? "host" : "participant")) continue;
    if (was_absent(viewer, *message)) continue;
    const Participant* speaker = model.participant(message->speaker);
    out += "\n**" + plain_markdown(speaker ? speaker->name : message->speaker) + ":** " +
           plain_markdown(message->text()) + "\n";
    if (message->outcome != Outcome::complete)
      out += std::string("\n*(") + to_string(message->outcome) + ")*\n";
  }
  return out;
}

Result<Audience> read_audience(const OrderedJson& value) {
  if (value == "all") return Audience{};
  if (value == "hosts") return Audience{Audience::Kind::hosts, {}};
  if (!value.is_array())
    return Error::fixed(ErrorCode::invalid_argument,
                        "audience: must be \"all\", \"hosts\" or a list of names");
  return Audience{Audience::Kind::named, value.get<std::vector<std::string>>()};
}

Result<Event> read_event(const OrderedJson& value) {
  auto audience = read_audience(value.at("audience"));
  if (!audience) return audience.error();
  Event event;
  event.stream = value.at("stream").get<std::string>();
  event.seq = value.at("seq").get<std::uint64_t>();
  event.type = value.at("type").get<std::string>();
  event.time = WallTime(std::chrono::microseconds(value.at("time").get<std::int64_t>()));
  event.actor = value.at("actor").get<std::string>();
  event.audience = std::move(*audience);
  event.cause = value.at("cause").get<std::string>();
  event.data = dump_json(value.at("data"));
  return event;
}

Error import_error(const Error& error) {
  return {ErrorCode::invalid_argument, std::string("import: ") + error.what()};
}

// Only an engine's own checks bound what it writes there.
Result<void> check_retention(const ParsedEvent& parsed) {
  if (parsed.event.type != "session.created") return {};
  const auto ttl = parsed.data.find("erased_after_ms");
  if (ttl == parsed.data.end()) return {};
  const bool fits = ttl->is_number_integer() &&
                    is_retention_ttl(std::chrono::milliseconds(ttl->get<std::int64_t>()));
  if (fits) return {};
  return Error::fixed(
      ErrorCode::invalid_argument,
      "import: session.created: erased_after_ms must be a whole number from 0 ms to 365 days");
}

}  // namespace

Result<std::string> export_session(Core& core, const Principal& who, const std::string& id,
                                   const SessionModel& model, ExportFormat format) {
  auto viewer = Authorizer::viewpoint(who, model.info(), {});
  if (!viewer) return viewer.error();
  switch (format) {
    case ExportFormat::json:
      if (auto host = Authorizer::host_only(who); !host) return host.error();
      return export_json(core, who.tenant, id, model);
    case ExportFormat::jsonl:
      return export_lines(core, who.tenant, id, model, *viewer);
    case ExportFormat::markdown:
      return export_markdown(model, *viewer);
  }
  return Error::fixed(ErrorCode::invalid_argument, "format: json, jsonl or markdown");
}

Result<ImportedSession> read_export(std::string_view json, const std::string& tenant) {
  auto document = parse_json_ordered(json, {.max_bytes = 256u << 20, .careful = true});
  if (!document) return document.error();
  try {
    if (document->value("format", "") != "scena.session") {
      return Error::fixed(ErrorCode::invalid_argument,
                          "import: not a session exported as JSON (format: scena.session)");
    }
    if (document->at("version").get<int>() > kFormatVersion) {
      return Error::fixed(ErrorCode::version_mismatch,
                          "import: written by a newer version; update scena");
    }
    const std::string preset_json = dump_json(document->at("preset"));
    auto preset = Preset::from_json(preset_json);
    if (!preset) return preset.error();
    const std::string snapshot = preset->to_json();

    ImportedSession imported;
    imported.id = document->at("id").get<std::string>();
    if (!is_session_id(imported.id)) {
      return Error::fixed(
          ErrorCode::invalid_argument,
          "import: id: 1 to 200 bytes of UTF-8 without control characters and \"/\"");
    }
    imported.stream = session_stream(imported.id);
    SessionModel& model = imported.model;
    ImportCheck check;
    Append append{tenant, imported.stream, 0, 0, {}};
    for (const auto& value : document->at("events")) {
      auto event = read_event(value);
      if (!event) return event.error();
      if (auto follows = check.follows(*event); !follows) return follows.error();
      event->stream = imported.stream;
      event->seq = append.events.size() + 1;
      auto parsed = parse_event(std::move(*event));
      if (!parsed) return import_error(parsed.error());
      if (auto checked = check_retention(*parsed); !checked) return checked.error();
      if (auto fits = check.fits(*parsed, model); !fits) return fits.error();
      if (auto applied = model.apply(*parsed); !applied) return import_error(applied.error());
      append.events.push_back(std::move(parsed->event));
    }
    if (append.events.empty() || append.events.front().type != "session.created") {
      return Error::fixed(ErrorCode::invalid_argument,
                          "import: the first event must be session.created");
    }
    if (model.facts().preset_sha256 != sha256_hex(snapshot)) {
      return Error::fixed(ErrorCode::invalid_argument,
                          "import: the preset is not the one that the events name");
    }
    for (const Event& event : append.events) {
      if (auto folded = fold_settlement(event, model.info(), imported.ledger); !folded)
        return import_error(folded.error());
    }
    imported.batch.appends.push_back(std::move(append));
    imported.batch.blobs.push_back(
        {tenant, model.facts().preset_sha256, "application/json", snapshot});
    imported.batch.records.push_back(session_record(tenant, model.facts()));
    return imported;
  } catch (const nlohmann::json::exception&) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "import: a member is missing or of the wrong type");
  }
}

}  // namespace scena::engine
