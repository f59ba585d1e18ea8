#include "base/json_writer.hpp"
#include "base/text.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/turn/aside_run.hpp"
#include "engine/turn/background_call.hpp"

// Side questions: they run beside the turns, leave no message, and stand in the books alone.

namespace scena::engine {
namespace {

// What a repeated command is answered with.
std::string answer_members(const AsideEnd& end, Money cost) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object();
  if (end.error) {
    write_error(writer, *end.error);
  } else {
    writer.member("text", end.text).key("usage");
    write_usage(writer, end.usage);
    writer.member("cost", cost.to_string());
  }
  writer.end_object();
  return json.substr(1, json.size() - 2);
}

}  // namespace

void SessionActor::do_aside(QueuedCommand& command) {
  filter_input(command, &SessionActor::aside_filtered);
}

void SessionActor::aside_filtered(QueuedCommand& command) {
  TurnPlan plan(core_.config().limits);
  plan.kind = "aside";
  plan.turn = "aside";
  plan.cause = command.command.id;
  const auto line = model_.line();
  const PlanInput input{.config = core_.config(),
                        .preset = *preset_,
                        .facts = model_.facts(),
                        .line = line,
                        .speaker = command.command.character,
                        .call_model = command.command.model,
                        .task = PromptTask::aside,
                        .question = command.command.text,
                        .json_schema = command.command.json_schema,
                        .purpose = Purpose::aside,
                        .send_seed = core_.config().seed.has_value()};
  if (auto composed = compose_plan(input, plan); !composed)
    return refuse(command, composed.error());
  plan.request.context.tenant = tenant_;
  plan.request.context.tier = command.command.who.tier;
  if (auto affordable = reserve(plan); !affordable) return refuse(command, affordable.error());
  if (auto provider = host_.provider(plan.provider); !provider)
    return refuse(command, provider.error());

  begin_aside(std::make_shared<AsideUnderWay>(), std::move(plan), command);
}

// Reserved before it is asked, so that a crash leaves it in the books.
void SessionActor::begin_aside(std::shared_ptr<AsideUnderWay> aside, TurnPlan plan,
                               QueuedCommand& command) {
  aside->id = model_.next_aside_id();
  CommitDraft books = draft(command.command.id);
  books.add("budget.reserved", "engine",
            call_reserved_data(Purpose::aside, aside->id, plan.reserved),
            {Audience::Kind::hosts, {}});
  aside->command = std::move(command);
  auto held = std::make_shared<TurnPlan>(std::move(plan));
  commit(std::move(books), [self = shared_from_this(), aside, held](Result<void> result) {
    if (!result) return refuse(aside->command, result.error());
    try {
      self->asides_.push_back(aside);
      self->touch_waiting(1);
      self->ask(aside, std::move(*held));
    } catch (const std::bad_alloc&) {
      self->abandon_aside(aside);
    }
  });
}

// Reserved, and not to be settled for lack of memory: its books are closed with the next thing that
// is stored.
void SessionActor::abandon_aside(const std::shared_ptr<AsideUnderWay>& aside) {
  if (aside->timer != 0) host_.loop().cancel(std::exchange(aside->timer, 0));
  const auto lost = std::exchange(aside->run, nullptr);
  if (lost) lost->cancel();
  const bool counted = std::erase(asides_, aside) != 0;
  if (counted) leave_waiting(1);
  refuse(aside->command,
         Error::fixed(ErrorCode::out_of_memory, "not enough memory to ask; ask again"));
  if (counted) end_work(1);
}

void SessionActor::ask(const std::shared_ptr<AsideUnderWay>& aside, TurnPlan plan) {
  const std::string speaker = plan.speaker;
  aside->hold = plan.hold;
  auto provider = host_.provider(plan.provider);
  if (!provider) return aside_ended(aside, {.error = provider.error()});
  aside->run = std::make_shared<AsideRun>(
      std::move(plan), aside_budget(), [self = shared_from_this(), aside, speaker](AsideEnd end) {
        aside->run.reset();
        if (aside->timer != 0) self->host_.loop().cancel(std::exchange(aside->timer, 0));
        if (end.error || !self->core_.dependencies().filter)
          return self->aside_ended(aside, std::move(end));
        self->filter_aside(aside, speaker, std::move(end));
      });
  // A copy: the answer may come, and the session forget it, inside start().
  const auto run = aside->run;
  if (aside->time_limit.count() > 0) limit_question(aside);
  run->start(*provider);
}

// The host's filter sees an answer whole, before anybody else does.
void SessionActor::filter_aside(const std::shared_ptr<AsideUnderWay>& aside,
                                const std::string& speaker, AsideEnd end) {
  auto held = std::make_shared<AsideEnd>(std::move(end));
  aside->at_filter = true;
  ask_filter(false, {id_, speaker, true}, held->text,
             [self = shared_from_this(), aside, held](const FilterVerdict& verdict) {
               if (!std::exchange(aside->at_filter, false)) return;
               if (verdict.action == FilterVerdict::Action::block) {
                 held->text.clear();
                 held->error = Error::fixed(ErrorCode::content_filtered,
                                            "the host's filter blocked the answer");
               } else if (verdict.action == FilterVerdict::Action::rewrite) {
                 held->text = sound_text(verdict.text);
               }
               self->aside_ended(aside, std::move(*held));
             });
}

// The books are a commit like any other: it waits for its turn in the queue.
void SessionActor::aside_ended(const std::shared_ptr<AsideUnderWay>& aside, AsideEnd end) {
  try {
    after_commit([self = shared_from_this(), aside, end = std::move(end)]() mutable {
      try {
        self->settle_aside(aside, std::move(end));
      } catch (const std::bad_alloc&) {
        self->abandon_aside(aside);
      }
    });
  } catch (const std::bad_alloc&) {
    abandon_aside(aside);
  }
}

void SessionActor::settle_aside(const std::shared_ptr<AsideUnderWay>& aside, AsideEnd end) {
  const SettledCall call = settled("aside", aside->id, end);
  const Money cost = call.cost;
  CommitDraft books = draft(aside->command.command.id);
  add_settlement(books, call, settle_budgets(aside->hold, cost));
  std::shared_ptr<NextQuestion> question;
  if (aside->time_limit.count() > 0) question = judge_question(*aside, end, cost);
  if (question) {
    add_question(books, *aside, *question);
    end.error.reset();
  } else {
    remember(books, aside->command, answer_members(end, cost));
  }
  auto held = std::make_shared<AsideEnd>(std::move(end));
  commit(std::move(books),
         [self = shared_from_this(), aside, held, cost, question](Result<void> result) {
           const EndOfWork ends(*self);
           std::erase(self->asides_, aside);
           if (!result) held->error = result.error();
           const auto answer = [&](QueuedCommand& command) {
             if (question && !held->error) return self->answer_question(command, *question);
             self->answer_aside(command, *held, cost);
           };
           answer(aside->command);
           for (auto& repeat : aside->repeats) answer(repeat);
         });
}

void SessionActor::answer_aside(QueuedCommand& command, const AsideEnd& end, Money cost) const {
  if (end.error) return refuse(command, *end.error);
  if (!command.reply) return;
  CommandResult answer;
  answer.info = model_.info();
  answer.aside = {end.text, end.usage, cost};
  command.reply(std::move(answer));
}

}  // namespace scena::engine
