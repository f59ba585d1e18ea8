// Calls of model services outside of sessions.
#include <functional>

#include "engine.hpp"
#include "stop.hpp"

namespace scena::python {
namespace {

/// Tells a host's functions what comes of a reply; each may be empty.
class LiveReply final : public ReplySink {
 public:
  LiveReply(const py::object& on_text, const py::object& on_reasoning)
      : on_text_(on_text), on_reasoning_(on_reasoning) {}

  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { tell(on_text_, delta); }
  void on_reasoning(std::string_view delta) override { tell(on_reasoning_, delta); }
  void on_done(const ReplyEnd&) override {}

 private:
  static void tell(const Kept& callback, std::string_view delta) {
    const HeldLock locked;
    if (callback.get().is_none()) return;
    try {
      call_host(callback.get(), text(delta));
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: a callback of complete()");
    }
  }

  Kept on_text_;
  Kept on_reasoning_;
};

std::string member_text(const py::dict& given, const char* name) {
  return given.contains(name) ? utf8(given[name], name) : std::string();
}

PromptRole prompt_role_of(const std::string& name) {
  if (name == "user") return PromptRole::user;
  if (name == "assistant") return PromptRole::assistant;
  if (name == "tool") return PromptRole::tool;
  throw Error(ErrorCode::invalid_argument,
              "messages: a role is \"user\", \"assistant\" or \"tool\"");
}

PromptMessage prompt_message_of(const py::dict& given) {
  PromptMessage message;
  message.role = prompt_role_of(member_text(given, "role"));
  message.text = member_text(given, "text");
  message.name = member_text(given, "name");
  message.state = member_text(given, "state");
  message.tool_call_id = member_text(given, "tool_call_id");
  if (given.contains("tool_failed")) message.tool_failed = given["tool_failed"].cast<bool>();
  if (given.contains("tool_calls")) {
    for (const py::handle each : given["tool_calls"]) {
      const auto call = py::reinterpret_borrow<py::tuple>(each);
      message.tool_calls.push_back({utf8(call[0], "a tool call's id"),
                                    utf8(call[1], "a tool call's name"),
                                    utf8(call[2], "a tool call's arguments"), true});
    }
  }
  return message;
}

ToolChoice tool_choice_of(const std::string& word) {
  if (word.empty() || word == "auto") return {};
  if (word == "none") return {ToolChoice::Kind::none, {}};
  if (word == "required") return {ToolChoice::Kind::required, {}};
  return {ToolChoice::Kind::named, word};
}

ReplyRequest completion_request_of(const py::dict& given) {
  ReplyRequest request;
  request.model = member_text(given, "model");
  request.system = member_text(given, "system");
  request.json_schema = member_text(given, "json_schema");
  if (given.contains("temperature")) request.temperature = given["temperature"].cast<double>();
  if (given.contains("max_tokens"))
    request.max_tokens = whole<std::int64_t>(given["max_tokens"], "max_tokens");
  if (given.contains("seed")) request.seed = whole<std::int64_t>(given["seed"], "seed");
  for (const py::handle each : given["messages"])
    request.messages.push_back(prompt_message_of(py::reinterpret_borrow<py::dict>(each)));
  for (const py::handle each : given["tools"]) {
    const auto tool = py::reinterpret_borrow<py::tuple>(each);
    request.tools.push_back({utf8(tool[0], "a tool's name"), utf8(tool[1], "a tool's description"),
                             utf8(tool[2], "a tool's parameters"), false});
  }
  request.tool_choice = tool_choice_of(member_text(given, "tool_choice"));
  return request;
}

py::tuple complete(PyEngine& self, const Str& provider, const py::dict& given,
                   const py::object& on_text, const py::object& on_reasoning) {
  auto request = completion_request_of(given);
  std::shared_ptr<ReplySink> live;
  if (!on_text.is_none() || !on_reasoning.is_none())
    live = std::make_shared<LiveReply>(on_text, on_reasoning);
  const auto stop = std::make_shared<Stop>();
  auto pending = self.call([&](Engine& of) {
    return of.complete(provider, std::move(request), std::move(live), stop->source.get_token());
  });
  return py::make_tuple(self.pending(std::move(pending)), stop);
}

EmbeddingPurpose embedding_purpose_of(const std::string& name) {
  for (const auto purpose : {EmbeddingPurpose::document, EmbeddingPurpose::query,
                             EmbeddingPurpose::classification, EmbeddingPurpose::clustering}) {
    if (name == to_string(purpose)) return purpose;
  }
  throw Error(ErrorCode::invalid_argument,
              "purpose: is \"document\", \"query\", \"classification\" or \"clustering\"");
}

std::shared_ptr<PyPending> embed(PyEngine& self, const Str& provider, const py::object& texts,
                                 const Str& model, const Str& purpose,
                                 const py::object& dimensions) {
  EmbeddingRequest request;
  request.texts = texts_of(texts, "texts");
  request.model = model;
  request.purpose = embedding_purpose_of(purpose);
  if (!dimensions.is_none()) request.dimensions = whole<std::size_t>(dimensions, "dimensions");
  return self.pending(
      self.call([&](Engine& of) { return of.embed(provider, std::move(request)); }));
}

}  // namespace

void add_models(py::class_<PyEngine>& type) {
  type.def("complete", &complete).def("embed", &embed);
}

void add_stop(py::module_& module) {
  py::class_<Stop, std::shared_ptr<Stop>>(module, "Stop")
      .def(py::init<>())
      .def("request", &Stop::request);
}

}  // namespace scena::python
