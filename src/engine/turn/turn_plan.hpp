#pragma once

#include <scena/config.hpp>
#include <scena/ext/provider.hpp>
#include <scena/message.hpp>
#include <string>
#include <vector>

#include "domain/preset_render.hpp"
#include "domain/prompt.hpp"
#include "domain/session_model.hpp"
#include "engine/money/budget_office.hpp"
#include "engine/tools/tool_set.hpp"

namespace scena::engine {

/// An answer that did not follow its schema, and why: what the request behind it repairs.
struct Repair {
  std::string answer;
  std::string reason;
};

/// What a reply in the making is, from the command to the stored message. Every kind of call has
/// the limits of an answer from its construction on.
struct TurnPlan {
  explicit TurnPlan(const Limits& limits)
      : answer_tokens(static_cast<std::int64_t>(limits.answer_tokens)) {
    request.max_bytes = limits.answer_bytes;
  }

  std::string turn;
  std::string kind;     ///< "reply", "prompt", "regenerate", "continue".
  std::string speaker;  ///< The character that answers.
  std::string speaker_name;
  std::string cause;
  std::string replaces;                 ///< The reply this one takes the place of; may be empty.
  std::vector<std::string> supersedes;  ///< Messages that leave the line when the reply is stored.
  std::string base_text;  ///< continue: what stands already; the new text is appended.
  std::uint32_t attempt = 0;
  Audience audience;
  std::string provider;
  std::string model_source;  ///< "call", "session", "preset", "config", "provider" or "budget".
  std::string alias;         ///< By which provider and model were named; empty: by their own names.
  ReplyRequest request;
  std::vector<PromptPart> parts;
  std::int64_t prompt_tokens = 0;   ///< Estimated without regard to the model.
  std::string asked_model;          ///< The request's, or what its service is asked for by default.
  std::string counted_model;        ///< Which the next two are about: a rule may pick another.
  std::int64_t counted_tokens = 0;  ///< Of the prompt, by that model's counter or family.
  std::int64_t expected_tokens = 0;  ///< The same, corrected by what earlier turns had.
  std::uint32_t round = 1;           ///< Requests of this turn so far, this one included.
  std::string sha256;                ///< Of the request's body.
  std::string message_id;            ///< The id the reply will be stored under.
  Money reserved;
  Money spent;                          ///< By the turn's earlier rounds.
  std::shared_ptr<BudgetHold> hold;     ///< Null: no budget of the policy binds the call.
  std::shared_ptr<SessionExtra> extra;  ///< Null: the session has no budget of its own.
  /// What is set aside for this request while it runs; not set: no budget of any kind binds it.
  std::optional<Money> held;
  /// Output tokens that `held` pays for; not set: no end.
  std::optional<std::int64_t> output_tokens_left;
  std::int64_t answer_tokens;     ///< `limits.answer_tokens`.
  bool may_repair = false;        ///< An answer against the schema is asked for once more.
  std::optional<Repair> repairs;  ///< Of the request that is stored next.
  bool has_rules = false;  ///< Rules may send the call elsewhere: the log keeps what they saw.
};

/// Where a model's name came from, by precedence: call, session, preset (character, then preset),
/// configuration; "provider" when nobody named one.
struct ModelChoice {
  std::string provider;
  std::string model;
  std::string source;
};
ModelChoice choose_model(const Config& config, const Preset& preset, const Character& character,
                         const SessionFacts& facts, const std::string& call_model);

/// What composing needs to know of a session.
struct PlanInput {
  const Config& config;
  const RenderedPreset& preset;
  const SessionFacts& facts;
  const Line& line;
  std::string_view speaker;
  std::string_view call_model;
  PromptTask task = PromptTask::reply;
  std::string_view question = {};
  std::string_view json_schema = {};
  std::uint32_t attempt = 0;
  std::chrono::milliseconds deadline{0};
  Purpose purpose = Purpose::turn;
  const ToolSet* tools = nullptr;  ///< Those that may be offered; null: none are.
  bool send_seed = false;          ///< The request carries the session's seed.
  MessageCounter count = {};       ///< See select_history().
  bool list_dropped = false;       ///< For explain: also what was left out, with its size.
};

/// Fills prompt, model, limits and context of `plan`. @return not_found for an unknown speaker.
Result<void> compose_plan(const PlanInput& input, TurnPlan& plan);

/// Adds a round of tools, results included, to the plan's request.
void add_tool_round(TurnPlan& plan, const ToolRound& round);

/// Adds an answer that is to be repaired, and what is asked because of it.
void add_repair(TurnPlan& plan, const Repair& repair);

/// The data of turn.started and its inverse for `explain`.
std::string turn_started_data(const TurnPlan& plan, std::string_view message);
/// What that data makes of the session.
OpenTurn open_turn(const TurnPlan& plan);

/// Participants of a session as the prompt and the turn policy see them: those present.
std::vector<PromptParticipant> prompt_participants(const SessionInfo& info);

}  // namespace scena::engine
