#include "values.hpp"

namespace scena::python {
namespace {

py::object member(const py::dict& given, const char* name) {
  PyObject* found = PyDict_GetItemString(given.ptr(), name);
  if (!found || found == Py_None) return {};
  return py::reinterpret_borrow<py::object>(found);
}

void take(const py::dict& given, const char* name, std::string& out) {
  if (const auto value = member(given, name)) out = utf8(value, name);
}

void take(const py::dict& given, const char* name, bool& out) {
  if (const auto value = member(given, name)) out = value.cast<bool>();
}

void take(const py::dict& given, const char* name, std::size_t& out) {
  if (const auto value = member(given, name)) out = whole<std::size_t>(value, name);
}

void take(const py::dict& given, const char* name, std::map<std::string, std::string>& out) {
  if (const auto value = member(given, name)) out = text_map_of(value, name);
}

}  // namespace

std::vector<std::string> texts_of(const py::handle& list, const char* name) {
  if (PyUnicode_Check(list.ptr())) {
    throw Error(ErrorCode::invalid_argument,
                std::string(name) + ": must be a list of str, not a str, which is one of letters");
  }
  std::vector<std::string> made;
  for (const py::handle each : list) made.push_back(utf8(each, name));
  return made;
}

std::map<std::string, std::string> text_map_of(const py::handle& dict, const char* name) {
  std::map<std::string, std::string> made;
  for (const auto& item : py::reinterpret_borrow<py::dict>(dict))
    made[utf8(item.first, name)] = utf8(item.second, name);
  return made;
}

SendOptions send_options(const py::dict& given) {
  SendOptions options;
  take(given, "participant", options.participant);
  take(given, "command_id", options.command_id);
  take(given, "model", options.model);
  take(given, "character", options.character);
  take(given, "reply", options.reply);
  take(given, "json_schema", options.json_schema);
  take(given, "repair", options.repair);
  if (const auto deadline = member(given, "deadline"))
    options.deadline = timeout_of(deadline, "deadline").value_or(options.deadline);
  if (const auto names = member(given, "audience")) {
    options.audience.kind = Audience::Kind::named;
    options.audience.names = texts_of(names, "audience");
  }
  return options;
}

CommandOptions command_options(const py::object& command_id) {
  CommandOptions options;
  if (!command_id.is_none()) options.command_id = utf8(command_id, "command_id");
  return options;
}

SubscribeOptions subscribe_options(const py::dict& given) {
  SubscribeOptions options;
  take(given, "after", options.after);
  take(given, "participant", options.participant);
  take(given, "batches", options.batches);
  take(given, "max_events", options.max_events);
  take(given, "max_bytes", options.max_bytes);
  if (const auto types = member(given, "types")) options.types = texts_of(types, "types");
  return options;
}

SubscribeOptions reader_of_replies(std::string after) {
  SubscribeOptions options;
  options.after = std::move(after);
  options.batches = true;
  options.types = {"delta", "turn.finished"};  // the last tells a waiting reader to look
  return options;
}

SessionOptions session_options(const py::dict& given) {
  SessionOptions options;
  take(given, "id", options.id);
  take(given, "owner", options.owner);
  take(given, "title", options.title);
  take(given, "variables", options.variables);
  take(given, "labels", options.labels);
  take(given, "provider", options.provider);
  take(given, "model", options.model);
  take(given, "played_by", options.played_by);
  take(given, "command_id", options.command_id);
  if (const auto seed = member(given, "seed")) options.seed = whole<std::uint64_t>(seed, "seed");
  if (const auto retention = member(given, "retention")) {
    const std::string word = utf8(retention, "retention");
    if (word != "keep" && word != "session")
      throw Error::fixed(ErrorCode::invalid_argument, "retention: must be \"keep\" or \"session\"");
    options.retention = word == "keep" ? Retention::keep : Retention::session;
  }
  if (const auto ttl = member(given, "retention_ttl"))
    options.retention_ttl = timeout_of(ttl, "retention_ttl");
  return options;
}

}  // namespace scena::python
