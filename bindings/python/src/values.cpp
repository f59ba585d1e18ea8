#include "values.hpp"

namespace scena::python {
namespace {

py::object money(Money amount) {
  return text(amount.to_string());
}

py::object error_or_none(const std::optional<Error>& error) {
  return error ? exception_of(*error) : py::none();
}

py::object audience_of(const Audience& audience) {
  if (audience.kind == Audience::Kind::all) return py::none();
  py::list names;
  for (const auto& name : audience.names) names.append(text(name));
  return names;
}

const char* name_of(MessagePart::Kind kind) noexcept {
  switch (kind) {
    case MessagePart::Kind::text:
      return "text";
    case MessagePart::Kind::image:
      return "image";
    case MessagePart::Kind::audio:
      return "audio";
    case MessagePart::Kind::file:
      return "file";
    case MessagePart::Kind::data:
      return "data";
  }
  return "text";
}

py::object to_python(const MessagePart& part) {
  return Dict()
      .set("kind", name_of(part.kind))
      .set("text", part.text)
      .set("blob", part.blob)
      .set("media_type", part.media_type)
      .set("size", part.size)
      .take();
}

py::object to_python(const Evidence& evidence) {
  return Dict()
      .set("message", evidence.message)
      .set("begin", static_cast<std::uint64_t>(evidence.begin))
      .set("end", static_cast<std::uint64_t>(evidence.end))
      .set("reason", evidence.reason)
      .take();
}

py::object to_python(const ToolUse& use) {
  return Dict()
      .set("id", use.call.id)
      .set("name", use.call.name)
      .set("arguments", use.call.arguments)
      .set("finished", use.finished)
      .set("failed", use.failed)
      .set("result", use.result)
      .set("cached", use.cached)
      .set("duration", static_cast<double>(use.duration.count()) / 1000)
      .take();
}

py::object to_python(const Explanation::Part& part) {
  return Dict()
      .set("id", part.id)
      .set("source", part.source)
      .set("tokens", part.tokens)
      .set("included", part.included)
      .set("reason", part.reason)
      .take();
}

template <class T>
py::list list_here(const std::vector<T>& values) {
  py::list made(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) made[i] = to_python(values[i]);
  return made;
}

}  // namespace

Dict& Dict::set(const char* name, std::string_view value) {
  return set(name, py::object(text(value)));
}
Dict& Dict::set(const char* name, std::int64_t value) {
  return set(name, py::object(py::int_(value)));
}
Dict& Dict::set(const char* name, std::uint64_t value) {
  return set(name, py::object(py::int_(value)));
}
Dict& Dict::set(const char* name, double value) {
  return set(name, py::object(py::float_(value)));
}
Dict& Dict::set(const char* name, bool value) {
  return set(name, py::object(py::bool_(value)));
}
Dict& Dict::set(const char* name, const std::map<std::string, std::string>& value) {
  py::dict made;
  for (const auto& [key, of] : value) made[text(key)] = text(of);
  return set(name, py::object(std::move(made)));
}
Dict& Dict::set(const char* name, const std::map<std::string, std::uint32_t>& value) {
  py::dict made;
  for (const auto& [key, count] : value) made[text(key)] = py::int_(count);
  return set(name, py::object(std::move(made)));
}
Dict& Dict::set(const char* name, const std::vector<std::string>& value) {
  py::list made;
  for (const auto& each : value) made.append(text(each));
  return set(name, py::object(std::move(made)));
}
Dict& Dict::set(const char* name, py::object value) {
  if (PyDict_SetItemString(dict_.ptr(), name, value.ptr()) != 0) throw py::error_already_set();
  return *this;
}

std::int64_t micros(WallTime time) noexcept {
  return time.time_since_epoch().count();
}

py::object to_python(const Usage& value) {
  Dict made;
  made.set("input_tokens", value.input_tokens)
      .set("output_tokens", value.output_tokens)
      .set("cached_input_tokens", value.cached_input_tokens)
      .set("cache_write_tokens", value.cache_write_tokens)
      .set("reasoning_tokens", value.reasoning_tokens)
      .set("cached", value.cached)
      .set("estimated", value.estimated);
  if (value.billed_input_tokens) made.set("billed_input_tokens", *value.billed_input_tokens);
  if (value.billed_output_tokens) made.set("billed_output_tokens", *value.billed_output_tokens);
  return made.take();
}

py::object to_python(const Participant& value) {
  return Dict()
      .set("id", value.id)
      .set("name", value.name)
      .set("is_human", value.is_human)
      .set("present", value.present)
      .set("subject", value.subject)
      .take();
}

py::object to_python(const SessionInfo& value) {
  return Dict()
      .set("id", value.id)
      .set("title", value.title)
      .set("preset", value.preset)
      .set("state", to_string(value.state))
      .set("owner", value.owner)
      .set("parent", value.parent)
      .set("parent_seq", value.parent_seq)
      .set("last_seq", value.last_seq)
      .set("created", micros(value.created))
      .set("updated", micros(value.updated))
      .set("turns", value.turns)
      .set("messages", value.messages)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .set("end_reason", value.end_reason)
      .set("participants", list_of(value.participants))
      .set("variables", value.variables)
      .set("labels", value.labels)
      .set("escapes", value.escapes)
      .take();
}

py::object to_python(const TurnResult& value) {
  return Dict()
      .set("turn", value.turn)
      .set("outcome", to_string(value.outcome))
      .set("finish_reason", to_string(value.finish_reason))
      .set("message", value.message)
      .set("text", value.text)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .set("error", error_or_none(value.error))
      .set("cached", value.cached)
      .set("degraded", value.degraded)
      .set("route", value.route)
      .set("fallback_for", value.fallback_for)
      .take();
}

py::object to_python(const RunResult& value) {
  return Dict()
      .set("turns", value.turns)
      .set("reason", value.reason)
      .set("error", error_or_none(value.error))
      .take();
}

py::object to_python(const AsideResult& value) {
  return Dict()
      .set("text", value.text)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .take();
}

py::object to_python(const NextQuestion& value) {
  return Dict()
      .set("text", value.text)
      .set("covers", value.covers)
      .set("fallback", value.fallback)
      .set("reason", value.reason)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .take();
}

py::object to_python(const MetricScore& value) {
  return Dict()
      .set("metric", value.metric)
      .set("value", value.value)
      .set("confidence", value.confidence)
      .set("label", value.label)
      .set("evidence", list_here(value.evidence))
      .take();
}

py::object to_python(const JudgedScore& value) {
  return Dict()
      .set("metric", value.metric)
      .set("value", value.value)
      .set("label", value.label)
      .set("evidence", list_here(value.evidence))
      .set("provider", value.provider)
      .set("model", value.model)
      .set("cached", value.cached)
      .take();
}

py::object to_python(const Message& value) {
  std::vector<ToolUse> tools;
  for (const auto& round : value.tool_rounds)
    tools.insert(tools.end(), round.uses.begin(), round.uses.end());
  return Dict()
      .set("id", value.id)
      .set("turn", value.turn)
      .set("speaker", value.speaker)
      .set("from_human", value.from_human)
      .set("text", value.text())
      .set("parts", list_here(value.parts))
      .set("time", micros(value.time))
      .set("seq", value.seq)
      .set("audience", audience_of(value.audience))
      .set("pinned", value.pinned)
      .set("superseded", value.superseded)
      .set("replaces", value.replaces)
      .set("outcome", to_string(value.outcome))
      .set("finish_reason", to_string(value.finish_reason))
      .set("provider", value.provider)
      .set("model", value.model)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .set("metrics", list_of(value.metrics))
      .set("judged", list_of(value.judged))
      .set("tools", list_here(tools))
      .take();
}

py::object to_python(const Explanation& value) {
  return Dict()
      .set("message", value.message)
      .set("turn", value.turn)
      .set("provider", value.provider)
      .set("model", value.model)
      .set("request", value.request)
      .set("sha256", value.sha256)
      .set("rounds", value.rounds)
      .set("parts", list_here(value.parts))
      .take();
}

py::object to_python(const Completion& value) {
  std::vector<ToolUse> calls;
  for (const auto& call : value.tool_calls) calls.push_back({.call = call});
  return Dict()
      .set("provider", value.start.provider)
      .set("model", value.start.model)
      .set("outcome", to_string(value.outcome))
      .set("finish_reason", value.finish_reason ? to_string(*value.finish_reason) : "")
      .set("text", value.text)
      .set("reasoning", value.reasoning)
      .set("refusal", value.refusal)
      .set("tool_calls", list_here(calls))
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .set("error", error_or_none(value.error))
      .set("state", value.state)
      .take();
}

py::object to_python(const Embeddings& value) {
  py::list vectors;
  for (std::size_t i = 0; i < value.size(); ++i) {
    py::list vector;
    for (const float number : value.vector(i)) vector.append(py::float_(number));
    vectors.append(std::move(vector));
  }
  return Dict()
      .set("model", value.model)
      .set("vectors", py::object(std::move(vectors)))
      .set("usage", to_python(value.usage))
      .take();
}

py::object to_python(const PresetInfo& value) {
  return Dict()
      .set("id", value.id)
      .set("version", value.version)
      .set("title", value.title)
      .set("description", value.description)
      .set("category", value.category)
      .set("builtin", value.builtin)
      .take();
}

py::object to_python(const CostRow& value) {
  return Dict()
      .set("group", value.group)
      .set("calls", value.calls)
      .set("estimated", value.estimated)
      .set("cached", value.cached)
      .set("usage", to_python(value.usage))
      .set("cost", money(value.cost))
      .take();
}

py::object to_python(const CacheFigures& value) {
  return Dict()
      .set("hits", value.hits)
      .set("misses", value.misses)
      .set("bytes", value.bytes)
      .set("saved", money(value.saved))
      .take();
}

py::object to_python(const ServiceHealth& value) {
  return Dict()
      .set("breaker", value.breaker)
      .set("wait", static_cast<double>(value.wait.count()) / 1000)
      .set("times_opened", value.times_opened)
      .set("answered", value.answered)
      .set("failed", value.failed)
      .set("refused", value.refused)
      .set("rejected", value.rejected)
      .set("last_error", value.last_error)
      .take();
}

py::object to_python(const EngineStats& value) {
  return Dict()
      .set("sessions_loaded", static_cast<std::uint64_t>(value.sessions_loaded))
      .set("commits_waiting", static_cast<std::uint64_t>(value.commits_waiting))
      .set("commands_refused", value.commands_refused)
      .set("deltas_merged", value.deltas_merged)
      .set("viewers_lagged", value.viewers_lagged)
      .set("jobs_running", static_cast<std::uint64_t>(value.jobs_running))
      .set("jobs_refused", value.jobs_refused)
      .set("idle", value.idle)
      .take();
}

py::object to_python(const Job& value) {
  constexpr std::string_view kSessionStream = "session:";
  const bool has_session = value.stream.starts_with(kSessionStream);
  return Dict()
      .set("id", value.id)
      .set("kind", value.kind)
      .set("state", to_string(value.state))
      .set("payload", value.payload)
      .set("result", value.result)
      .set("priority", static_cast<std::int64_t>(value.priority))
      .set("attempts", static_cast<std::int64_t>(value.attempts))
      .set("max_attempts", static_cast<std::int64_t>(value.max_attempts))
      .set("key", value.key)
      .set("session", has_session ? value.stream.substr(kSessionStream.size()) : std::string())
      .set("run_after", micros(value.run_after))
      .set("changed", micros(value.changed))
      .set("number", value.number)
      .take();
}

py::object to_python(const JobCount& value) {
  return Dict()
      .set("kind", value.kind)
      .set("state", to_string(value.state))
      .set("count", static_cast<std::uint64_t>(value.count))
      .take();
}

}  // namespace scena::python
