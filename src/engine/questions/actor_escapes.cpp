#include "base/json_writer.hpp"
#include "domain/escape.hpp"
#include "engine/actor/session_actor.hpp"
#include "engine/core.hpp"
#include "metrics/analysis/asked.hpp"

// People who leave the way that the scenario plans: found in what they say, or flagged by the host.

namespace scena::engine {
namespace {

constexpr std::size_t kSteps = 100;
constexpr const char* kOtherSteps = "other";

std::string escape_data(const std::string& participant, const std::string& step,
                        const Message* message, const std::string& words) {
  std::string data;
  JsonWriter writer(data);
  writer.begin_object().member("step", step).member("by", message ? "message" : "host");
  if (!participant.empty()) writer.member("participant", participant);
  if (message) writer.member("message", message->id);
  if (!words.empty()) writer.member(message ? "phrase" : "reason", words);
  writer.end_object();
  return data;
}

}  // namespace

// The planned question that was asked last, else the state. Names of steps are bounded.
std::string SessionActor::escape_step(const Line& line, std::string_view named,
                                      SessionState state) const {
  std::string step(named);
  if (step.empty() && !preset_->preset().questions.empty()) {
    if (const auto last = asked_questions(line).last())
      step = preset_->preset().questions[*last].id;
  }
  if (step.empty()) step = to_string(state);
  const auto& known = model_.info().escapes;
  return known.contains(step) || known.size() < kSteps ? step : kOtherSteps;
}

void SessionActor::note_escape(CommitDraft& draft, const Message& message, const Line& line) const {
  const Preset& preset = preset_->preset();
  const auto words = find_escape(message.text(), preset.escape_phrases,
                                 preset.language == "en" || preset.language.starts_with("en-"));
  if (!words) return;
  draft.add(
      "escape.used", message.speaker,
      escape_data(message.speaker, escape_step(line, {}, SessionState::active), &message, *words),
      {Audience::Kind::hosts, {}});
}

void SessionActor::do_escape(QueuedCommand& command) {
  if (auto ready = need_preset(); !ready) return refuse(command, ready.error());
  const Command& asked = command.command;
  std::string participant;
  if (!asked.participant.empty() || !asked.who.is_host()) {
    auto speaker = human_speaker(asked);
    if (!speaker) return refuse(command, speaker.error());
    participant = std::move(*speaker);
  } else if (auto only = human_speaker(asked)) {
    participant = std::move(*only);
  }
  CommitDraft next = draft(asked.id);
  next.add("escape.used", participant.empty() ? "host" : participant,
           escape_data(participant, escape_step(model_.line(), asked.name, model_.state()), nullptr,
                       asked.value),
           {Audience::Kind::hosts, {}});
  commit_simple(std::move(next), command);
}

}  // namespace scena::engine
