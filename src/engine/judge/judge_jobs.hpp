#pragma once

#include <memory>
#include <scena/ext/job_handler.hpp>

namespace scena::engine {

class Core;

/// Does the jobs of kind kJudgeJob: lets the session have a message's unsure scores judged. One
/// whose opinion is stored already, or whose message left the line, is done at once.
std::shared_ptr<JobHandler> make_judge_jobs(std::weak_ptr<Core> core);

}  // namespace scena::engine
