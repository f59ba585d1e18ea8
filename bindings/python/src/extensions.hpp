#pragma once

#include <scena/engine.hpp>

#include "support.hpp"

namespace scena::python {

// Each makes an interface of the engine of a Python adapter (scena/_extensions.py), which is kept.
std::shared_ptr<Provider> make_provider(std::string name, py::object adapter);
std::shared_ptr<Tool> make_tool(py::object adapter);
std::shared_ptr<ToolApproval> make_approval(py::object adapter);
std::shared_ptr<Analyzer> make_analyzer(std::string name, py::object adapter);
std::shared_ptr<Filter> make_filter(py::object adapter);
std::shared_ptr<LogSink> make_log(py::object adapter);
std::shared_ptr<SecretSource> make_secrets(py::object adapter);
std::shared_ptr<JobHandler> make_job_handler(py::object adapter);
std::shared_ptr<EventSink> make_event_sink(py::object adapter);
std::shared_ptr<Embedder> make_embedder(std::string name, py::object adapter);
std::shared_ptr<TokenCounter> make_token_counter(py::object count);

/// What the Python objects of the parts above are given.
void add_reply(py::module_& module);
void add_answers(py::module_& module);
void add_job_answer(py::module_& module);
void add_embedding_answer(py::module_& module);

}  // namespace scena::python
