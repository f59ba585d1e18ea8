#include <algorithm>

#include "base/json_writer.hpp"
#include "base/model_alias.hpp"
#include "base/text.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/judge/judge_plan.hpp"
#include "engine/turn/aside_run.hpp"
#include "llm/layers/route.hpp"

// What a call may cost, what it did cost, and the books of it.

namespace scena::engine {
namespace {

// Tokens that are set aside at a time: when nobody said how long the answer may be, and for one
// that goes on.
constexpr std::int64_t kUsualAnswer = 1'024;
constexpr std::size_t kMaxRows = 64;  // of the ledger that are kept in memory

// Nobody knows how much of what comes will be reasoning.
Money dearest_output(const Price& price) {
  return std::max(price.output, price.reasoning.value_or(Money{}));
}

// How many output tokens `room` pays for, beside the input.
std::optional<std::int64_t> affordable_tokens(const Price& price, const Usage& input, Money room) {
  const Money output = dearest_output(price);
  if (output.pico_usd <= 0) return std::nullopt;
  __extension__ typedef __int128 Wide;
  const Money left = room - cost_of(price, input);
  if (left.pico_usd <= 0) return 0;
  const Wide tokens = static_cast<Wide>(left.pico_usd) * 1'000'000 / output.pico_usd;
  return static_cast<std::int64_t>(std::min<Wide>(tokens, INT64_MAX));
}

}  // namespace

Spender SessionActor::spender(const std::string& tier) const {
  return {tenant_, id_, model_.info().owner, tier};
}

std::vector<guard::BudgetClaim> SessionActor::claims_of(const Policy& policy,
                                                        const std::string& tier,
                                                        Purpose purpose) const {
  const WallTime now = core_.clock().wall();
  auto claims = budget_claims(policy.budgets, spender(tier), now);
  const auto& day_budget = core_.config().judge.day_budget;
  if (purpose == Purpose::judge && day_budget)
    claims.push_back(purpose_claim(to_string(purpose), tenant_, *day_budget, now));
  return claims;
}

// What the session's own budget has left beside what is under way.
std::optional<Money> SessionActor::session_room(std::optional<Money> spent) const {
  const auto& budget = core_.config().session_budget;
  if (!budget) return std::nullopt;
  Money taken = model_.info().cost;
  if (model_.open_turn()) taken += spent.value_or(model_.open_turn()->reserved);
  for (const auto& aside : model_.facts().open_asides) taken += aside.reserved;
  return *budget - taken - *extra_;
}

Result<void> SessionActor::reserve_as_planned(TurnPlan& plan, const ServiceSet& services,
                                              std::optional<Money> spent) const {
  ReplyRequest& request = plan.request;
  const ModelAliases& aliases = services.policy.aliases;
  if (!spent) {  // a turn that goes on is one of the service that it began with
    auto alias = resolve_alias(aliases, plan.provider, request.model);
    if (!alias.empty()) plan.alias = std::move(alias);
  }
  plan.asked_model =
      request.model.empty() ? host_.default_model(services, plan.provider) : request.model;
  auto claims = claims_of(services.policy, request.context.tier, request.context.purpose);
  plan.spent = spent.value_or(Money{});
  plan.held.reset();
  plan.output_tokens_left.reset();
  plan.extra.reset();
  const auto own = session_room(spent);
  auto room = own;
  if (plan.hold) plan.hold->release();
  if (!claims.empty()) {
    const auto left = core_.budgets().left(claims);
    if (!left) return left.error();
    const Money free = *left - plan.spent;
    room = room ? std::min(*room, free) : free;
  }
  request.context.budget_left = room;
  plan.has_rules = !services.policy.routes.empty();
  std::string model = request.model;
  std::string provider = plan.provider;
  if (const auto route = llm::pick_route(services.policy.routes, aliases, request)) {
    if (!route->target.provider.empty()) provider = route->target.provider;
    model = route->target.model;
  }
  if (model.empty())
    model = provider == plan.provider ? plan.asked_model : host_.default_model(services, provider);
  if (model.empty() && provider != plan.provider) model = provider;  // as the layers name it
  Usage expected;
  plan.counted_model = model;
  plan.counted_tokens =
      count_prompt(core_.dependencies().token_counters, model, request, plan.prompt_tokens);
  plan.expected_tokens = correction_->correct(model, plan.counted_tokens);
  expected.input_tokens = plan.expected_tokens;
  const auto limit = LoopHost::output_limit(services, provider);
  expected.output_tokens = limit.value_or(request.max_tokens.value_or(kUsualAnswer));
  plan.reserved = core_.price(model, model, expected);
  if (!room) return {};
  if (auto priced = check_price(model, services.policy); !priced) return priced;
  if (own && plan.reserved > *own) {
    return Error::fixed(
        ErrorCode::budget_exhausted,
        "the reply could pass the session's budget (session_budget); raise it or end the session");
  }
  Money held = plan.reserved;
  if (!claims.empty()) {
    if (!plan.hold) plan.hold = std::make_shared<BudgetHold>(core_.budgets(), std::move(claims));
    const auto reserved = plan.hold->reserve(plan.spent + plan.reserved);
    if (!reserved) {
      if (!spent) plan.hold.reset();
      return reserved.error();
    }
    held = std::min(held, *reserved - plan.spent);  // less than was asked for where it may be cut
  }
  plan.held = held;
  if (own) plan.extra = std::make_shared<SessionExtra>(extra_);
  count_affordable(plan, model, model);
  return {};
}

// Without a price no budget bounds anything.
Result<void> SessionActor::check_price(const std::string& model, const Policy& policy) const {
  if (core_.price_of(model, model)) return {};
  if (policy.unpriced == Unpriced::allow) {
    core_.warn_unpriced(model);
    return {};
  }
  return Error(
      ErrorCode::unsupported,
      "a budget binds the call and the model \"" + utf8_repair(model) +
          "\" has no price; set one in \"prices\", or \"unpriced\": \"allow\" in the policy");
}

void SessionActor::count_affordable(TurnPlan& plan, const std::string& served,
                                    const std::string& asked) const {
  const auto price = core_.price_of(served, asked);
  const Usage prompt{.input_tokens = plan.expected_tokens};
  plan.output_tokens_left = price ? affordable_tokens(*price, prompt, *plan.held) : std::nullopt;
}

void SessionActor::model_answers(TurnPlan& plan, const ReplyStart& start) const {
  if (start.cached) return plan.output_tokens_left.reset();  // it costs nothing
  if (plan.held && start.model != plan.counted_model)
    count_affordable(plan, start.model, asked_model(start, plan.asked_model));
}

bool SessionActor::extend(TurnPlan& plan, const ReplyStart& start, std::int64_t came) const {
  const std::string& asked = asked_model(start, plan.asked_model);
  const auto price = core_.price_of(start.model, asked);
  if (!price) return true;
  Usage wanted{.input_tokens = plan.expected_tokens, .output_tokens = came + kUsualAnswer};
  if (price->reasoning > price->output) wanted.reasoning_tokens = wanted.output_tokens;
  Money more = std::max(cost_of(*price, wanted) - *plan.held, Money{});
  if (const auto own = session_room(std::nullopt)) more = std::clamp(*own, Money{}, more);
  if (plan.hold) {
    const Money held = plan.spent + *plan.held;
    const auto raised = plan.hold->raise(held + more);
    more = raised ? std::max(*raised - held, Money{}) : Money{};
  }
  if (plan.extra) plan.extra->add(more);
  *plan.held += more;
  count_affordable(plan, start.model, asked);
  return !plan.output_tokens_left || came <= *plan.output_tokens_left;
}

Result<void> SessionActor::reserve(TurnPlan& plan, std::optional<Money> spent) const {
  const auto services = core_.services();
  auto reserved = reserve_as_planned(plan, *services, spent);
  // A turn that has begun ends with the model that it has.
  if (reserved || spent || reserved.error().code() != ErrorCode::budget_exhausted) return reserved;
  const PolicyTarget* cheaper =
      cheaper_target(services->policy.budgets, spender(plan.request.context.tier));
  if (!cheaper) return reserved;
  if (!cheaper->provider.empty()) plan.provider = cheaper->provider;
  plan.request.model = cheaper->model;
  plan.alias.clear();
  plan.model_source = "budget";
  return reserve_as_planned(plan, *services, std::nullopt);
}

AsideBudget SessionActor::aside_budget() const {
  const auto self = shared_from_this();
  return {[self](TurnPlan& plan, const ReplyStart& start) { self->model_answers(plan, start); },
          [self](TurnPlan& plan, const ReplyStart& start, std::int64_t came) {
            return self->extend(plan, start, came);
          }};
}

void SessionActor::learn_tokens(const TurnPlan& plan, const ReplyStart& start,
                                const UsageUpdate& usage) {
  if (!usage.input_tokens || usage.estimated || start.cached || start.degraded) return;
  if (start.fallback_for.empty())
    correction_.change().learn(plan.counted_model, plan.counted_tokens, *usage.input_tokens);
}

std::vector<guard::BudgetAlert> SessionActor::settle_budgets(
    const std::shared_ptr<BudgetHold>& hold, Money cost, Purpose purpose) const {
  Result<std::vector<guard::BudgetAlert>> alerts = std::vector<guard::BudgetAlert>{};
  if (hold) {
    alerts = hold->settle(cost);
  } else {
    // A call from before a crash: its reservation went with that process.
    auto claims = claims_of(core_.services()->policy, {}, purpose);
    alerts = core_.budgets().settle(claims, cost);
  }
  if (alerts) return std::move(*alerts);
  core_.log().error("what a call cost is missing in the budgets until the engine starts again",
                    {{"session", id_}, {"error", to_string(alerts.error().code())}});
  return {};
}

SessionActor::SettledCall SessionActor::settled(const char* purpose, const std::string& id,
                                                const AsideEnd& end) const {
  const ReplyStart& start = end.start;
  Bill bill;
  bill.add(start, end.asked, end.usage, end.others, core_.pricing());
  return {purpose,
          id,
          start.provider,
          start.model,
          bill.usage(),
          bill.cost(),
          bill.others(start.provider, start.model),
          asked_model(start, end.asked)};
}

// The call's own model first.
std::vector<BillPart> SessionActor::parts_of(const SettledCall& call) {
  std::vector<BillPart> parts{
      own_part({call.provider, call.model, call.usage, call.cost, call.asked}, call.others)};
  parts.insert(parts.end(), call.others.begin(), call.others.end());
  return parts;
}

// A budget is in force and saw nothing of this call, or of what one of its models used.
bool SessionActor::is_unpriced(const SettledCall& call) const {
  if (!core_.config().session_budget && core_.services()->policy.budgets.empty()) return false;
  const auto parts = parts_of(call);
  return std::any_of(parts.begin(), parts.end(), [this](const BillPart& part) {
    if (part.cost != Money{} || part.usage.cached) return false;
    if (part.usage.input_tokens == 0 && part.usage.output_tokens == 0) return false;
    return !core_.price_of(part.model, part.asked);
  });
}

void SessionActor::add_settlement(CommitDraft& draft, const SettledCall& call,
                                  const std::vector<guard::BudgetAlert>& alerts) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("purpose", call.purpose).member(call.purpose, call.id);
  if (!call.provider.empty()) writer.member("provider", call.provider);
  if (!call.model.empty()) writer.member("model", call.model);
  writer.key("usage");
  write_usage(writer, call.usage);
  writer.member("cost", call.cost.to_string()).member("estimated", call.usage.estimated);
  if (is_unpriced(call)) writer.member("unpriced", true);
  write_others(writer, call.others);
  writer.end_object();
  const bool is_turn = std::string_view(call.purpose) == "turn";
  draft.add("budget.settled", "engine", std::move(data), {Audience::Kind::hosts, {}},
            Settlement{call.usage, call.cost,
                       is_turn ? std::nullopt : std::optional<std::string>(call.id),
                       std::string_view(call.purpose) == kJudgePurpose});
  add_to_ledger(draft, call);
  for (const auto& alert : alerts) {
    draft.add("budget.alert", "engine", alert_data(alert), {Audience::Kind::hosts, {}}, NoChange{});
  }
}

