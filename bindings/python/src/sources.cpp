// Embedders and token counters written in Python.
#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>

#include "extensions.hpp"
#include "pending.hpp"

namespace scena::python {
namespace {

/// What Python holds of one request for vectors. Ending it twice does nothing; one that is let go
/// of without an end has failed.
class EmbeddingAnswer {
 public:
  EmbeddingAnswer(Embedder::Done done, std::string model, std::size_t texts, std::stop_token stop)
      : done_(std::move(done)), model_(std::move(model)), texts_(texts), stop_(std::move(stop)) {}
  ~EmbeddingAnswer() {
    fail(static_cast<int>(ErrorCode::provider_error), "the embedder ended without vectors");
    const ReleasedLock released;
    on_stop_.reset();
  }

  void on_stop(py::object callback) {
    on_stop_.emplace(stop_, python_callback(std::move(callback), "scena: the end of an embedder"));
  }

  void succeed(const py::list& vectors) {
    Embeddings made;
    made.model = model_;
    for (const py::handle vector : vectors) {
      const std::size_t before = made.values.size();
      for (const py::handle number : vector) {
        made.values.push_back(number_of(number));
        if (!std::isfinite(made.values.back()))
          return fail(static_cast<int>(ErrorCode::protocol), "a number is not finite");
      }
      const std::size_t length = made.values.size() - before;
      if (before == 0) made.dimensions = length;
      if (length == 0 || length != made.dimensions)
        return fail(static_cast<int>(ErrorCode::protocol), "the vectors differ in length");
    }
    if (vectors.size() != texts_) {
      return fail(
          static_cast<int>(ErrorCode::protocol),
          std::to_string(vectors.size()) + " vectors for " + std::to_string(texts_) + " texts");
    }
    made.usage.estimated = true;  // nobody counted
    end(std::move(made));
  }

  void fail(int code, const std::string& message, Milliseconds retry_after = std::nullopt) {
    end(failure_of(static_cast<ErrorCode>(code), message, retry_after));
  }

 private:
  static float number_of(const py::handle& given) {
    py::detail::make_caster<float> made;
    if (!made.load(given, true)) {
      throw py::type_error(std::string("a vector is a list of numbers, and has a ") +
                           Py_TYPE(given.ptr())->tp_name);
    }
    return static_cast<float>(made);
  }

  void end(Result<Embeddings> result) {
    if (ended_.exchange(true)) return;
    const ReleasedLock released;
    if (stop_.stop_requested()) result = Error::fixed(ErrorCode::cancelled, "cancelled");
    done_(std::move(result));
  }

  Embedder::Done done_;
  std::string model_;
  std::size_t texts_;
  std::stop_token stop_;
  std::atomic<bool> ended_{false};
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

class PyEmbedder final : public Embedder {
 public:
  PyEmbedder(std::string name, py::object adapter)
      : name_(std::move(name)), adapter_(std::move(adapter)) {}

  std::string_view name() const noexcept override { return name_; }

  void start(EmbeddingRequest request, Done done, std::stop_token stop) override {
    const HeldLock locked;
    const auto held = std::make_shared<EmbeddingAnswer>(std::move(done), request.model,
                                                        request.texts.size(), std::move(stop));
    try {
      py::list texts;
      for (const auto& each : request.texts) texts.append(text(each));
      py::object dimensions = py::none();
      if (request.dimensions) dimensions = py::int_(*request.dimensions);
      call_host(adapter_.get().attr("start"), texts, text(request.model),
                to_string(request.purpose), dimensions, held);
    } catch (py::error_already_set& raised) {
      held->fail(static_cast<int>(ErrorCode::provider_error), words_of(raised));
      keep_interrupt(raised);
    }
  }

 private:
  std::string name_;
  Kept adapter_;
};

class PyTokenCounter final : public TokenCounter {
 public:
  explicit PyTokenCounter(py::object count) : count_(std::move(count)) {}

  std::int64_t count(std::string_view of) const noexcept override {
    const auto unknown = static_cast<std::int64_t>((of.size() + 3) / 4);
    if (!Py_IsInitialized()) return unknown;
    const HeldLock locked;
    try {
      return tokens_of(call_host(count_.get(), text(of)));
    } catch (py::error_already_set& raised) {
      report_raised(raised, "scena: a token counter");
    } catch (...) {
      // No memory for the text: as if it could not say.
    }
    return unknown;
  }

 private:
  static std::int64_t tokens_of(const py::object& given) {
    py::detail::make_caster<std::int64_t> made;
    if (made.load(given, true) && static_cast<std::int64_t>(made) >= 0)
      return static_cast<std::int64_t>(made);
    if (PyCoro_CheckExact(given.ptr())) given.attr("close")();  // Python warns of those otherwise
    if (PyLong_Check(given.ptr())) {
      PyErr_Format(PyExc_ValueError, "must return 0 to %lld tokens, not %R",
                   std::numeric_limits<long long>::max(), given.ptr());
    } else {
      PyErr_Format(PyExc_TypeError, "must return an int, not %s", Py_TYPE(given.ptr())->tp_name);
    }
    throw py::error_already_set();
  }

  Kept count_;
};

}  // namespace

std::shared_ptr<Embedder> make_embedder(std::string name, py::object adapter) {
  return std::make_shared<PyEmbedder>(std::move(name), std::move(adapter));
}

std::shared_ptr<TokenCounter> make_token_counter(py::object count) {
  return std::make_shared<PyTokenCounter>(std::move(count));
}

void add_embedding_answer(py::module_& module) {
  py::class_<EmbeddingAnswer, std::shared_ptr<EmbeddingAnswer>>(module, "EmbeddingAnswer")
      .def("on_stop", &EmbeddingAnswer::on_stop)
      .def("succeed", &EmbeddingAnswer::succeed)
      .def("fail", [](EmbeddingAnswer& self, int code, const py::object& message,
                      const py::object& retry_after) {
        self.fail(code, utf8(message, "an embedder's failure"),
                  timeout_of(retry_after, "retry_after"));
      });
}

}  // namespace scena::python
