#include <algorithm>
#include <scena/policy_simulator.hpp>
#include <set>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/model_alias.hpp"
#include "domain/prompt.hpp"
#include "domain/reply_tokens.hpp"
#include "engine/money/bill.hpp"
#include "engine/money/find_price.hpp"
#include "engine/simulate/recorded_calls.hpp"
#include "engine/turn/usage_estimate.hpp"
#include "llm/layers/chain.hpp"
#include "llm/model_catalog.hpp"
#include "llm/registry.hpp"

namespace scena::engine {
namespace {

// One reply's outcome, as far as the figures need it.
struct Outcomes final : ReplySink {
  void on_start(const ReplyStart& its_start) override { start = its_start; }
  void on_text(std::string_view delta) override { came.text(delta); }
  void on_reasoning(std::string_view delta) override { came.reasoning(delta); }
  void on_refusal(std::string_view delta) override { came.text(delta); }
  void on_tool_start(std::size_t, std::string_view, std::string_view name) override {
    came.tool_start(name);
  }
  void on_tool_args(std::size_t, std::string_view delta) override { came.tool_args(delta); }
  void on_tool_end(std::size_t, const ToolCall& call) override { came.tool_end(call); }
  void on_usage(const UsageUpdate& update) override {
    usage.merge(update);
    came.reported(update);
  }
  void on_other_use(const OtherUse& use) override { others.push_back(use); }
  void on_done(const ReplyEnd& its_end) override { end = its_end; }

  ReplyStart start;
  ReplyTokens came;
  UsageUpdate usage;
  std::vector<OtherUse> others;
  std::optional<ReplyEnd> end;
};

// Collects what calls led to.
class Figures {
 public:
  explicit Figures(const std::map<std::string, Price>& prices) : prices_(prices) {}

  void add(const Outcomes& reply, const ReplyRequest& request, Duration took) {
    ++figures_.calls;
    if (!reply.end || reply.end->outcome != Outcome::complete) ++figures_.failed;
    if (reply.start.degraded) ++figures_.degraded;
    times_.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(took));
    figures_.cost += cost(reply, request);
  }
  PolicyFigures take(std::size_t requests) {
    figures_.requests = requests;
    std::sort(times_.begin(), times_.end());
    if (!times_.empty()) {
      figures_.median = times_[(times_.size() - 1) / 2];
      figures_.p95 = times_[(times_.size() * 95 + 99) / 100 - 1];
      figures_.slowest = times_.back();
    }
    return figures_;
  }
  Money cost(const Outcomes& reply, const ReplyRequest& request) const {
    Usage usage = settle_usage(reply.usage, reply.came, request.context.prompt_tokens,
                               reply.end ? *reply.end : ReplyEnd{});
    usage.cached = reply.start.cached;
    const auto price = [this](const std::string& served, const std::string& asked,
                              const Usage& used) {
      const auto known = find_price(prices_, llm::ModelCatalog::builtin(), served, asked);
      return !known || used == Usage{} ? Money{} : cost_of(*known, used);
    };
    Bill bill;
    bill.add(reply.start, request.model, usage, reply.others, price);
    return bill.cost();
  }
  void add_cost(Money more) { figures_.cost += more; }

 private:
  const std::map<std::string, Price>& prices_;
  PolicyFigures figures_;
  std::vector<std::chrono::milliseconds> times_;
};

// A request that stands for a recorded one: equal ones are equal for the cache, and rules see about
// the same prompt.
std::shared_ptr<ReplyRequest> request_of(const net::TapeRequest& recorded,
                                         const PolicySimulation& what) {
  auto request = std::make_shared<ReplyRequest>();
  request->messages.push_back({PromptRole::user, recorded.body, ""});
  request->timeouts.total = what.total;
  request->context.prompt_tokens = estimate_tokens(recorded.body);
  request->model = model_in_path(recorded);
  const auto body = parse_json(recorded.body);
  if (!body || !body->is_object()) return request;
  if (const auto model = body->find("model"); model != body->end() && model->is_string())
    request->model = model->get<std::string>();
  if (body->contains("tools")) request->tools.push_back({.name = "recorded"});
  return request;
}

class Simulator {
 public:
  Simulator(const std::vector<RecordedCall>& calls, const PolicySimulation& what)
      : calls_(calls), what_(what) {
    llm::add_builtin_providers(registry_);
    for (const auto& call : calls) kinds_.insert(call.kind);
  }

  Result<PolicyComparison> run() {
    auto before = as_recorded();
    if (!before) return before.error();
    auto after = under_policy();
    if (!after) return after.error();
    return PolicyComparison{*before, *after, tells_pauses()};
  }

 private:
  struct World {
    explicit World(const std::vector<RecordedCall>& calls) : service(loop, calls) {}
    VirtualClock clock;
    net::Loop loop{clock};
    RecordedService service;

    // Time goes on to what stands as far behind `began` as `then` behind `first` on the tape.
    void wait_until(TimePoint began, std::optional<std::chrono::microseconds> first,
                    std::optional<std::chrono::microseconds> then) {
      if (first && then) clock.advance_to(std::max(clock.now(), began + (*then - *first)));
    }
    void drive(const Outcomes& reply) {
      while (!reply.end) {
        if (loop.poll(std::chrono::microseconds(0)) != 0) continue;
        const auto next = loop.next_deadline();
        if (!next) return;
        clock.advance_to(*next);
      }
    }
  };

  // Of calls that were tried again.
  bool tells_pauses() const {
    return std::all_of(calls_.begin(), calls_.end(), [](const RecordedCall& call) {
      return call.tries.size() == 1 ||
             std::all_of(call.tries.begin(), call.tries.end(),
                         [](const net::TapeExchange* one) { return one->began.has_value(); });
    });
  }

