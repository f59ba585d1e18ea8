#include "storage/batch_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "base/sha256.hpp"
#include "base/text.hpp"

namespace scena {
namespace {

// True for ASCII without NUL, looked at eight bytes at a time; false does not say the contrary.
bool is_plain(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kTops = 0x8080808080808080;
  constexpr std::size_t kStep = sizeof(std::uint64_t);
  if (text.size() < kStep)
    return std::all_of(text.begin(), text.end(), [](char each) {
      return each != 0 && static_cast<unsigned char>(each) < 0x80;
    });
  std::uint64_t odd = 0;
  const auto look = [&](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, kStep);
    odd |= (word - kOnes) | word;
  };
  for (std::size_t at = 0; at + kStep <= text.size(); at += kStep) look(at);
  look(text.size() - kStep);
  return (odd & kTops) == 0;
}

bool is_name(std::string_view text) {
  // Nearly every name is plain.
  if (is_plain(text)) return text.size() <= kMaxNameBytes;
  return text.size() <= kMaxNameBytes && text.find('\0') == std::string_view::npos &&
         is_valid_utf8(text);
}

bool is_full_name(std::string_view text) {
  return !text.empty() && is_name(text);
}

Error bad_name(std::string_view what) {
  return {ErrorCode::invalid_argument,
          fmt::format("storage: {} must be UTF-8 without NUL, 1 to {} bytes", what, kMaxNameBytes)};
}

Error too_large(std::string_view what) {
  return {ErrorCode::too_large, fmt::format("storage: {} is over the limit of {} MiB; split it",
                                            what, kMaxPayloadBytes >> 20)};
}

Result<void> check_event(const Append& append, const Event& event, std::uint64_t seq) {
  if (event.seq != seq || event.stream != append.stream) {
    return Error(
        ErrorCode::invalid_argument,
        fmt::format(
            "storage: event of stream \"{}\" with seq {} stands where seq {} of \"{}\" belongs",
            event.stream, event.seq, seq, append.stream));
  }
  if (!event.is_durable() || event.off || !event.turn.empty() || !event.text.empty()) {
    return Error(
        ErrorCode::invalid_argument,
        fmt::format(
            "storage: event {} of \"{}\" is a live one (type \"{}\"); only durable events are kept",
            seq, append.stream, event.type));
  }
  if (!is_full_name(event.type) || !is_name(event.actor) || !is_name(event.cause)) {
    return bad_name("an event's type, actor and cause");
  }
  for (const auto& name : event.audience.names) {
    if (!is_full_name(name)) return bad_name("a name in an event's audience");
  }
  if (event.data.size() > kMaxPayloadBytes) return too_large("an event's data");
  return {};
}

Result<void> check_append(const Append& append) {
  if (!is_name(append.tenant) || !is_full_name(append.stream))
    return bad_name("a tenant or stream");
  auto seq = append.expected_seq;
  for (const auto& event : append.events) {
    if (auto checked = check_event(append, event, ++seq); !checked) return checked;
  }
  return {};
}

Result<void> check_record(const RecordWrite& write) {
  if (!is_name(write.key.tenant) || !is_full_name(write.key.kind) || !is_full_name(write.key.id)) {
    return bad_name("a document's tenant, kind and id");
  }
  if (write.json.size() > kMaxPayloadBytes) return too_large("a document");
  if (write.index.size() > kMaxIndexFields) {
    return Error(ErrorCode::invalid_argument,
                 fmt::format("storage: a document has at most {} index fields", kMaxIndexFields));
  }
  for (const auto& [field, value] : write.index) {
    if (!is_full_name(field) || !is_name(value)) return bad_name("an index field");
  }
  return {};
}

Result<void> check_blob(const BlobWrite& write) {
  if (!is_name(write.tenant) || !is_name(write.media_type))
    return bad_name("a blob's tenant or media type");
  if (write.bytes.size() > kMaxPayloadBytes) return too_large("a blob");
  if (sha256_hex(write.bytes) != write.sha256) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "storage: a blob is named by the lower-case hex SHA-256 of its bytes; this "
                        "name is another");
  }
  return {};
}

