// Answers as JSON.
#include <charconv>
#include <cmath>
#include <iterator>

#include "answers.hpp"
#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "domain/score_json.hpp"
#include "domain/tool_json.hpp"

namespace scena::capi {
namespace {

void write_audience(JsonWriter& writer, const Audience& audience) {
  if (audience.kind == Audience::Kind::all) {
    writer.null();
    return;
  }
  writer.begin_array();
  for (const auto& name : audience.names) writer.value(name);
  writer.end_array();
}

// All that an error object says, where events keep code and message alone.
void write_failure(JsonWriter& writer, const Error& error) {
  writer.key("error").begin_object().member("code", to_string(error.code()));
  writer.member("message", error.what());
  if (!error.pointer().empty()) writer.member("pointer", error.pointer());
  if (const auto after = error.retry_after())
    writer.member("retry_after_ms", static_cast<std::int64_t>(after->count()));
  if (error.provider_status() != 0)
    writer.member("provider_status", static_cast<std::int64_t>(error.provider_status()));
  if (!error.provider_message().empty())
    writer.member("provider_message", error.provider_message());
  if (error.point() != FailurePoint::none) writer.member("point", to_string(error.point()));
  writer.end_object();
}

}  // namespace

std::string to_json(const SessionInfo& info) {
  return info.to_json();
}

std::string to_json(const AsideResult& answer) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("text", answer.text);
  write_usage(writer.key("usage"), answer.usage);
  writer.member("cost", answer.cost.to_string());
  writer.end_object();
  return out;
}

std::string to_json(const NextQuestion& question) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("text", question.text).member("covers", question.covers);
  writer.member("fallback", question.fallback).member("reason", question.reason);
  write_usage(writer.key("usage"), question.usage);
  writer.member("cost", question.cost.to_string()).end_object();
  return out;
}

std::string to_json(const RunResult& run) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  writer.member("turns", static_cast<std::uint64_t>(run.turns)).member("reason", run.reason);
  if (run.error) write_failure(writer, *run.error);
  writer.end_object();
  return out;
}

std::string to_json(const Session& session) {
  std::string out;
  JsonWriter(out).begin_object().member("id", session.id()).end_object();
  return out;
}

std::string to_json(const TurnResult& result) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("turn", result.turn);
  writer.member("outcome", to_string(result.outcome));
  if (result.outcome == Outcome::complete)
    writer.member("finish_reason", to_string(result.finish_reason));
  writer.member("message", result.message).member("text", result.text);
  write_usage(writer.key("usage"), result.usage);
  writer.member("cost", result.cost.to_string());
  if (result.error) write_failure(writer, *result.error);
  writer.member("cached", result.cached).member("degraded", result.degraded);
  writer.member("route", result.route).member("fallback_for", result.fallback_for);
  writer.end_object();
  return out;
}

std::string to_json(const Completion& reply) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("provider", reply.start.provider);
  writer.member("model", reply.start.model).member("request_id", reply.start.request_id);
  writer.member("cached", reply.start.cached).member("outcome", to_string(reply.outcome));
  if (reply.finish_reason) writer.member("finish_reason", to_string(*reply.finish_reason));
  writer.member("raw_reason", reply.raw_reason).member("text", reply.text);
  writer.member("reasoning", reply.reasoning).member("refusal", reply.refusal);
  writer.key("tool_calls").begin_array();
  for (const auto& call : reply.tool_calls) {
    writer.begin_object().member("id", call.id).member("name", call.name);
    writer.member("arguments", call.arguments).member("valid", call.valid).end_object();
  }
  writer.end_array().key("citations").begin_array();
  for (const auto& citation : reply.citations) {
    writer.begin_object().member("text", citation.text).member("title", citation.title);
    writer.member("url", citation.url).end_object();
  }
  writer.end_array().member("state", reply.state).key("usage");
  write_usage(writer, reply.usage);
  writer.member("cost", reply.cost.to_string());
  if (reply.error) write_failure(writer, *reply.error);
  writer.end_object();
  return out;
}

std::string to_json(const Embeddings& vectors) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("model", vectors.model);
  writer.member("dimensions", static_cast<std::uint64_t>(vectors.dimensions));
  writer.key("vectors").begin_array();
  for (std::size_t i = 0; i < vectors.size(); ++i) {
    writer.begin_array();
    for (const float number : vectors.vector(i)) {
      char digits[32];  // the shortest form that reads back as the same number
      const auto end = std::to_chars(std::begin(digits), std::end(digits), number).ptr;
      const bool is_number = std::isfinite(number);
      writer.raw(is_number ? std::string_view(digits, static_cast<std::size_t>(end - digits))
                           : std::string_view("null"));
    }
    writer.end_array();
  }
  writer.end_array().key("usage");
  write_usage(writer, vectors.usage);
  writer.end_object();
  return out;
}

std::string to_json(const Explanation& explanation) {
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("message", explanation.message).member("turn", explanation.turn);
  writer.member("provider", explanation.provider).member("model", explanation.model);
  writer.member("request", explanation.request).member("sha256", explanation.sha256);
  writer.key("rounds").begin_array();
  for (const auto& request : explanation.rounds) writer.value(request);
  writer.end_array().key("parts").begin_array();
  for (const auto& part : explanation.parts) {
    writer.begin_object().member("id", part.id).member("source", part.source);
    writer.member("tokens", part.tokens).member("included", part.included);
    writer.member("reason", part.reason).end_object();
  }
  writer.end_array().end_object();
  return out;
}

std::string to_json(const Job& job) {
  constexpr std::string_view kSessionStream = "session:";
  const bool has_session = job.stream.starts_with(kSessionStream);
  const auto micros = [](WallTime time) {
    return static_cast<std::int64_t>(time.time_since_epoch().count());
  };
  std::string out;
  JsonWriter writer(out);
  writer.begin_object().member("id", job.id).member("kind", job.kind);
  writer.member("state", to_string(job.state)).member("payload", job.payload);
  writer.member("result", job.result).member("priority", job.priority);
  writer.member("attempts", job.attempts).member("max_attempts", job.max_attempts);
  writer.member("key", job.key);
  writer.member("session", has_session ? job.stream.substr(kSessionStream.size()) : std::string());
  writer.member("run_after", micros(job.run_after)).member("changed", micros(job.changed));
  writer.member("number", job.number).end_object();
  return out;
}

std::string to_json(bool answer) {
  return answer ? "true" : "false";
}

std::string to_json(std::size_t count) {
  return std::to_string(count);
}

std::string to_json(const std::vector<Message>& messages) {
  std::string out = "{\"messages\":[";
  for (const Message& message : messages) {
    if (out.back() != '[') out += ',';
    // The members of message.stored, and behind them what other events say of the message.
    out += message_to_json(message);
    out.back() = ',';
    std::string rest;
    JsonWriter writer(rest);
    writer.begin_object().member("seq", message.seq);
    writer.member("time", static_cast<std::int64_t>(message.time.time_since_epoch().count()));
    writer.member("superseded", message.superseded).key("audience");
    write_audience(writer, message.audience);
    writer.key("metrics");
    write_scores(writer, message.metrics);
    if (!message.judged.empty()) write_judged(writer.key("judged"), message.judged);
    write_tool_rounds(writer, "tool_rounds", message.tool_rounds);
    writer.end_object();
    out.append(rest, 1);
  }
  return out += "]}";
}

}  // namespace scena::capi
