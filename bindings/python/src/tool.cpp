#include <functional>
#include <optional>
#include <stop_token>

#include "extensions.hpp"
#include "pending.hpp"

namespace scena::python {
namespace {

/// What Python holds of one call of a tool.
class ToolCallAnswer {
 public:
  ToolCallAnswer(std::shared_ptr<ToolAnswer> answer, std::stop_token stop)
      : answer_(std::move(answer)), stop_(std::move(stop)) {}
  ~ToolCallAnswer() {
    const ReleasedLock released;
    on_stop_.reset();
    answer_.reset();
  }

  bool stopped() const noexcept { return stop_.stop_requested(); }
  void on_stop(py::object callback) {
    on_stop_.emplace(stop_,
                     python_callback(std::move(callback), "scena: the end of a tool's call"));
  }
  void succeed(const std::string& result) {
    const ReleasedLock released;
    answer_->succeed(result);
  }
  void fail(const std::string& reason) {
    const ReleasedLock released;
    answer_->fail(reason);
  }

 private:
  std::shared_ptr<ToolAnswer> answer_;
  std::stop_token stop_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

class PyTool final : public Tool {
 public:
  explicit PyTool(py::object adapter) : adapter_(std::move(adapter)) {
    const py::object& of = adapter_.get();
    spec_.name = utf8(of.attr("name"), "a tool's name");
    spec_.description = utf8(of.attr("description"), "a tool's description");
    spec_.parameters = utf8(of.attr("parameters"), "a tool's parameters");
    if (const auto limit = timeout_of(of.attr("time_limit"), "time_limit"))
      options_.time_limit = *limit;
    options_.cache_for = timeout_of(of.attr("cache_for"), "cache_for").value_or(options_.cache_for);
    options_.max_result_bytes = whole<std::size_t>(of.attr("max_result_bytes"), "max_result_bytes");
    options_.max_result_tokens =
        whole<std::size_t>(of.attr("max_result_tokens"), "max_result_tokens");
    options_.idempotent = of.attr("idempotent").cast<bool>();
    options_.needs_approval = of.attr("needs_approval").cast<bool>();
    options_.everywhere = of.attr("everywhere").cast<bool>();
  }

  ToolSpec spec() const override { return spec_; }
  ToolOptions options() const override { return options_; }

  void call(ToolRequest request, std::shared_ptr<ToolAnswer> answer,
            std::stop_token stop) override {
    const std::string json = request.to_json();
    const HeldLock locked;
    const auto held = std::make_shared<ToolCallAnswer>(std::move(answer), std::move(stop));
    if (interrupted()) return held->fail("interrupted");
    try {
      call_host(adapter_.get().attr("start"), text(json), held);
    } catch (py::error_already_set& raised) {
      held->fail(words_of(raised));
      keep_interrupt(raised);
    }
  }

 private:
  Kept adapter_;
  ToolSpec spec_;
  ToolOptions options_;
};

/// What Python holds of one question whether a call may be made.
struct Verdict {
  void give(bool allowed, const std::string& reason) {
    const ReleasedLock released;
    if (auto once = std::exchange(answer, nullptr)) once({allowed, reason});
  }
  ToolApproval::Answer answer;
};

class PyApproval final : public ToolApproval {
 public:
  explicit PyApproval(py::object adapter) : adapter_(std::move(adapter)) {}

  void ask(const ToolRequest& request, Answer answer) override {
    const std::string json = request.to_json();
    const HeldLock locked;
    const auto verdict = std::make_shared<Verdict>(Verdict{std::move(answer)});
    try {
      call_host(adapter_.get().attr("start"), text(json), verdict);
    } catch (py::error_already_set& raised) {
      verdict->give(false, "the approval failed");
      report_raised(raised, "scena: the approval of a tool");
    }
  }

 private:
  Kept adapter_;
};

}  // namespace

std::shared_ptr<Tool> make_tool(py::object adapter) {
  return std::make_shared<PyTool>(std::move(adapter));
}

std::shared_ptr<ToolApproval> make_approval(py::object adapter) {
  return std::make_shared<PyApproval>(std::move(adapter));
}

void add_answers(py::module_& module) {
  py::class_<ToolCallAnswer, std::shared_ptr<ToolCallAnswer>>(module, "ToolAnswer")
      .def_property_readonly("stopped", &ToolCallAnswer::stopped)
      .def("on_stop", &ToolCallAnswer::on_stop)
      .def("succeed",
           [](ToolCallAnswer& self, const py::object& result) {
             self.succeed(utf8(result, "a tool's result"));
           })
      .def("fail", [](ToolCallAnswer& self, const py::object& reason) {
        self.fail(utf8(reason, "a tool's failure"));
      });
  py::class_<Verdict, std::shared_ptr<Verdict>>(module, "ToolVerdict").def("give", &Verdict::give);
}

}  // namespace scena::python
