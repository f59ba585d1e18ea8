#pragma once

#include <memory>
#include <scena/ext/job_handler.hpp>

namespace scena::engine {

class Core;

/// Does the jobs of kind kAnalysisJob: lets the session make its analysis. One whose analysis is
/// stored already, because a crash came between that and the job's end, is done at once.
std::shared_ptr<JobHandler> make_analysis_jobs(std::weak_ptr<Core> core);

}  // namespace scena::engine
