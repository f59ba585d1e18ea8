#pragma once

#include "domain/analysis/analysis_dialogue.hpp"
#include "engine/actor/session_actor.hpp"

namespace scena::engine {

struct SessionActor::AnalysisUnderWay {
  AnalysisTask task;
  Analysis measured;
  std::optional<ModelChoice> choice;
  std::optional<AnalysisDialogue> dialogue;
  std::int64_t prompt_tokens = 0;  // the bound of a request of the dialogue
  std::string call;                // the reservation that is open; empty: none
  std::shared_ptr<AsideRun> run;   // until its answer is there
  std::shared_ptr<BudgetHold> hold;
  net::TimerId timer = 0;  // at_judge: when it goes on without the opinions that are to come
  bool at_judge = false;
  bool at_filter = false;
  bool stopped = false;
};

}  // namespace scena::engine