Result<void> check_job(const JobWrite& write) {
  if (!is_name(write.tenant) || !is_name(write.key) || !is_name(write.stream))
    return bad_name("a job's tenant, key and stream");
  if (write.op == JobWrite::Op::erase_stream)
    return write.stream.empty() ? bad_name("the stream of jobs to erase") : Result<void>();
  if (!is_full_name(write.id)) return bad_name("a job's id");
  if (write.payload.size() > kMaxPayloadBytes) return too_large("a job's payload");
  if (write.op != JobWrite::Op::enqueue) return {};
  if (!is_full_name(write.kind)) return bad_name("a job's kind");
  if (write.max_attempts < 1) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "storage: a job's max_attempts must be 1 or more");
  }
  if (write.single && write.key.empty()) {
    return Error::fixed(ErrorCode::invalid_argument,
                        "storage: a single job needs a key that names what it does once");
  }
  return {};
}

Result<void> check_erasure(const StreamErase& erase) {
  if (!is_name(erase.tenant) || !is_full_name(erase.stream)) return bad_name("a tenant or stream");
  return {};
}

Result<void> check_blob_erasure(const BlobErase& erase) {
  if (!is_name(erase.tenant) || !is_full_name(erase.sha256))
    return bad_name("a blob's tenant and name");
  return {};
}

template <class Items, class Check>
Result<void> check_each(const Items& items, Check check) {
  for (const auto& item : items) {
    if (auto checked = check(item); !checked) return checked;
  }
  return {};
}

}  // namespace

Result<void> check_batch(const Batch& batch) {
  if (auto checked = check_each(batch.appends, check_append); !checked) return checked;
  if (auto checked = check_each(batch.records, check_record); !checked) return checked;
  if (auto checked = check_each(batch.blobs, check_blob); !checked) return checked;
  if (auto checked = check_each(batch.jobs, check_job); !checked) return checked;
  if (auto checked = check_each(batch.erasures, check_erasure); !checked) return checked;
  return check_each(batch.blob_erasures, check_blob_erasure);
}

Error stale_append(const Append& append, std::uint64_t last_seq) {
  return {ErrorCode::conflict,
          fmt::format("storage: stream \"{}\" is at seq {}, not {}; read it again", append.stream,
                      last_seq, append.expected_seq)};
}

Error stale_lease(const Append& append, std::uint64_t epoch) {
  return {ErrorCode::conflict,
          fmt::format("storage: stream \"{}\" has an owner of epoch {}, this writer has epoch {}",
                      append.stream, epoch, append.lease_epoch)};
}

Error stale_record(const RecordWrite& write, std::uint64_t version) {
  return {ErrorCode::conflict,
          fmt::format("storage: {} \"{}\" is at version {}, not {}; read it again", write.key.kind,
                      write.key.id, version, write.expected_version.value_or(0))};
}

Error job_not_running(const JobWrite& write) {
  return {ErrorCode::conflict,
          fmt::format("storage: job \"{}\" does not run under this claim", write.id)};
}

Error job_not_dead(const JobWrite& write) {
  return {ErrorCode::conflict,
          fmt::format("storage: job \"{}\" is neither dead nor cancelled nor dropped; only such a "
                      "one is requeued",
                      write.id)};
}

Error job_id_taken(const JobWrite& write) {
  return {ErrorCode::already_exists, fmt::format("storage: there is a job \"{}\"", write.id)};
}

Error jobs_full(const JobWrite& write) {
  return {
      ErrorCode::overloaded,
      fmt::format("storage: {} jobs of the kind \"{}\" are open; try again when some have ended",
                  write.max_open, write.kind)};
}

Error job_not_found(const JobWrite& write) {
  return {ErrorCode::not_found, fmt::format("storage: no job \"{}\"", write.id)};
}

Error lease_held(std::string_view name) {
  return {ErrorCode::conflict, fmt::format("storage: \"{}\" is held by another owner", name)};
}

}  // namespace scena