  // Of a name, a kind or a provider's URL, as policies have them.
  std::string kind_of(const std::string& service) const {
    const auto named = what_.providers.find(service);
    const std::string& url = named == what_.providers.end() ? service : named->second.url;
    return std::string(provider_kind(url));
  }

  // By what name the policy knows the service of a recorded call.
  std::string name_of(const std::string& kind) const {
    std::string name;
    for (const auto& [known, config] : what_.providers) {
      if (kind_of(known) != kind) continue;
      if (!name.empty()) return kind;
      name = known;
    }
    return name.empty() ? kind : name;
  }

  std::string default_model(const std::string& service) const {
    const auto named = what_.providers.find(service);
    const bool is_url = service.find(':') != std::string::npos;
    ProviderConfig config{.url = is_url ? service : service + ":"};
    std::string model =
        registry_.default_model(named == what_.providers.end() ? config : named->second);
    const std::string kind = kind_of(service);
    for (std::size_t i = 0; model.empty() && i < calls_.size(); ++i) {
      if (calls_[i].kind == kind)
        model = request_of(calls_[i].tries.front()->request, what_)->model;
    }
    return model;
  }

  Result<std::shared_ptr<Provider>> make(World& world, const std::string& service,
                                         decltype(llm::ProviderContext::on_head) on_head = {}) {
    const std::string kind = kind_of(service);
    if (!kinds_.contains(kind)) {
      return Error(ErrorCode::invalid_argument,
                   "policy: the tape has no exchange of the service \"" + service +
                       "\"; name one that it has");
    }
    ProviderConfig config;
    config.url = kind + ":";
    config.base_url = "http://recorded.invalid/v1";
    config.api_key = "recorded";
    llm::ProviderContext context{world.service, world.loop, world.clock, HttpConfig{}};
    context.on_head = std::move(on_head);
    return registry_.make(config, context);
  }

  Result<PolicyFigures> as_recorded() {
    World world(calls_);
    Figures figures(what_.prices);
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      auto provider = make(world, calls_[i].kind);
      if (!provider) return provider.error();
      const auto request = request_of(calls_[i].tries.front()->request, what_);
      world.service.begin(i);
      const TimePoint began = world.clock.now();
      for (std::size_t attempt = 0; attempt < calls_[i].tries.size(); ++attempt) {
        world.wait_until(began, calls_[i].tries.front()->began, calls_[i].tries[attempt]->began);
        auto reply = std::make_shared<Outcomes>();
        (*provider)->start(request, reply, {});
        world.drive(*reply);
        if (attempt + 1 == calls_[i].tries.size()) {
          figures.add(*reply, *request, world.clock.now() - began);
        } else {
          figures.add_cost(figures.cost(*reply, *request));
        }
      }
    }
    return figures.take(world.service.requests());
  }

  Result<PolicyFigures> under_policy() {
    World world(calls_);
    llm::LayerState state(world.clock, nullptr);
    llm::ChainParts parts{
        .loop = world.loop,
        .state = state,
        .log = {},
        .max_retries = what_.max_retries,
        .seed = 1,
        .make = [&](const std::string& service) -> Result<std::vector<std::shared_ptr<Provider>>> {
          auto pacer = state.pacer(service, 0);
          auto provider = make(
              world, service, [pacer, &world](const net::HttpHead& head, const std::string& model) {
                pacer->update(head, model, world.clock.now(), world.clock.wall());
              });
          if (!provider) return provider.error();
          return std::vector<std::shared_ptr<Provider>>{std::move(*provider)};
        },
        .default_model = [this](const std::string& service) { return default_model(service); }};
    auto chain = std::make_shared<llm::ProviderChain>(std::move(parts), what_.policy);
    Figures figures(what_.prices);
    const TimePoint start = world.clock.now();
    for (std::size_t i = 0; i < calls_.size(); ++i) {
      const net::TapeExchange& recorded = *calls_[i].tries.front();
      if (!what_.gap) world.wait_until(start, calls_.front().tries.front()->began, recorded.began);
      const auto request = request_of(recorded.request, what_);
      std::string service = name_of(calls_[i].kind);
      resolve_alias(what_.policy.aliases, service, request->model);
      auto provider = chain->provider(service);
      if (!provider) return provider.error();
      world.service.begin(i);
      const TimePoint began = world.clock.now();
      auto reply = std::make_shared<Outcomes>();
      (*provider)->start(request, reply, {});
      world.drive(*reply);
      figures.add(*reply, *request, world.clock.now() - began);
      world.clock.advance(what_.gap.value_or(std::chrono::milliseconds(0)));
    }
    return figures.take(world.service.requests());
  }

  const std::vector<RecordedCall>& calls_;
  const PolicySimulation& what_;
  llm::ProviderRegistry registry_;
  std::set<std::string> kinds_;
};

}  // namespace
}  // namespace scena::engine

namespace scena {

Result<PolicyComparison> simulate_policy(const std::string& tape, const PolicySimulation& what) {
  const auto loaded = net::load_tape(tape);
  if (!loaded) return loaded.error();
  const auto calls = engine::recorded_calls(*loaded);
  if (calls.empty()) {
    return Error::fixed(
        ErrorCode::invalid_argument,
        "the tape has no call to a service that is known by its kind or path (openai, "
        "openai_responses, anthropic, gemini, cohere, ollama); record one with "
        "--trace");
  }
  return engine::Simulator(calls, what).run();
}

}  // namespace scena