void SessionActor::add_to_ledger(CommitDraft& draft, const SettledCall& call) const {
  const std::string purpose = ledger_purpose(call.purpose);
  for (const BillPart& part : parts_of(call)) add_to_ledger(draft, purpose, part);
}

// A row that cannot be read fails the commit: books without it would not be those of the events.
void SessionActor::add_to_ledger(CommitDraft& draft, const std::string& purpose,
                                 const BillPart& part) const {
  const LedgerKey key{id_, guard::period_name(guard::BudgetPeriod::day, draft.time()),
                      part.provider, part.model, purpose};
  auto row = draft.ledger().find(key);
  if (row == draft.ledger().end()) {
    LedgerRow known;
    if (const auto kept = ledger_.find(key); kept != ledger_.end()) {
      known = kept->second;
    } else {
      const auto stored = core_.storage()->get(ledger_record_key(tenant_, key));
      if (!stored) return draft.fail(stored.error());
      if (*stored) {
        auto read = read_ledger_record(**stored);
        if (!read) return draft.fail(read.error());
        known = std::move(read->second);
      }
    }
    row = draft.ledger().emplace(key, std::move(known)).first;
  }
  row->second.user = model_.info().owner;
  row->second.preset = model_.info().preset;
  row->second.add(part.usage, part.cost);
  draft.add_record(ledger_record(tenant_, key, row->second));
}

void SessionActor::keep_ledger(LedgerRows rows) noexcept {
  if (ledger_.size() >= kMaxRows) ledger_.clear();
  rows.merge(ledger_);  // the new rows win
  ledger_ = std::move(rows);
}

}  // namespace scena::engine
