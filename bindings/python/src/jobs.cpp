// Background jobs and event sinks: the handlers of a host, and the calls that store jobs and look
// at them.
#include <functional>
#include <optional>
#include <stop_token>

#include "engine.hpp"

namespace scena::python {
namespace {

/// What Python holds of one attempt at a job.
class JobRunAnswer {
 public:
  JobRunAnswer(std::shared_ptr<JobAnswer> answer, std::stop_token stop)
      : answer_(std::move(answer)), stop_(std::move(stop)) {}
  ~JobRunAnswer() {
    const ReleasedLock released;
    on_stop_.reset();
    answer_.reset();
  }

  void on_stop(py::object callback) {
    on_stop_.emplace(stop_, python_callback(std::move(callback), "scena: the end of a job"));
  }
  void succeed(const std::string& result) {
    const ReleasedLock released;
    answer_->succeed(result);
  }
  void fail(const std::string& reason, bool for_good) {
    const ReleasedLock released;
    if (for_good) {
      answer_->give_up(reason);
    } else {
      answer_->fail(reason);
    }
  }

 private:
  std::shared_ptr<JobAnswer> answer_;
  std::stop_token stop_;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

class PyJobHandler final : public JobHandler {
 public:
  explicit PyJobHandler(py::object adapter) : adapter_(std::move(adapter)) {
    const py::object& of = adapter_.get();
    handling_.parallel = whole<std::size_t>(of.attr("parallel"), "parallel");
    if (const auto limit = timeout_of(of.attr("time_limit"), "time_limit"))
      handling_.time_limit = *limit;
  }

  JobHandling handling() const override { return handling_; }

  void run(const Job& job, std::shared_ptr<JobAnswer> answer, std::stop_token stop) override {
    const HeldLock locked;
    const auto held = std::make_shared<JobRunAnswer>(std::move(answer), std::move(stop));
    try {
      call_host(adapter_.get().attr("start"), to_python(job), held);
    } catch (py::error_already_set& raised) {
      held->fail(words_of(raised), false);
      keep_interrupt(raised);
    }
  }

 private:
  Kept adapter_;
  JobHandling handling_;
};

class PyEventSink final : public EventSink {
 public:
  explicit PyEventSink(py::object adapter) : adapter_(std::move(adapter)) {
    const py::object& of = adapter_.get();
    options_.events = texts_of(of.attr("events"), "events");
    options_.tenant = utf8(of.attr("tenant"), "tenant");
    options_.parallel = whole<std::size_t>(of.attr("parallel"), "parallel");
    options_.max_attempts = whole<int>(of.attr("max_attempts"), "max_attempts");
    options_.max_waiting = whole<std::size_t>(of.attr("max_waiting"), "max_waiting");
    if (const auto limit = timeout_of(of.attr("time_limit"), "time_limit"))
      options_.time_limit = *limit;
  }

  EventSinkOptions options() const override { return options_; }

  void deliver(const Event& event, const Job& job, std::shared_ptr<JobAnswer> answer,
               std::stop_token stop) override {
    const HeldLock locked;
    const auto held = std::make_shared<JobRunAnswer>(std::move(answer), std::move(stop));
    try {
      call_host(adapter_.get().attr("start"), py::cast(event), to_python(job), held);
    } catch (py::error_already_set& raised) {
      held->fail(words_of(raised), false);
      keep_interrupt(raised);
    }
  }

 private:
  Kept adapter_;
  EventSinkOptions options_;
};

JobOptions job_options(const py::dict& given) {
  JobOptions options;
  if (given.contains("id")) options.id = utf8(given["id"], "id");
  if (given.contains("key")) options.key = utf8(given["key"], "key");
  if (given.contains("join")) options.join = given["join"].cast<bool>();
  if (given.contains("priority")) options.priority = whole<int>(given["priority"], "priority");
  if (given.contains("max_attempts"))
    options.max_attempts = whole<int>(given["max_attempts"], "max_attempts");
  if (given.contains("session")) options.session = utf8(given["session"], "session");
  if (given.contains("delay"))
    options.delay = timeout_of(given["delay"], "delay").value_or(options.delay);
  return options;
}

}  // namespace

std::shared_ptr<JobHandler> make_job_handler(py::object adapter) {
  return std::make_shared<PyJobHandler>(std::move(adapter));
}

std::shared_ptr<EventSink> make_event_sink(py::object adapter) {
  return std::make_shared<PyEventSink>(std::move(adapter));
}

void add_job_answer(py::module_& module) {
  py::class_<JobRunAnswer, std::shared_ptr<JobRunAnswer>>(module, "JobAnswer")
      .def("on_stop", &JobRunAnswer::on_stop)
      .def("succeed",
           [](JobRunAnswer& self, const py::object& result) {
             self.succeed(utf8(result, "a job's result"));
           })
      .def("fail", [](JobRunAnswer& self, const py::object& reason, bool for_good) {
        self.fail(utf8(reason, "a job's failure"), for_good);
      });
}

void add_jobs(py::class_<PyEngine>& type) {
  type.def("enqueue_job",
           [](PyEngine& self, const Str& kind, const py::object& given, const py::dict& more) {
             const std::string payload = utf8(given, "payload");
             const auto options = job_options(more);
             return self.pending(
                 self.call([&](Engine& of) { return of.jobs().enqueue(kind, payload, options); }));
           })
      .def("cancel_job",
           [](PyEngine& self, const Str& id) {
             return self.pending(self.call([&](Engine& of) { return of.jobs().cancel(id); }));
           })
      .def("requeue_job",
           [](PyEngine& self, const Str& id) {
             return self.pending(self.call([&](Engine& of) { return of.jobs().requeue(id); }));
           })
      .def("job",
           [](PyEngine& self, const Str& id) {
             return to_python(self.call([&](Engine& of) { return of.jobs().get(id); }));
           })
      .def("jobs",
           [](PyEngine& self, const Str& kind, const py::object& state, const py::object& after,
              const py::object& limit) {
             JobFilter filter{kind, {}, whole<std::uint64_t>(after, "after"), page_limit(limit)};
             if (!state.is_none()) {
               filter.state = parse_job_state(utf8(state, "state"));
               if (!filter.state)
                 throw Error(ErrorCode::invalid_argument,
                             "\"state\" is waiting, running, done, cancelled, dead or dropped");
             }
             const auto page = self.call([&](Engine& of) { return of.jobs().list(filter); });
             return py::make_tuple(list_of(page.jobs), page.next);
           })
      .def("job_counts", [](PyEngine& self) {
        return list_of(self.call([](Engine& of) { return of.jobs().counts(); }));
      });
}

}  // namespace scena::python
