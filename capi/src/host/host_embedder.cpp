#include <cmath>
#include <functional>
#include <optional>
#include <span>

#include "base/json_writer.hpp"
#include "host/cancel_gate.hpp"
#include "host/extensions.hpp"

/// What the host holds of one request for vectors.
struct scena_embedding {
  scena::Embedder::Done done;
  std::string model;
  std::size_t texts = 0;
  std::shared_ptr<scena::capi::UserData> data;  // alive as long as the host may call back
  std::stop_token stop;
  std::shared_ptr<scena::capi::CancelGate<scena_embedding>> gate;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  scena::capi::LifeMark life = {};
};

namespace scena::capi {
namespace {

std::string describe_embedding(const EmbeddingRequest& request) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  if (!request.model.empty()) writer.member("model", request.model);
  writer.key("texts").begin_array();
  for (const auto& text : request.texts) writer.value(text);
  writer.end_array();
  if (request.dimensions)
    writer.member("dimensions", static_cast<std::uint64_t>(*request.dimensions));
  writer.member("purpose", to_string(request.purpose));
  writer.key("context").begin_object();
  if (!request.context.tenant.empty()) writer.member("tenant", request.context.tenant);
  writer.end_object().end_object();
  return json;
}

class HostEmbedder final : public Embedder {
 public:
  HostEmbedder(std::string name, const scena_embedder& table)
      : name_(std::move(name)),
        table_(table),
        data_(std::make_shared<UserData>(table.user_data, table.destroy)) {}

  std::string_view name() const noexcept override { return name_; }

  void start(EmbeddingRequest request, Done done, std::stop_token stop) override {
    const std::string json = describe_embedding(request);
    auto embedding = std::make_unique<scena_embedding>();
    embedding->done = std::move(done);
    embedding->model = std::move(request.model);
    embedding->texts = request.texts.size();
    embedding->data = data_;
    embedding->stop = stop;
    std::function<void()> cancel;
    if (table_.cancel) {
      cancel = [told = table_.cancel, data = data_, held = embedding.get()] {
        told(data->get(), held);
      };
    }
    const auto gate = std::make_shared<CancelGate<scena_embedding>>(std::move(cancel));
    embedding->gate = gate;
    embedding->on_stop.emplace(std::move(stop),
                               [gate] { CancelGate<scena_embedding>::stop(gate); });
    table_.start(data_->get(), json.c_str(), embedding.release());
    gate->began();
  }

 private:
  std::string name_;
  scena_embedder table_;
  std::shared_ptr<UserData> data_;
};

Result<Embeddings> checked(const scena_embedding& of, std::span<const float> values,
                           std::size_t count, std::size_t dimensions, std::int64_t tokens) {
  if (count != of.texts) {
    return Error(ErrorCode::protocol, "the host's embedder gave " + std::to_string(count) +
                                          " vectors for " + std::to_string(of.texts) + " texts");
  }
  for (const float number : values) {
    if (!std::isfinite(number))
      return Error::fixed(ErrorCode::protocol,
                          "the host's embedder gave a number that is not finite");
  }
  Embeddings made;
  made.model = of.model;
  made.dimensions = dimensions;
  made.values.assign(values.begin(), values.end());
  made.usage.input_tokens = tokens < 0 ? 0 : tokens;
  made.usage.estimated = tokens < 0;
  return made;
}

template <class Make>
void end_embedding(scena_embedding* embedding, Make&& make) noexcept {
  end_handle(embedding, [&](const scena_embedding& held) {
    try {
      // Whatever the host says of what nobody wants any more, it was cancelled.
      if (held.stop.stop_requested())
        return held.done(Error::fixed(ErrorCode::cancelled, "cancelled"));
      held.done(make(held));
    } catch (...) {
      held.done(Error::fixed(ErrorCode::out_of_memory, "not enough memory for the vectors"));
    }
  });
}

}  // namespace

std::shared_ptr<Embedder> make_embedder(std::string name, const scena_embedder& table) {
  return std::make_shared<HostEmbedder>(std::move(name), table);
}

}  // namespace scena::capi

using scena::capi::live;

void scena_embedding_succeed(scena_embedding* embedding, const float* values, size_t count,
                             size_t dimensions, int64_t input_tokens) {
  if (!live(embedding)) return;
  scena::capi::end_embedding(embedding, [&](const scena_embedding& of) {
    using scena::Error;
    using scena::ErrorCode;
    if (!values || dimensions == 0 || count > SIZE_MAX / dimensions) {
      return scena::Result<scena::Embeddings>(
          Error::fixed(ErrorCode::protocol, "the host's embedder gave vectors without numbers"));
    }
    return scena::capi::checked(of, {values, count * dimensions}, count, dimensions, input_tokens);
  });
}

void scena_embedding_fail(scena_embedding* embedding, scena_status code, const char* message) {
  if (!live(embedding)) return;
  scena::capi::end_embedding(embedding, [&](const scena_embedding&) {
    return scena::Result<scena::Embeddings>(
        scena::capi::failure_of(code, message, "the host's embedder reported a failure"));
  });
}
