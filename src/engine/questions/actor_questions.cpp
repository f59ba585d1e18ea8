#include "base/json_writer.hpp"
#include "domain/message_json.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "engine/questions/question_prompt.hpp"
#include "engine/turn/aside_run.hpp"
#include "metrics/analysis/offline.hpp"

// What to ask next: a side question whose answer is judged, and a planned question where none came
// of it. The choice stands in the log, in the same commit as the books.

namespace scena::engine {
namespace {

std::string chosen_data(const NextQuestion& question, const std::string& character,
                        const std::string& aside) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("question", question.text).member("covers", question.covers);
  writer.member("fallback", question.fallback);
  if (!question.reason.empty()) writer.member("reason", question.reason);
  writer.member("character", character);
  if (!aside.empty()) writer.member("aside", aside);
  writer.end_object();
  return data;
}

// What a repeated command is answered with.
std::string question_members(const NextQuestion& question) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().member("text", question.text).member("covers", question.covers);
  writer.member("fallback", question.fallback).member("reason", question.reason).key("usage");
  write_usage(writer, question.usage);
  writer.member("cost", question.cost.to_string()).end_object();
  return json.substr(1, json.size() - 2);
}

}  // namespace

metrics::AskedQuestions SessionActor::asked_questions(const Line& line) const {
  return core_.offline_analysis()->asked({model_.info(), preset_->preset(), line});
}

Result<std::string> SessionActor::asking_character(const Command& command) const {
  const Preset& preset = preset_->preset();
  if (!command.character.empty()) {
    if (preset.find_character(command.character)) return command.character;
    return Error::fixed(ErrorCode::not_found,
                        "character: this session's preset has none of that id");
  }
  for (const Character& character : preset.characters) {
    if (character.played_by == PlayedBy::ai) return character.id;
  }
  return preset.characters.front().id;
}

void SessionActor::do_next_question(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  auto character = asking_character(command.command);
  if (!character) return refuse(command, character.error());
  command.command.character = std::move(*character);
  const Preset& preset = preset_->preset();
  if (!preset.next_question) return choose_planned(command, "no_model");
  const QuestionMaker& maker = *preset.next_question;
  const auto line = model_.line();
  const std::string prompt = question_prompt(
      preset, *preset.find_character(command.command.character), asked_questions(line));
  const std::string schema = question_schema(maker);
  TurnPlan plan(core_.config().limits);
  plan.kind = "aside";
  plan.turn = "aside";
  plan.cause = command.command.id;
  const std::string& model =
      command.command.model.empty() ? maker.model.model : command.command.model;
  const PlanInput input{.config = core_.config(),
                        .preset = *preset_,
                        .facts = model_.facts(),
                        .line = line,
                        .speaker = command.command.character,
                        .call_model = model,
                        .task = PromptTask::aside,
                        .question = prompt,
                        .json_schema = schema,
                        .deadline = maker.time_limit,
                        .purpose = Purpose::aside,
                        .send_seed = core_.config().seed.has_value()};
  if (auto composed = compose_plan(input, plan); !composed)
    return choose_planned(command, reason_of(composed.error()));
  if (!maker.model.provider.empty()) {
    plan.provider = maker.model.provider;
    plan.request.model = model;
  }
  if (maker.model.temperature) plan.request.temperature = maker.model.temperature;
  if (maker.model.max_tokens) plan.request.max_tokens = maker.model.max_tokens;
  plan.request.context.tenant = tenant_;
  plan.request.context.tier = command.command.who.tier;
  if (auto affordable = reserve(plan); !affordable)
    return choose_planned(command, reason_of(affordable.error()));
  if (auto provider = host_.provider(plan.provider); !provider)
    return choose_planned(command, reason_of(provider.error()));
  auto aside = std::make_shared<AsideUnderWay>();
  aside->time_limit = maker.time_limit;
  begin_aside(std::move(aside), std::move(plan), command);
}

// Nobody is asked: the choice is the only thing that is committed.
void SessionActor::choose_planned(QueuedCommand& command, const std::string& reason) {
  auto question = std::make_shared<NextQuestion>(
      planned_question(preset_->preset(), asked_questions(model_.line()), reason));
  CommitDraft choice = draft(command.command.id);
  choice.add("question.chosen", "engine", chosen_data(*question, command.command.character, {}),
             {Audience::Kind::hosts, {}});
  remember(choice, command, question_members(*question));
  commit(std::move(choice), [self = shared_from_this(), question,
                             command = std::move(command)](const Result<void>& result) mutable {
    if (!result) return refuse(command, result.error());
    self->answer_question(command, *question);
  });
}

// A model that does not answer in time is cut, and its books are closed like any other's.
void SessionActor::limit_question(const std::shared_ptr<AsideUnderWay>& aside) {
  aside->timer = host_.loop().after(std::chrono::duration_cast<Duration>(aside->time_limit),
                                    [weak = std::weak_ptr(aside)] {
                                      const auto late = weak.lock();
                                      if (!late) return;
                                      late->timer = 0;
                                      if (!late->run) return;
                                      late->late = true;
                                      const auto run = late->run;
                                      run->cancel();
                                    });
}

std::shared_ptr<NextQuestion> SessionActor::judge_question(const AsideUnderWay& aside,
                                                           const AsideEnd& end, Money cost) {
  if (auto ready = need_preset(); !ready) return nullptr;
  const Preset& preset = preset_->preset();
  const auto asked = asked_questions(model_.line());
  auto question = std::make_shared<NextQuestion>();
  std::optional<std::string> reason;
  if (aside.late) {
    reason = "timeout";
  } else if (end.error) {
    reason = reason_of(*end.error);
  } else {
    reason = take_question(end.text, preset, asked, *question);
  }
  if (reason) *question = planned_question(preset, asked, *reason);
  question->usage = end.usage;
  question->cost = cost;
  return question;
}

void SessionActor::add_question(CommitDraft& books, const AsideUnderWay& aside,
                                const NextQuestion& question) const {
  books.add("question.chosen", "engine",
            chosen_data(question, aside.command.command.character, aside.id),
            {Audience::Kind::hosts, {}});
  remember(books, aside.command, question_members(question));
}

void SessionActor::answer_question(QueuedCommand& command, const NextQuestion& question) const {
  if (!command.reply) return;
  CommandResult answer;
  answer.info = model_.info();
  answer.question = question;
  command.reply(std::move(answer));
}

}  // namespace scena::engine
