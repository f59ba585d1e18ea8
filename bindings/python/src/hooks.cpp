// Analyzers, filters, log sinks and secrets written in Python.
#include "extensions.hpp"
#include "values.hpp"

namespace scena::python {
namespace {

py::tuple facts_of(const MessageInfo& message) {
  const double latency = std::chrono::duration<double>(message.latency).count();
  return py::make_tuple(text(message.id), text(message.speaker), message.from_human,
                        micros(message.time), latency);
}

class PyMeasurement final : public Measurement {
 public:
  PyMeasurement(std::shared_ptr<Kept> session, std::string metric, MessageInfo message)
      : session_(std::move(session)), metric_(std::move(metric)), message_(std::move(message)) {}

  void add(std::string_view piece) override { text_ += piece; }

  void scores(std::vector<MetricScore>& out) override {
    const HeldLock locked;
    try {
      const py::list found =
          call_host(session_->get().attr("measure"), facts_of(message_), text(text_));
      for (const py::handle each : found)
        out.push_back(score_of(py::reinterpret_borrow<py::tuple>(each)));
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: an analyzer");
    }
  }

  void keep() {
    const HeldLock locked;
    try {
      call_host(session_->get().attr("keep"), facts_of(message_), text(text_));
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: an analyzer");
    }
  }

 private:
  // (name, value, confidence, label, [(begin, end, reason)]); an empty name is the analyzer's.
  MetricScore score_of(const py::tuple& given) const {
    MetricScore score;
    score.metric = utf8(given[0], "a score's name");
    if (score.metric.empty()) score.metric = metric_;
    score.value = given[1].cast<double>();
    score.confidence = given[2].cast<double>();
    score.label = utf8(given[3], "a score's label");
    for (const py::handle each : given[4]) {
      const auto span = py::reinterpret_borrow<py::tuple>(each);
      score.evidence.push_back({message_.id, span[0].cast<std::size_t>(),
                                span[1].cast<std::size_t>(), utf8(span[2], "a reason")});
    }
    return score;
  }

  std::shared_ptr<Kept> session_;
  std::string metric_;
  MessageInfo message_;
  std::string text_;
};

class PyAnalyzerSession final : public AnalyzerSession {
 public:
  PyAnalyzerSession(std::string metric, py::object session)
      : metric_(std::move(metric)), session_(std::make_shared<Kept>(std::move(session))) {}

  std::unique_ptr<Measurement> begin(const MessageInfo& message) override {
    return std::make_unique<PyMeasurement>(session_, metric_, message);
  }
  void keep(std::unique_ptr<Measurement> measurement) override {
    static_cast<PyMeasurement&>(*measurement).keep();
  }
  void forget_from(std::string_view message_id) override {
    const HeldLock locked;
    try {
      call_host(session_->get().attr("forget_from"), text(message_id));
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: an analyzer");
    }
  }

 private:
  std::string metric_;
  std::shared_ptr<Kept> session_;
};

class PyAnalyzer final : public Analyzer {
 public:
  PyAnalyzer(std::string name, py::object adapter)
      : name_(std::move(name)), adapter_(std::move(adapter)) {}

  std::string_view name() const noexcept override { return name_; }
  std::unique_ptr<AnalyzerSession> open_session() const override {
    const HeldLock locked;
    return std::make_unique<PyAnalyzerSession>(name_,
                                               call_host(adapter_.get().attr("open_session")));
  }

 private:
  std::string name_;
  Kept adapter_;
};

/// What Python holds of one piece of text that a filter looks at.
struct FilterAnswer {
  void pass() { give({}); }
  void rewrite(const std::string& text) {
    give({FilterVerdict::Action::rewrite, text, "rewritten by the host"});
  }
  void block(const std::string& reason) { give({FilterVerdict::Action::block, {}, reason}); }
  void give(FilterVerdict verdict) {
    const ReleasedLock released;
    if (auto once = std::exchange(answer, nullptr)) once(std::move(verdict));
  }
  Filter::Answer answer;
};

class PyFilter final : public Filter {
 public:
  explicit PyFilter(py::object adapter)
      : adapter_(std::move(adapter)),
        hold_back_(whole<std::size_t>(adapter_.get().attr("hold_back"), "hold_back")) {}

  std::size_t hold_back() const noexcept override { return hold_back_; }
  void check_input(const FilterContext& context, std::string_view piece, Answer answer) override {
    ask("check_input", context, piece, std::move(answer));
  }
  void check_output(const FilterContext& context, std::string_view piece, Answer answer) override {
    ask("check_output", context, piece, std::move(answer));
  }

 private:
  void ask(const char* what, const FilterContext& context, std::string_view piece, Answer answer) {
    const HeldLock locked;
    const auto held = std::make_shared<FilterAnswer>(FilterAnswer{std::move(answer)});
    try {
      call_host(adapter_.get().attr("start"), what, text(context.session), text(context.speaker),
                context.is_final, text(piece), held);
    } catch (py::error_already_set& raised) {
      held->block("the filter failed");  // what could not be looked at does not pass
      report_raised(raised, "scena: a filter");
    }
  }

  Kept adapter_;
  std::size_t hold_back_;
};

class PyLog final : public LogSink {
 public:
  explicit PyLog(py::object adapter) : adapter_(std::move(adapter)) {}

  void write(const LogRecord& record) noexcept override {
    if (!Py_IsInitialized()) return;
    const HeldLock locked;
    try {
      py::dict fields;
      for (const auto& field : record.fields) fields[text(field.name)] = text(field.value);
      call_host(adapter_.get(), static_cast<int>(record.level), micros(record.time),
                text(record.module), text(record.message), fields);
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: a log sink");
    } catch (...) {
      // No memory for a line: it is lost.
    }
  }

 private:
  Kept adapter_;
};

}  // namespace

std::shared_ptr<Analyzer> make_analyzer(std::string name, py::object adapter) {
  return std::make_shared<PyAnalyzer>(std::move(name), std::move(adapter));
}

std::shared_ptr<Filter> make_filter(py::object adapter) {
  return std::make_shared<PyFilter>(std::move(adapter));
}

std::shared_ptr<LogSink> make_log(py::object adapter) {
  return std::make_shared<PyLog>(std::move(adapter));
}

std::shared_ptr<SecretSource> make_secrets(py::object adapter) {
  auto kept = std::make_shared<Kept>(std::move(adapter));
  return callback_secrets([kept](std::string_view name) -> std::optional<std::string> {
    const HeldLock locked;
    try {
      const py::object found = call_host(kept->get(), text(name));
      if (found.is_none()) return std::nullopt;
      return utf8(found, "a secret");
    } catch (py::error_already_set& raised) {
      keep_interrupt(raised);
      throw;
    }
  });
}

void add_extensions(py::module_& module) {
  add_reply(module);
  add_answers(module);
  add_job_answer(module);
  add_embedding_answer(module);
  py::class_<FilterAnswer, std::shared_ptr<FilterAnswer>>(module, "FilterAnswer")
      .def("pass_on", &FilterAnswer::pass)
      .def("rewrite", &FilterAnswer::rewrite)
      .def("block", &FilterAnswer::block);
}

}  // namespace scena::python
