#include "contract/storage_contract.hpp"

#include "contract/contract_steps.hpp"

namespace scena::contract {
namespace {

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
  made.events[3].time = WallTime(std::chrono::microseconds(-5));
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

void an_erased_stream_never_was(Storage& store) {
  for (const auto* name : {"session:a", "session:b"})
    must_commit(store, appending(append(name, 0, 3)));
  must_commit(store, appending(append("session:a", 0, 2, "other")));
  Batch stale = appending(append("session:b", 7));
  stale.erasures.push_back({"t", "session:a"});
  expect_error(commit(store, stale), ErrorCode::conflict, "an erasure beside a stale append");
  expect(last(store, "session:a") == 3, "a batch that failed erased a stream");
  Batch erase;
  erase.erasures = {{"t", "session:a"}, {"t", "session:none"}};
  must_commit(store, erase);
  must(store.scrub(), "scrub");
  expect(last(store, "session:a") == 0 && all(store, "session:a").empty(),
         "an erased stream is read");
  expect(must(store.streams("t", "", 10), "streams") == std::vector<std::string>{"session:b"},
         "an erased stream is listed");
  expect(last(store, "session:a", "other") == 2 && last(store, "session:b") == 3,
         "another stream was erased");
  must_commit(store, appending(append("session:a", 0, 1)));
  expect(last(store, "session:a") == 1, "an erased stream cannot begin anew");
  must(store.check(), "check");
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
  auto update = record("a", "{\"v\":4}");
  update.if_present = true;
  update.index = {{"owner", "o"}};
  must_commit(store, recording(update));
  expect(!must(store.get(write.key), "get"), "an update made a document");
  must_commit(store, recording(record("a", "{}", 0)));
  must_commit(store, recording(update));
  const auto updated = must(store.get(write.key), "get");
  expect(updated && updated->version == 2 && updated->json == update.json &&
             updated->index == update.index,
         "an update of what is there");
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
  const std::pair<const char*, const char*> rooms[] = {
      {"z", "1"}, {"b", "2"}, {"a", "2"}, {"m", "3"}};
  for (const auto& [id, value] : rooms) {
    must_commit(store,
                recording({.key = {"t", "room", id},
                           .json = "{}",
                           .index = {{"at", value}, {"open", *value == '1' ? "no" : "yes"}}}));
  }
  must_commit(store, recording({.key = {"t", "room", "fieldless"}, .json = "{}"}));
  RecordQuery ordered{.tenant = "t", .kind = "room", .limit = 3, .order_by = "at"};
  expect(ids(store, ordered) == Names{"z", "a", "b"}, "ordered by a field, then by id");
  ordered.after_id = "a";
  ordered.after_value = "2";
  expect(ids(store, ordered) == Names{"b", "m"}, "ordered by a field, second page");
  ordered.newest_first = true;
  expect(ids(store, ordered) == Names{"z"}, "descending, behind a place");
  ordered.after_id = "gone";  // a place stays one without its document
  expect(ids(store, ordered) == Names{"b", "a", "z"}, "descending, behind a place of nobody");
  ordered.after_id.clear();
  ordered.where = std::pair("open", "yes");
  expect(ids(store, ordered) == Names{"m", "b", "a"}, "ordered by one field, found by another");
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

void an_erased_blob_never_was(Storage& store) {
  BlobWrite others = blob("a");
  others.tenant = "other";
  must_commit(store, Batch{.blobs = {blob("a"), blob("b"), others}});
  Batch stale = appending(append("session:b", 7));
  stale.blob_erasures = {{"t", sha256_hex("a")}};
  expect_error(commit(store, stale), ErrorCode::conflict, "an erasure beside a stale append");
  expect(must(store.blob("t", sha256_hex("a")), "blob") == "a",
         "a batch that failed erased a blob");
  Batch erase;
  erase.blob_erasures = {{"t", sha256_hex("a")}, {"t", sha256_hex("none")}};
  must_commit(store, erase);
  must(store.scrub(), "scrub");
  expect(!must(store.blob("t", sha256_hex("a")), "blob"), "an erased blob is read");
  expect(must(store.blob("t", sha256_hex("b")), "blob") == "b" &&
             must(store.blob("other", sha256_hex("a")), "blob") == "a",
         "another blob was erased");
  erase.blobs = {blob("b"), blob("c")};
  erase.blob_erasures = {{"t", sha256_hex("b")}};
  must_commit(store, erase);
  expect(!must(store.blob("t", sha256_hex("b")), "blob"), "an erasure goes behind a write");
  must_commit(store, Batch{.blobs = {blob("a")}});
  expect(must(store.blob("t", sha256_hex("a")), "blob") == "a",
         "an erased blob cannot be written anew");
  expect_error(commit(store, Batch{.blob_erasures = {{"t", ""}}}), ErrorCode::invalid_argument,
               "erasing a blob without a name");
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
    {"an erased stream never was", an_erased_stream_never_was},
    {"an old epoch is a conflict", an_old_epoch_is_a_conflict},
    {"a lease has one owner", a_lease_has_one_owner},
    {"documents have versions", documents_have_versions},
    {"documents are found by index and page", documents_are_found_by_index_and_page},
    {"blobs are named by their hash", blobs_are_named_by_their_hash},
    {"an erased blob never was", an_erased_blob_never_was},
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
  for (const auto& each : job_cases()) {
    run_one(broken, each.promise, [&] { each.run(*subject.open_fresh()); });
  }
  run_one(broken, "everything survives a restart", [&] { everything_survives_a_restart(subject); });
  return broken;
}

}  // namespace scena::contract
