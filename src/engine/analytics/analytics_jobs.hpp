#pragma once

#include <memory>
#include <scena/ext/job_handler.hpp>

namespace scena::engine {

class Core;

/// Does the jobs of kind kAnalyticsJob: takes away the rows of sessions whose time is over, some at
/// a time, each in the commit that adds it to its day's counts. Done again after a crash, it goes
/// on with the rows that are left.
std::shared_ptr<JobHandler> make_analytics_jobs(std::weak_ptr<Core> core);

}  // namespace scena::engine
