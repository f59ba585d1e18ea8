#include "contract/contract_steps.hpp"

namespace scena::contract {
namespace {

void jobs_are_claimed_by_priority_then_age(Storage& store) {
  std::vector<JobWrite> writes;
  for (const auto* id : {"low", "first", "second", "late", "mail"}) writes.push_back(job(id));
  writes[1].priority = writes[2].priority = 5;
  writes[3].priority = 9;
  writes[3].run_after = kNow + seconds(60);
  writes[4].kind = "mail";
  writes[1].payload = "{\"a\":1}";
  must_commit(store, jobs(writes));
  auto again = job("first");
  again.payload = "{\"second\":true}";
  must_commit(store, jobs({again}));
  auto claimed = must(store.claim_job(claiming()), "claim");
  expect(claimed && claimed->id == "first" && claimed->payload == "{\"a\":1}",
         "the second enqueue of an id does nothing");
  expect(claimed->state == Job::State::running && claimed->attempts == 1 && claimed->priority == 5,
         "a claimed job's fields");
  expect(must(store.claim_job(claiming()), "claim")->id == "second",
         "the older of equals comes first");
  expect(must(store.claim_job(claiming()), "claim")->id == "low", "the lower priority comes last");
  expect(!must(store.claim_job(claiming()), "claim"), "a job before its time");
  expect(must(store.claim_job(claiming(60)), "claim")->id == "late", "a job at its time");
  expect(!must(store.claim_job({.kind = "none", .now = kNow}), "claim"), "a job of another kind");
}

void a_finished_job_keeps_one_result(Storage& store) {
  must_commit(store, jobs({job("a"), job("b")}));
  expect_error(commit(store, jobs({job("a", JobWrite::Op::finish)})), ErrorCode::conflict,
               "finishing what does not run");
  expect_error(commit(store, jobs({job("zzz", JobWrite::Op::finish)})), ErrorCode::not_found,
               "finishing an unknown job");
  auto finish = job("a", JobWrite::Op::finish);
  finish.claim = must(store.claim_job(claiming()), "claim")->claim;
  finish.payload = "{\"score\":1}";
  must_commit(store, jobs({finish}));
  expect_error(commit(store, jobs({finish})), ErrorCode::conflict, "finishing twice");
  const auto done = must(store.job("t", "a"), "job");
  expect(done && done->state == Job::State::done && done->result == "{\"score\":1}" &&
             done->payload == "{}",
         "a finished job");
  must_commit(store, jobs({job("a", JobWrite::Op::cancel)}));
  expect(must(store.job("t", "a"), "job")->state == Job::State::done,
         "cancelling what has ended changed it");
  must_commit(store, jobs({job("b", JobWrite::Op::cancel)}));
  expect(must(store.job("t", "b"), "job")->state == Job::State::cancelled, "a cancelled job");
  expect(!must(store.claim_job(claiming()), "claim"), "an ended job was claimed");
}

void a_failing_job_is_tried_max_attempts_times(Storage& store) {
  auto made = job("a");
  made.max_attempts = 2;
  must_commit(store, jobs({made}));
  must(store.claim_job(claiming()), "claim");
  auto fail = job("a", JobWrite::Op::fail);
  fail.claim = 1;
  fail.payload = "\"first\"";
  fail.run_after = kNow + seconds(5);
  must_commit(store, jobs({fail}));
  expect(!must(store.claim_job(claiming()), "claim"), "a failed job came back before its time");
  expect(must(store.claim_job(claiming(5)), "claim")->attempts == 2, "attempts are counted");
  fail.claim = 2;
  fail.payload = "\"second\"";
  must_commit(store, jobs({fail}));
  const auto dead = must(store.job("t", "a"), "job");
  expect(dead && dead->state == Job::State::dead && dead->result == "\"second\"",
         "a job out of attempts is dead");
  expect(!must(store.claim_job(claiming(9)), "claim"), "a dead job was claimed");
}

void running_jobs_are_reclaimed_until_dead(Storage& store) {
  auto made = job("a");
  made.max_attempts = 2;
  must_commit(store, jobs({made, job("waiting")}));
  must(store.claim_job(claiming()), "claim");
  expect(must(store.reclaim_jobs(kNow + seconds(29), kNow, "died"), "reclaim") == 0,
         "a claim that still holds was taken away");
  expect(must(store.reclaim_jobs(kNow + seconds(30), kNow, "died"), "reclaim") == 1,
         "one job was running");
  expect(must(store.claim_job(claiming()), "claim")->attempts == 2,
         "a reclaimed job is claimed again");
  must(store.reclaim_jobs(WallTime::max(), kNow, "died"), "reclaim");
  const auto dead = must(store.job("t", "a"), "job");
  expect(dead->state == Job::State::dead && dead->result == "died",
         "attempts used up by deaths of the worker");
  expect(must(store.job("t", "waiting"), "job")->attempts == 0, "a waiting job lost an attempt");
}

void a_lost_claim_ends_nothing(Storage& store) {
  must_commit(store, jobs({job("a")}));
  const auto first = must(store.claim_job(claiming()), "claim");
  expect(first->owner == "one" && first->claimed_until == kNow + seconds(30), "a claim's fields");
  must(store.reclaim_jobs(WallTime::max(), kNow, "died"), "reclaim");
  const auto second = must(store.claim_job(claiming()), "claim");
  expect(second->claim > first->claim, "each claim has a number of its own");
  auto finish = job("a", JobWrite::Op::finish);
  finish.payload = "\"late\"";
  finish.claim = first->claim;
  expect_error(commit(store, jobs({finish})), ErrorCode::conflict, "a former worker's result");
  auto fail = finish;
  fail.op = JobWrite::Op::fail;
  expect_error(commit(store, jobs({fail})), ErrorCode::conflict, "a former worker's failure");
  finish.claim = second->claim;
  finish.payload = "\"good\"";
  must_commit(store, jobs({finish}));
  expect(must(store.job("t", "a"), "job")->result == "\"good\"", "the one result");
}

void jobs_of_a_key_run_one_after_the_other(Storage& store) {
  std::vector<JobWrite> writes;
  for (const auto* id : {"a1", "a2", "b1", "free"}) writes.push_back(job(id));
  writes[0].key = writes[1].key = "a";
  writes[2].key = "b";
  writes[1].priority = 9;
  must_commit(store, jobs(writes));
  std::vector<std::string> claimed;
  while (const auto each = must(store.claim_job(claiming()), "claim")) claimed.push_back(each->id);
  expect(claimed == std::vector<std::string>{"a1", "b1", "free"}, "one of a key at a time");
  auto fail = job("a1", JobWrite::Op::fail);
  fail.claim = 1;
  fail.run_after = kNow + seconds(5);
  must_commit(store, jobs({fail}));
  expect(!must(store.claim_job(claiming()), "claim"), "a later job passed one that waits to retry");
  expect(must(store.next_job_time("analysis", kNow), "next") == kNow + seconds(5), "the next time");
  expect(!must(store.next_job_time("analysis", kNow + seconds(5)), "next"), "no time is left");
  expect(must(store.claim_job(claiming(5)), "claim")->id == "a1", "the retry comes first");
  fail.claim = 2;
  fail.final = true;
  must_commit(store, jobs({fail}));
  expect(must(store.job("t", "a1"), "job")->state == Job::State::dead, "a final failure");
  expect(must(store.claim_job(claiming()), "claim")->id == "a2", "the next of the key");
  must_commit(store, jobs({job("a1", JobWrite::Op::requeue)}));
  expect(!must(store.claim_job(claiming()), "claim"), "two of a key at once");
}

void a_single_job_is_there_once(Storage& store) {
  auto once = job("one");
  once.key = "k";
  once.single = true;
  auto again = once;
  again.id = "two";
  must_commit(store, jobs({once, again}));
  expect(!must(store.job("t", "two"), "job"), "a second open job of its key");
  const auto claimed = must(store.claim_job(claiming()), "claim");
  must_commit(store, jobs({again}));
  expect(!must(store.job("t", "two"), "job"), "a second job of its key beside a running one");
  auto finish = job("one", JobWrite::Op::finish);
  finish.claim = claimed->claim;
  must_commit(store, jobs({finish}));
  must_commit(store, jobs({again}));
  expect(must(store.job("t", "two"), "job").has_value(), "a job after the end of the first");
  auto fresh = job("two");
  fresh.fresh = true;
  expect_error(commit(store, jobs({fresh})), ErrorCode::already_exists,
               "a fresh job of a taken id");
}

void a_full_queue_refuses_or_drops_the_oldest(Storage& store) {
  const auto bounded = [](std::string id, bool drop) {
    auto made = job(std::move(id));
    made.max_open = 2;
    made.drop_oldest = drop;
    return made;
  };
  must_commit(store, jobs({bounded("a", false), bounded("b", false)}));
  Batch batch = appending(append("session:a", 0, 1));
  batch.jobs = {bounded("c", false)};
  expect_error(commit(store, batch), ErrorCode::overloaded, "a job over the bound");
  expect(last(store, "session:a") == 0, "events beside a refused job stayed");
  must_commit(store, jobs({bounded("a", false)}));
  must_commit(store, jobs({bounded("c", true)}));
  expect(must(store.job("t", "a"), "job")->state == Job::State::dropped, "the oldest is dropped");
  must(store.claim_job(claiming()), "claim");
  must(store.claim_job(claiming()), "claim");
  expect_error(commit(store, jobs({bounded("d", true)})), ErrorCode::overloaded,
               "dropping what runs");
  auto other = bounded("d", false);
  other.tenant = "u";
  must_commit(store, jobs({other}));
}

void dead_jobs_are_listed_and_requeued(Storage& store) {
  must_commit(store, jobs({job("a"), job("b"), job("c"), job("d")}));
  for (int i = 0; i < 3; ++i) must(store.claim_job(claiming()), "claim");
  for (const auto* id : {"a", "b", "c"}) {
    auto fail = job(id, JobWrite::Op::fail);
    fail.claim = 1;
    fail.final = true;
    must_commit(store, jobs({fail}));
  }
  JobQuery query{.tenant = "t", .kind = "analysis", .state = Job::State::dead, .limit = 2};
  const auto first = must(store.jobs(query), "jobs");
  expect(first.size() == 2 && first[0].id == "a" && first[1].id == "b", "the first page");
  query.after = first[1].number;
  expect(must(store.jobs(query), "jobs").size() == 1, "the second page");
  expect(must(store.jobs({.tenant = "t"}), "jobs").size() == 4, "jobs in every state");
  expect(must(store.jobs({.tenant = "u"}), "jobs").empty(), "another tenant's jobs");
  const std::vector<JobCount> counts = {{"analysis", Job::State::waiting, 1},
                                        {"analysis", Job::State::dead, 3}};
  expect(must(store.count_jobs("t"), "count") == counts, "counts by state");
  must_commit(store, jobs({job("b", JobWrite::Op::requeue)}));
  const auto again = must(store.claim_job(claiming()), "claim");
  expect(again->id == "b" && again->attempts == 1 && again->claim == 2, "a requeued job");
  expect_error(commit(store, jobs({job("b", JobWrite::Op::requeue)})), ErrorCode::conflict,
               "requeueing what runs");
}

// They are found beside those that have ended, whatever the order of their keys.
void open_jobs_are_listed(Storage& store) {
  const char* const keys[] = {"b", "b", "a", "", "a"};
  std::vector<JobWrite> writes;
  for (const auto* id : {"ended", "one", "two", "three", "four"}) {
    writes.push_back(job(id));
    writes.back().key = keys[writes.size() - 1];
  }
  writes.push_back(job("mail"));
  writes.back().kind = "mail";
  writes.push_back(job("others"));
  writes.back().tenant = "u";
  must_commit(store, jobs(writes));
  auto finish = job("ended", JobWrite::Op::finish);
  finish.claim = must(store.claim_job(claiming()), "claim")->claim;
  must_commit(store, jobs({finish}));
  const auto listed = [&store](JobQuery query) {
    query.tenant = "t";
    query.kind = "analysis";
    std::string ids;
    for (const Job& one : must(store.jobs(query), "jobs")) ids += one.id + " ";
    return ids;
  };
  JobQuery waiting{.state = Job::State::waiting};
  expect(listed(waiting) == "one two three four ", "those that wait, in the order of enqueue");
  waiting.limit = 2;
  expect(listed(waiting) == "one two ", "the first page of those that wait");
  waiting.after = must(store.job("t", "two"), "job")->number;
  expect(listed(waiting) == "three four ", "the second page of those that wait");
  waiting.key = "a";
  expect(listed(waiting) == "four ", "the second page of a key");
  waiting.after = 0;
  expect(listed(waiting) == "two four ", "those of a key");
  expect(must(store.claim_job(claiming()), "claim")->id == "one", "the next of its key");
  expect(listed({.state = Job::State::running}) == "one ", "those that run");
  expect(listed({.state = Job::State::waiting}) == "two three four ", "and those that wait still");
  expect(listed({.state = Job::State::waiting, .key = "b"}).empty(), "none of that key waits");
  expect(listed({.state = Job::State::done}) == "ended ", "and what has ended is not open");
}

void ended_jobs_are_erased(Storage& store) {
  std::vector<JobWrite> writes;
  for (const auto* id : {"done", "dead", "open", "mine"}) writes.push_back(job(id));
  writes[3].stream = "session:a";
  must_commit(store, jobs(writes));
  must(store.claim_job(claiming()), "claim");
  must(store.claim_job(claiming()), "claim");
  auto finish = job("done", JobWrite::Op::finish);
  auto fail = job("dead", JobWrite::Op::fail);
  finish.claim = fail.claim = 1;
  fail.final = true;
  finish.now = fail.now = kNow;
  must_commit(store, jobs({finish, fail}));
  expect(must(store.purge_jobs(kNow, kNow), "purge") == 0, "a job erased before its time");
  expect(must(store.purge_jobs(kNow + seconds(1), kNow), "purge") == 1, "the done one");
  expect(must(store.purge_jobs(kNow, kNow + seconds(1)), "purge") == 1, "the dead one");
  auto of_stream = job("", JobWrite::Op::erase_stream);
  of_stream.stream = "session:a";
  must_commit(store, jobs({of_stream}));
  expect(!must(store.job("t", "mine"), "job"), "a job of an erased stream");
  must_commit(store, jobs({job("open", JobWrite::Op::erase), job("none", JobWrite::Op::erase)}));
  expect(must(store.jobs({.tenant = "t"}), "jobs").empty(), "nothing is left");
}

void spared_jobs_are_not_reclaimed(Storage& store) {
  must_commit(store, jobs({job("a"), job("b"), job("c")}));
  std::vector<std::uint64_t> spared;
  for (int i = 0; i < 3; ++i) {
    const auto claimed = must(store.claim_job(claiming()), "claim");
    if (claimed->id != "b") spared.push_back(claimed->number);
  }
  expect(must(store.reclaim_jobs(WallTime::max(), kNow, "died", spared), "reclaim") == 1,
         "all but those whose worker lives");
  expect(must(store.job("t", "a"), "job")->state == Job::State::running, "a spared job");
  expect(must(store.job("t", "b"), "job")->state == Job::State::waiting, "a reclaimed job");
}

void a_clock_that_went_back_holds_nothing_up(Storage& store) {
  auto later = job("later");
  later.run_after = kNow + seconds(5);
  must_commit(store, jobs({job("a"), job("due"), later}));
  auto fail = job("a", JobWrite::Op::fail);
  fail.claim = must(store.claim_job(claiming()), "claim")->claim;
  fail.run_after = kNow + seconds(5);
  must_commit(store, jobs({fail}));
  expect(must(store.claim_job(claiming(-1)), "claim")->id == "due", "a job that was due at once");
  expect(!must(store.claim_job(claiming(-1)), "claim"), "a second is no jump of the clock");
  expect(must(store.claim_job(claiming(-3'600)), "claim")->id == "a", "a retry after the jump");
  expect(!must(store.claim_job(claiming(-3'600)), "claim"), "what was queued for later");
}

constexpr Case kJobCases[] = {
    {"jobs are claimed by priority, then age", jobs_are_claimed_by_priority_then_age},
    {"a finished job keeps one result", a_finished_job_keeps_one_result},
    {"a failing job is tried max_attempts times", a_failing_job_is_tried_max_attempts_times},
    {"running jobs are reclaimed until dead", running_jobs_are_reclaimed_until_dead},
    {"spared jobs are not reclaimed", spared_jobs_are_not_reclaimed},
    {"a clock that went back holds nothing up", a_clock_that_went_back_holds_nothing_up},
    {"a lost claim ends nothing", a_lost_claim_ends_nothing},
    {"jobs of a key run one after the other", jobs_of_a_key_run_one_after_the_other},
    {"a single job is there once", a_single_job_is_there_once},
    {"a full queue refuses, or drops the oldest", a_full_queue_refuses_or_drops_the_oldest},
    {"dead jobs are listed and requeued", dead_jobs_are_listed_and_requeued},
    {"open jobs are listed by kind, state and key", open_jobs_are_listed},
    {"ended jobs are erased", ended_jobs_are_erased},
};

}  // namespace

std::span<const Case> job_cases() {
  return kJobCases;
}

}  // namespace scena::contract
