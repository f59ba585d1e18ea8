#include "json/json_in.hpp"

#include <algorithm>
#include <utility>

#include "base/config_members.hpp"
#include "base/json.hpp"
#include "domain/object_reader.hpp"

namespace scena::capi {
namespace {

constexpr std::size_t kName = 4096;
constexpr std::size_t kText = 8u << 20;

/// One object of a caller: read() gets its members, and what it finds wrong is thrown together.
template <class Read>
void read_object(std::string_view json, const char* kind, Read&& read) {
  const Json document = parse_json(json, {.careful = true}).value_or_throw();
  FaultList faults;
  ObjectReader members(document, "", kind, faults);
  read(members);
  members.finish();
  if (!faults.empty()) throw faults_error(kind, faults.take());
}

void name(ObjectReader& members, const char* member, std::string& out, bool required = false) {
  members.text(member, out, {.max_bytes = kName, .required = required});
}

void read_labels(ObjectReader& members, SessionChanges& changes) {
  const Json* labels = members.object("labels");
  if (!labels) return;
  if (!labels->is_object()) return members.faults().add(members.at("labels"), "must be an object");
  for (const auto& [label, value] : labels->items()) {
    if (value.is_null()) {
      changes.labels[label] = std::nullopt;
    } else if (value.is_string()) {
      changes.labels[label] = value.get<std::string>();
    } else {
      members.faults().add(json_pointer(members.at("labels"), label),
                           "must be a text, or null to take the label away");
    }
  }
}

/// The text of a JSON value that stands in a request: a schema as an object, or as text.
void read_json_text(ObjectReader& members, const char* member, std::string& out) {
  const Json* value = members.any(member);
  if (!value) return;
  if (value->is_string()) {
    out = value->get<std::string>();
  } else if (value->is_object()) {
    out = dump_json(*value);
  } else {
    members.faults().add(members.at(member), "must be a JSON schema");
  }
}

template <class Each>
void each_object(ObjectReader& members, const char* list, const char* kind, Each&& each) {
  const Json* items = members.list(list, 10'000);
  if (!items) return;
  for (std::size_t i = 0; i < items->size(); ++i) {
    ObjectReader item((*items)[i], json_pointer(members.at(list), std::to_string(i)), kind,
                      members.faults());
    each(item);
    item.finish();
  }
}

void read_prompt_message(ObjectReader& item, ReplyRequest& request) {
  constexpr ObjectReader::Word<PromptRole> kRoles[] = {{"user", PromptRole::user},
                                                       {"assistant", PromptRole::assistant},
                                                       {"system", PromptRole::system},
                                                       {"tool", PromptRole::tool}};
  PromptMessage message;
  item.word("role", kRoles, message.role);
  item.text("text", message.text, {.max_bytes = kText});
  name(item, "name", message.name);
  name(item, "tool_call_id", message.tool_call_id);
  item.boolean("tool_failed", message.tool_failed);
  item.text("state", message.state, {.max_bytes = kText});
  each_object(item, "tool_calls", "a call of a tool", [&](ObjectReader& member) {
    ToolCall call;
    name(member, "id", call.id, true);
    name(member, "name", call.name, true);
    member.text("arguments", call.arguments, {.max_bytes = kText});
    message.tool_calls.push_back(std::move(call));
  });
  request.messages.push_back(std::move(message));
}

void read_tools(ObjectReader& members, ReplyRequest& request) {
  each_object(members, "tools", "a tool", [&](ObjectReader& item) {
    ToolSpec tool;
    name(item, "name", tool.name, true);
    item.text("description", tool.description, {.max_bytes = kText});
    read_json_text(item, "parameters", tool.parameters);
    item.boolean("strict", tool.strict);
    request.tools.push_back(std::move(tool));
  });
  constexpr ObjectReader::Word<ToolChoice::Kind> kChoices[] = {
      {"auto", ToolChoice::Kind::automatic},
      {"none", ToolChoice::Kind::none},
      {"required", ToolChoice::Kind::required},
      {"named", ToolChoice::Kind::named}};
  members.word("tool_choice", kChoices, request.tool_choice.kind);
  name(members, "tool_choice_name", request.tool_choice.name);
}

void read_settings(ObjectReader& members, ReplyRequest& request) {
  double number = 0;
  std::int64_t whole = 0;
  if (members.number("temperature", 0, 2, number)) request.temperature = number;
  if (members.number("top_p", 0, 1, number)) request.top_p = number;
  if (members.integer("max_tokens", 1, INT64_MAX, whole)) request.max_tokens = whole;
  if (members.integer("seed", INT64_MIN, INT64_MAX, whole)) request.seed = whole;
  members.texts("stop", request.stop, 64, {.max_bytes = kName});
  name(members, "reasoning_effort", request.reasoning_effort);
  read_json_text(members, "json_schema", request.json_schema);
  members.boolean("stream", request.stream);
  members.boolean("cache_prompt", request.cache_prompt);
  members.boolean("refuse_unsupported", request.refuse_unsupported);
}

void read_by(ObjectReader& members, std::vector<AnalyticsBy>& by) {
  std::vector<std::string> words;
  members.texts("by", words, 4, {.max_bytes = kName});
  for (const auto& word : words) {
    std::optional<AnalyticsBy> found;
    for (const AnalyticsBy one :
         {AnalyticsBy::preset, AnalyticsBy::character, AnalyticsBy::day, AnalyticsBy::month}) {
      if (word == to_string(one)) found = one;
    }
    if (!found) {
      members.faults().add(members.at("by"), "holds preset, character, day and month only");
    } else if (std::find(by.begin(), by.end(), *found) != by.end()) {
      members.faults().add(members.at("by"), "holds " + word + " twice");
    } else {
      by.push_back(*found);
    }
  }
}

}  // namespace

Principal read_principal(std::string_view json) {
  Principal who;
  read_object(json, "principal", [&](ObjectReader& members) {
    name(members, "tenant", who.tenant);
    name(members, "subject", who.subject);
    members.texts("roles", who.roles, 1'000, {.max_bytes = kName});
    name(members, "participant", who.participant);
    name(members, "tier", who.tier);
    name(members, "address", who.address);
    name(members, "key", who.key);
  });
  return who;
}

Participant read_participant(std::string_view json) {
  Participant person;
  person.is_human = true;
  read_object(json, "participant", [&](ObjectReader& members) {
    name(members, "id", person.id, true);
    name(members, "name", person.name);
    members.boolean("is_human", person.is_human);
    name(members, "subject", person.subject);
  });
  return person;
}

SessionChanges read_changes(std::string_view json) {
  SessionChanges changes;
  read_object(json, "changes", [&](ObjectReader& members) {
    std::string title;
    name(members, "title", title);
    if (members.has("title")) changes.title = std::move(title);
    read_labels(members, changes);
  });
  return changes;
}

EmbeddingRequest read_embedding_request(std::string_view json) {
  constexpr ObjectReader::Word<EmbeddingPurpose> kPurposes[] = {
      {"document", EmbeddingPurpose::document},
      {"query", EmbeddingPurpose::query},
      {"classification", EmbeddingPurpose::classification},
      {"clustering", EmbeddingPurpose::clustering}};
  EmbeddingRequest request;
  read_object(json, "request", [&](ObjectReader& members) {
    name(members, "model", request.model);
    members.texts("texts", request.texts, 100'000, {.max_bytes = kText});
    std::int64_t dimensions = 0;
    if (members.integer("dimensions", 1, 1'000'000, dimensions))
      request.dimensions = static_cast<std::size_t>(dimensions);
    members.word("purpose", kPurposes, request.purpose);
  });
  return request;
}

ReplyRequest read_reply_request(std::string_view json) {
  ReplyRequest request;
  read_object(json, "request", [&](ObjectReader& members) {
    name(members, "model", request.model);
    members.text("system", request.system, {.max_bytes = kText});
    each_object(members, "messages", "a message",
                [&](ObjectReader& item) { read_prompt_message(item, request); });
    read_settings(members, request);
    read_tools(members, request);
  });
  return request;
}

CostQuestion read_cost_question(std::string_view json) {
  constexpr std::pair<const char*, CostBy> kBy[] = {
      {"session", CostBy::session}, {"user", CostBy::user},     {"provider", CostBy::provider},
      {"model", CostBy::model},     {"preset", CostBy::preset}, {"day", CostBy::day},
      {"month", CostBy::month}};
  CostQuestion asked;
  read_object(json, "query", [&](ObjectReader& members) {
    name(members, "session", asked.query.session);
    name(members, "user", asked.query.user);
    name(members, "provider", asked.query.provider);
    name(members, "model", asked.query.model);
    name(members, "preset", asked.query.preset);
    name(members, "from", asked.query.from);
    name(members, "to", asked.query.to);
    std::vector<std::string> words;
    members.texts("by", words, 7, {.max_bytes = kName});
    for (const auto& word : words) {
      const auto found = std::find_if(std::begin(kBy), std::end(kBy),
                                      [&](const auto& known) { return word == known.first; });
      if (found == std::end(kBy)) {
        members.faults().add(members.at("by"),
                             "holds session, user, provider, model, preset, day and month only");
      } else {
        asked.by.push_back(found->second);
      }
    }
  });
  return asked;
}

AnalyticsQuestion read_analytics_question(std::string_view json, bool has_by) {
  AnalyticsQuestion asked;
  read_object(json, "query", [&](ObjectReader& members) {
    name(members, "preset", asked.query.preset);
    name(members, "character", asked.query.character);
    name(members, "from", asked.query.from);
    name(members, "to", asked.query.to);
    name(members, "owner", asked.query.owner);
    if (has_by) {
      members.boolean("distributions", asked.query.distributions);
      read_by(members, asked.by);
    }
  });
  return asked;
}

JobOptions read_job_options(std::string_view json) {
  JobOptions options;
  read_object(json, "options", [&](ObjectReader& members) {
    name(members, "id", options.id);
    name(members, "key", options.key);
    members.boolean("join", options.join);
    name(members, "session", options.session);
    std::int64_t whole = 0;
    if (members.integer("priority", INT32_MIN, INT32_MAX, whole))
      options.priority = static_cast<int>(whole);
    if (members.integer("max_attempts", 1, 1'000, whole))
      options.max_attempts = static_cast<int>(whole);
    // A hundred years: what is later would not fit the clock.
    if (members.integer("delay_ms", 0, 3'153'600'000'000, whole))
      options.delay = std::chrono::milliseconds(whole);
  });
  return options;
}

JobFilter read_job_filter(std::string_view json) {
  JobFilter filter;
  read_object(json, "query", [&](ObjectReader& members) {
    name(members, "kind", filter.kind);
    std::int64_t whole = 0;
    if (members.integer("after", 0, INT64_MAX, whole))
      filter.after = static_cast<std::uint64_t>(whole);
    if (members.integer("limit", 0, 1'000, whole)) filter.limit = static_cast<std::size_t>(whole);
    if (!members.has("state")) return;
    std::string state;
    name(members, "state", state);
    filter.state = parse_job_state(state);
    if (!filter.state) {
      members.faults().add(members.at("state"),
                           "must be waiting, running, done, cancelled, dead or dropped");
    }
  });
  return filter;
}

Config read_config_member(const char* member, std::string_view json) {
  // One JSON value and nothing behind it: what is put together below is what was meant.
  auto value = parse_json(json, {.careful = true, .secret = true}).value_or_throw();
  wipe(value);
  const auto whole = Secret::joined({"{\"", member, "\":", json, "}"});
  return Config::from_json(whole.reveal()).value_or_throw();
}

}  // namespace scena::capi
