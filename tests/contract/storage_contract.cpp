#include "contract/storage_contract.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "base/sha256.hpp"

namespace scena::contract {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

constexpr WallTime kNow{microseconds(1'790'000'000'000'000)};

void expect(bool kept, std::string_view what) {
  if (!kept) throw std::runtime_error(std::string(what));
}

template <class T>
T must(Result<T> result, std::string_view what) {
  if (!result) throw std::runtime_error(fmt::format("{}: {}", what, result.error().what()));
  return std::move(result).value();
}

void must(const Result<void>& result, std::string_view what) {
  if (!result) throw std::runtime_error(fmt::format("{}: {}", what, result.error().what()));
}

template <class T>
void expect_error(const Result<T>& result, ErrorCode code, std::string_view what) {
  if (result) throw std::runtime_error(fmt::format("{}: was accepted", what));
  if (result.error().code() != code) {
    throw std::runtime_error(fmt::format("{}: {} in place of {}", what,
                                         to_string(result.error().code()), to_string(code)));
  }
}

Result<void> commit(Storage& store, Batch batch) {
  auto results = store.commit(std::span<const Batch>(&batch, 1));
  expect(results.size() == 1, "commit() answers once for each batch");
  return results.front();
}

void must_commit(Storage& store, Batch batch) {
  const auto result = commit(store, std::move(batch));
  if (!result) throw std::runtime_error(fmt::format("commit: {}", result.error().what()));
}

Event event(std::string stream, std::uint64_t seq, std::string data = "{}") {
  Event made;
  made.stream = std::move(stream);
  made.seq = seq;
  made.type = "message.stored";
  made.time = kNow + seconds(seq);
  made.actor = "anna";
  made.cause = "c1";
  made.data = std::move(data);
  return made;
}

Append append(std::string stream, std::uint64_t expected, std::size_t count = 1,
              std::string tenant = "t") {
  Append made{.tenant = std::move(tenant), .stream = stream, .expected_seq = expected};
  for (std::size_t i = 1; i <= count; ++i) made.events.push_back(event(stream, expected + i));
  return made;
}

Batch appending(Append made) {
  return Batch{.appends = {std::move(made)}};
}

RecordWrite record(std::string id, std::string json = "{}",
                   std::optional<std::uint64_t> expected = {}) {
  return {.key = {"t", "session", std::move(id)},
          .expected_version = expected,
          .json = std::move(json)};
}

Batch recording(RecordWrite write) {
  return Batch{.records = {std::move(write)}};
}

JobWrite job(std::string id, JobWrite::Op op = JobWrite::Op::enqueue) {
  return {.op = op,
          .tenant = "t",
          .kind = "analysis",
          .id = std::move(id),
          .payload = "{}",
          .run_after = kNow,
          .now = kNow};
}

JobClaim claiming(int later = 0) {
  return {.kind = "analysis",
          .owner = "one",
          .now = kNow + seconds(later),
          .until = kNow + seconds(later + 30)};
}

Batch jobs(std::vector<JobWrite> writes) {
  return Batch{.jobs = std::move(writes)};
}

BlobWrite blob(std::string bytes) {
  return {"t", sha256_hex(bytes), "image/png", bytes};
}

std::uint64_t last(Storage& store, std::string_view stream, std::string_view tenant = "t") {
  return must(store.last_seq(tenant, stream), "last_seq");
}

std::vector<Event> all(Storage& store, std::string_view stream, std::uint64_t after = 0,
                       std::size_t limit = 1000) {
  return must(store.read_events("t", stream, after, limit), "read_events");
}

std::vector<std::string> ids(Storage& store, const RecordQuery& query) {
  std::vector<std::string> found;
  for (const auto& each : must(store.list(query), "list")) found.push_back(each.key.id);
  return found;
}

// --- events ---

void events_come_back_field_by_field(Storage& store) {
  auto made = append("session:a", 0, 0);
  made.events = {
      event("session:a", 1, R"({"text":"Grüße, 世界 🙂","n":1.50,"b":[true,null]})"),
      event("session:a", 2, ""), event("session:a", 3, "{}"), event("session:a", 4)};
  made.events[1].audience.kind = Audience::Kind::hosts;
  made.events[2].audience = {Audience::Kind::named, {"anna", "role:judge", "söhnlein"}};
  made.events[2].actor = "";
  made.events[2].cause = "another";
  made.events[3].time = WallTime(microseconds(-5));
  made.events[3].type = "app.Ärger";
  must_commit(store, appending(made));
  expect(all(store, "session:a") == made.events, "events were read back unequal");
}

void a_stale_seq_is_a_conflict(Storage& store) {
  must_commit(store, appending(append("session:a", 0, 2)));
  expect_error(commit(store, appending(append("session:a", 1))), ErrorCode::conflict,
               "append after an old seq");
  expect_error(commit(store, appending(append("session:a", 3))), ErrorCode::conflict,
               "append after a seq that is not there");
  expect_error(commit(store, appending(append("session:b", 1))), ErrorCode::conflict,
               "append after seq 1 of no stream");
  expect(last(store, "session:a") == 2 && last(store, "session:b") == 0,
         "a refused append left something");
  must_commit(store, appending(append("session:a", 2)));
}

void wrongly_numbered_and_live_events_are_refused(Storage& store) {
  auto gap = append("session:a", 0, 2);
  gap.events[1].seq = 3;
  expect_error(commit(store, appending(gap)), ErrorCode::invalid_argument, "a gap in the numbers");
  auto other = append("session:a", 0);
  other.events[0].stream = "session:b";
  expect_error(commit(store, appending(other)), ErrorCode::invalid_argument,
               "an event of another stream");
  auto live = append("session:a", 0);
  live.events[0].type = "delta";
  expect_error(commit(store, appending(live)), ErrorCode::invalid_argument, "a live event");
  expect_error(commit(store, appending(append("", 0))), ErrorCode::invalid_argument,
               "a stream without a name");
  expect_error(commit(store, appending(append("session:\xFF", 0))), ErrorCode::invalid_argument,
               "a name that is not UTF-8");
  expect(last(store, "session:a") == 0, "a refused append left something");
}

void a_batch_is_all_or_nothing(Storage& store) {
  must_commit(store, recording(record("kept", "{\"v\":1}")));
  must_commit(store, jobs({job("open")}));
  Batch batch = appending(append("session:a", 0, 3));
  batch.records = {
      record("new"), record("kept", "{\"v\":2}"), {.key = {"t", "session", "kept"}, .erase = true}};
  batch.blobs = {blob("bytes")};
  batch.jobs = {job("other"), job("open", JobWrite::Op::cancel), job("open", JobWrite::Op::finish)};
  expect_error(commit(store, batch), ErrorCode::conflict, "finishing a cancelled job");
  expect(last(store, "session:a") == 0 && must(store.streams("t", "", 10), "streams").empty(),
         "events of a refused batch stayed");
  expect(!must(store.get({"t", "session", "new"}), "get"), "a document of a refused batch stayed");
  const auto kept = must(store.get({"t", "session", "kept"}), "get");
  expect(kept && kept->json == "{\"v\":1}" && kept->version == 1,
         "a change by a refused batch stayed");
  expect(!must(store.blob("t", sha256_hex("bytes")), "blob"), "a blob of a refused batch stayed");
  expect(!must(store.job("t", "other"), "job"), "a job of a refused batch stayed");
  expect(must(store.claim_job(claiming()), "claim")->id == "open",
         "a job cancelled by a refused batch stayed so");
}

void a_conflict_leaves_the_rest_of_the_group_alone(Storage& store) {
  std::vector<Batch> group = {appending(append("session:a", 0)), appending(append("session:a", 0)),
                              appending(append("session:a", 1)), appending(append("session:b", 7))};
  group[1].records = {record("lost")};
  group.push_back(recording(record("x", "{}", 5)));
  group.push_back(appending(append("session:b", 0)));
  const auto results = store.commit(group);
  expect(results.size() == 6, "one answer a batch");
  expect(results[0] && !results[1] && results[2] && !results[3] && !results[4] && results[5],
         "the wrong batches conflicted");
  expect(last(store, "session:a") == 2 && last(store, "session:b") == 1,
         "streams are not where the batches left them");
  expect(!must(store.get({"t", "session", "lost"}), "get"), "a conflicting batch left a document");
  expect(store.commit({}).empty(), "an empty group has no answers");
}

void one_batch_may_append_twice_to_a_stream(Storage& store) {
  Batch batch{.appends = {append("session:a", 0, 2), append("session:a", 2), append("user:u", 0)}};
  must_commit(store, batch);
  expect(last(store, "session:a") == 3 && last(store, "user:u") == 1,
         "appends of one batch did not follow each other");
}

void events_are_read_in_pages(Storage& store) {
  must_commit(store, appending(append("session:a", 0, 500)));
  must_commit(store, appending(append("session:a", 500, 500)));
  std::uint64_t after = 0;
  for (;;) {
    const auto page = all(store, "session:a", after, 77);
    expect(page.size() <= 77, "a page is larger than its limit");
    if (page.empty()) break;
    for (const auto& each : page) expect(each.seq == ++after, "a page has a hole or a double");
  }
  expect(after == 1000, "pages end early");
  expect(all(store, "session:a", 0, 0).empty() && all(store, "session:none").empty(),
         "events out of nothing");
  expect(all(store, "session:a", 2000).empty(), "events after the end");
}

void a_large_event_is_kept(Storage& store) {
  std::string data = "{\"text\":\"";
  for (int i = 0; i < 1'000'000; ++i) data += "äz";
  data += "\"}";
  auto made = append("session:a", 0, 3);
  made.events[1].data = data;
  must_commit(store, appending(made));
  expect(all(store, "session:a") == made.events, "a 3 MB event was read back unequal");
}

void streams_are_listed_per_tenant_in_order(Storage& store) {
  for (const auto* name : {"user:b", "session:c", "session:a", "session:b"})
    must_commit(store, appending(append(name, 0)));
  must_commit(store, appending(append("session:z", 0, 1, "other")));
  must_commit(store, appending(append("session:a", 0, 2, "other")));
  using Names = std::vector<std::string>;
  expect(must(store.streams("t", "", 10), "streams") ==
             Names{"session:a", "session:b", "session:c", "user:b"},
         "all streams");
  expect(must(store.streams("t", "session:a", 2), "streams") == Names{"session:b", "session:c"},
         "a page of streams");
  expect(must(store.streams("nobody", "", 2), "streams").empty(), "streams of an unknown tenant");
  expect(last(store, "session:a") == 1 && last(store, "session:a", "other") == 2,
         "tenants share a stream");
}

// --- leases ---

void an_old_epoch_is_a_conflict(Storage& store) {
  const auto name = lease_name("t", "session:a");
  const auto first = must(store.acquire_lease(name, "one", kNow, seconds(10)), "acquire");
  auto made = append("session:a", 0);
  made.lease_epoch = first.epoch;
  must_commit(store, appending(made));
  const auto second = must(store.acquire_lease(name, "two", kNow + seconds(11), seconds(10)),
                           "acquire after the end");
  expect(second.epoch > first.epoch, "a new owner has a higher epoch");
  made = append("session:a", 1);
  made.lease_epoch = first.epoch;
  expect_error(commit(store, appending(made)), ErrorCode::conflict, "append by the former owner");
  made.lease_epoch = second.epoch;
  must_commit(store, appending(made));
  must_commit(store, appending(append("session:b", 0)));
}

void a_lease_has_one_owner(Storage& store) {
  const auto mine = must(store.acquire_lease("x", "one", kNow, seconds(10)), "acquire");
  expect(mine.name == "x" && mine.owner == "one" && mine.epoch > 0 &&
             mine.expires == kNow + seconds(10),
         "a lease's fields");
  expect_error(store.acquire_lease("x", "two", kNow + seconds(9), seconds(10)), ErrorCode::conflict,
               "a held lease");
  const auto renewed =
      must(store.acquire_lease("x", "one", kNow + seconds(9), seconds(10)), "renew");
  expect(renewed.epoch == mine.epoch && renewed.expires == kNow + seconds(19),
         "renewing keeps the epoch");
  must(store.release_lease(renewed), "release");
  const auto next = must(store.acquire_lease("x", "two", kNow + seconds(9), seconds(10)),
                         "acquire a released lease");
  expect(next.epoch > mine.epoch, "the epoch grows after a release");
  must(store.release_lease(mine), "releasing what one no longer holds does nothing");
  expect_error(store.acquire_lease("x", "one", kNow + seconds(9), seconds(1)), ErrorCode::conflict,
               "an old release freed the lease");
  must(store.release_lease({.name = "never"}), "releasing an unknown lease does nothing");
}

// --- documents ---

void documents_have_versions(Storage& store) {
  auto write = record("a", "{\"name\":\"Zoë\"}", 0);
  write.index = {{"state", "active"}, {"owner", "zoë"}};
  must_commit(store, recording(write));
  const Record expected{write.key, 1, write.json, write.index};
  expect(must(store.get(write.key), "get") == expected, "a document was read back unequal");
  expect_error(commit(store, recording(record("a", "{}", 0))), ErrorCode::conflict,
               "creating what exists");
  expect_error(commit(store, recording(record("a", "{}", 2))), ErrorCode::conflict,
               "another version");
  expect_error(commit(store, recording(record("b", "{}", 1))), ErrorCode::conflict,
               "changing what does not exist");
  must_commit(store, recording(record("a", "{\"v\":2}", 1)));
  must_commit(store, recording(record("a", "{\"v\":3}")));
  const auto third = must(store.get(write.key), "get");
  expect(third && third->version == 3 && third->json == "{\"v\":3}" && third->index.empty(),
         "versions count the writes");
  expect(!must(store.get({"other", "session", "a"}), "get") &&
             !must(store.get({"t", "preset", "a"}), "get"),
         "a document of another tenant or kind");
  auto erase = record("a", "", 2);
  erase.erase = true;
  expect_error(commit(store, recording(erase)), ErrorCode::conflict, "erasing another version");
  erase.expected_version = 3;
  must_commit(store, recording(erase));
  expect(!must(store.get(write.key), "get"), "an erased document is still there");
  erase.expected_version.reset();
  must_commit(store, recording(erase));
}

void documents_are_found_by_index_and_page(Storage& store) {
  for (int i = 0; i < 30; ++i) {
    auto write = record(fmt::format("id{:02}", i));
    write.index = {{"parity", i % 2 ? "odd" : "even"}, {"owner", "o"}};
    must_commit(store, recording(write));
  }
  must_commit(
      store,
      Batch{
          .records = {
              {.key = {"t", "preset", "id00"}, .json = "{}", .index = {{"parity", "odd"}}},
              {.key = {"other", "session", "id00"}, .json = "{}", .index = {{"parity", "odd"}}}}});
  using Names = std::vector<std::string>;
  RecordQuery query{.tenant = "t", .kind = "session", .after_id = "id03", .limit = 3};
  expect(ids(store, query) == Names{"id04", "id05", "id06"}, "a page");
  query.where = std::pair("parity", "odd");
  expect(ids(store, query) == Names{"id05", "id07", "id09"}, "a page by index");
  query.newest_first = true;
  query.after_id.clear();
  expect(ids(store, query) == Names{"id29", "id27", "id25"}, "newest first by index");
  query.after_id = "id25";
  query.where.reset();
  expect(ids(store, query) == Names{"id24", "id23", "id22"}, "newest first, second page");
  auto moved = record("id05");
  moved.index = {{"parity", "even"}};
  must_commit(store, recording(moved));
  query = {.tenant = "t",
           .kind = "session",
           .after_id = "id03",
           .limit = 2,
           .where = std::pair("parity", "odd")};
  expect(ids(store, query) == Names{"id07", "id09"}, "a changed index still finds the old value");
  expect(must(store.list({.tenant = "t", .kind = "session", .limit = 0}), "list").empty(),
         "a page of nothing");
  auto many = record("many");
  many.index.assign(9, {"f", "v"});
  expect_error(commit(store, recording(many)), ErrorCode::invalid_argument, "nine index fields");
}

// --- blobs ---

void blobs_are_named_by_their_hash(Storage& store) {
  const std::string bytes("\0\xFF\n\0binary", 10);
  must_commit(store, Batch{.blobs = {blob(bytes), blob("")}});
  must_commit(store, Batch{.blobs = {blob(bytes)}});
  expect(must(store.blob("t", sha256_hex(bytes)), "blob") == bytes, "a blob was read back unequal");
  expect(must(store.blob("t", sha256_hex("")), "blob") == std::string(), "the empty blob");
  expect(!must(store.blob("other", sha256_hex(bytes)), "blob"), "a blob of another tenant");
  expect_error(commit(store, Batch{.blobs = {{"t", sha256_hex("x"), "text/plain", "y"}}}),
               ErrorCode::invalid_argument, "a wrong hash");
}

// --- jobs ---

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

// --- the whole store ---

void the_store_calls_itself_whole(Storage& store) {
  must_commit(store, appending(append("session:a", 0, 20)));
  must(store.check(), "check");
  expect(!store.info().backend.empty() && !store.info().read_only, "info");
}

void everything_survives_a_restart(const StorageSubject& subject) {
  if (!subject.reopen) return;
  auto store = subject.open_fresh();
  Batch batch = appending(append("session:ä", 0, 5));
  auto write = record("s", "{\"v\":1}");
  write.index = {{"state", "active"}};
  batch.records = {write};
  batch.blobs = {blob("bytes")};
  batch.jobs = {job("j"), job("k")};
  must_commit(*store, batch);
  must(store->claim_job(claiming()), "claim");
  const auto lease = must(store->acquire_lease("x", "one", kNow, seconds(10)), "acquire");
  store.reset();
  store = subject.reopen();
  expect(all(*store, "session:ä") == batch.appends[0].events, "events after a restart");
  expect(must(store->get(write.key), "get") == Record{write.key, 1, write.json, write.index},
         "a document after a restart");
  expect(must(store->blob("t", sha256_hex("bytes")), "blob") == "bytes", "a blob after a restart");
  expect(must(store->job("t", "j"), "job")->state == Job::State::running,
         "a running job after a restart");
  expect(must(store->reclaim_jobs(WallTime::max(), kNow, "died"), "reclaim") == 1,
         "jobs of the dead worker");
  expect(must(store->acquire_lease("x", "two", kNow + seconds(20), seconds(1)), "acquire").epoch >
             lease.epoch,
         "epochs after a restart");
  must_commit(*store, appending(append("session:ä", 5)));
  must(store->check(), "check");
}

struct Case {
  const char* promise;
  void (*run)(Storage&);
};

constexpr Case kCases[] = {
    {"events come back field by field", events_come_back_field_by_field},
    {"a stale seq is a conflict", a_stale_seq_is_a_conflict},
    {"wrongly numbered and live events are refused", wrongly_numbered_and_live_events_are_refused},
    {"a batch is all or nothing", a_batch_is_all_or_nothing},
    {"a conflict leaves the rest of the group alone",
     a_conflict_leaves_the_rest_of_the_group_alone},
    {"one batch may append twice to a stream", one_batch_may_append_twice_to_a_stream},
    {"events are read in pages", events_are_read_in_pages},
    {"a large event is kept", a_large_event_is_kept},
    {"streams are listed per tenant in order", streams_are_listed_per_tenant_in_order},
    {"an old epoch is a conflict", an_old_epoch_is_a_conflict},
    {"a lease has one owner", a_lease_has_one_owner},
    {"documents have versions", documents_have_versions},
    {"documents are found by index and page", documents_are_found_by_index_and_page},
    {"blobs are named by their hash", blobs_are_named_by_their_hash},
    {"jobs are claimed by priority, then age", jobs_are_claimed_by_priority_then_age},
    {"a finished job keeps one result", a_finished_job_keeps_one_result},
    {"a failing job is tried max_attempts times", a_failing_job_is_tried_max_attempts_times},
    {"running jobs are reclaimed until dead", running_jobs_are_reclaimed_until_dead},
    {"a lost claim ends nothing", a_lost_claim_ends_nothing},
    {"jobs of a key run one after the other", jobs_of_a_key_run_one_after_the_other},
    {"a single job is there once", a_single_job_is_there_once},
    {"a full queue refuses, or drops the oldest", a_full_queue_refuses_or_drops_the_oldest},
    {"dead jobs are listed and requeued", dead_jobs_are_listed_and_requeued},
    {"ended jobs are erased", ended_jobs_are_erased},
    {"the store calls itself whole", the_store_calls_itself_whole},
};

void run_one(std::vector<std::string>& broken, const char* promise,
             const std::function<void()>& body) {
  try {
    body();
  } catch (const std::exception& error) {
    broken.push_back(fmt::format("{}: {}", promise, error.what()));
  }
}

}  // namespace

std::vector<std::string> run_storage_contract(const StorageSubject& subject) {
  std::vector<std::string> broken;
  for (const auto& each : kCases) {
    run_one(broken, each.promise, [&] { each.run(*subject.open_fresh()); });
  }
  run_one(broken, "everything survives a restart", [&] { everything_survives_a_restart(subject); });
  return broken;
}

}  // namespace scena::contract
