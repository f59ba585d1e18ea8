#include "llm/backends/fault/fault.hpp"

#include <algorithm>
#include <atomic>

#include "llm/backends/fault/fault_options.hpp"
#include "llm/backends/fault/fault_player.hpp"
#include "llm/backends/script/timed_run.hpp"

namespace scena::fault {
namespace {

using script::ScriptLimits;
using script::ScriptPlayer;

class FaultProvider final : public Provider {
 public:
  FaultProvider(net::Loop& loop, FaultOptions options, std::string model)
      : loop_(loop), options_(std::move(options)), model_(std::move(model)) {}

  std::string_view name() const noexcept override { return "fault"; }

  void start(std::shared_ptr<const ReplyRequest> request, std::shared_ptr<ReplySink> sink,
             std::stop_token stop) override {
    const std::uint64_t call = calls_.fetch_add(1, std::memory_order_relaxed);
    auto reply = options_.library->reply_to(*request);
    if (!reply) return script::fail_later(loop_, std::move(sink), reply.error());
    const ScriptLimits limits{.max_tokens = request->max_tokens.value_or(-1),
                              .max_bytes = request->max_bytes};
    ScriptPlayer text(std::move(reply->text), reply->timing, reply->seed, limits, request->stop);
    FaultPlayer part(options_.schedule.step(call), std::move(text), request->timeouts,
                     request->max_bytes, model_of(*request), script::prompt_tokens(*request));
    std::make_shared<script::TimedRun<FaultPlayer>>(loop_, std::move(sink), std::move(part))
        ->start(std::move(stop));
  }

  Result<std::string> request_body(const ReplyRequest& request) const override {
    return script::describe_request("fault", model_of(request), request);
  }

 private:
  std::string model_of(const ReplyRequest& request) const {
    return request.model.empty() ? model_ : request.model;
  }

  net::Loop& loop_;
  FaultOptions options_;
  std::string model_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace

namespace {

// What stands behind "fault:" is no model here, whatever config.model says.
Result<FaultOptions> read_options(const ProviderConfig& config, std::string_view kind) {
  std::string_view list = config.url;
  list.remove_prefix(std::min(list.size(), kind.size() + 1));
  if (list.starts_with('?')) list.remove_prefix(1);
  auto options = parse_fault_options(config.options);
  if (!options)
    return Error(options.error()).with_pointer("/options" + std::string(options.error().pointer()));
  if (!list.empty()) {
    auto schedule = FaultSchedule::parse(list);
    if (!schedule) return schedule.error();
    if (options->schedule.seed() != 0) schedule->set_seed(options->schedule.seed());
    options->schedule = std::move(*schedule);
  }
  if (!options->schedule.in_process()) {
    return Error(ErrorCode::invalid_argument,
                 "case= and cut_byte= need a connection; use them with the fault server");
  }
  return options;
}

}  // namespace

Result<void> check_config(const ProviderConfig& config, const llm::ProviderUrl& url) {
  const auto options = read_options(config, url.kind);
  if (!options) return options.error();
  return {};
}

Result<std::shared_ptr<Provider>> make_provider(const ProviderConfig& config,
                                                const llm::ProviderUrl& url,
                                                const llm::ProviderContext& context) {
  auto options = read_options(config, url.kind);
  if (!options) return options.error();
  const std::string model = config.model.empty() ? "fault" : config.model;
  return std::shared_ptr<Provider>(
      std::make_shared<FaultProvider>(context.loop, std::move(*options), model));
}

}  // namespace scena::fault
