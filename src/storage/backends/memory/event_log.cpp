#include "storage/backends/memory/event_log.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace scena::memory {
namespace {

constexpr std::size_t kChunkBytes = 4096;
constexpr std::size_t kMaxTexts = 4096;
constexpr std::size_t kMaxTextBytes = 64;
constexpr unsigned kAudienceMask = 3;
constexpr unsigned kSameCause = 4;

// Writes into memory that was reserved before, so that nothing can fail half-way.
class Packer {
 public:
  explicit Packer(std::vector<char>& bytes) noexcept : bytes_(bytes) {}

  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
    bytes_.push_back(static_cast<char>(value));
  }
  void text(std::string_view value) {
    number(value.size());
    bytes_.insert(bytes_.end(), value.begin(), value.end());
  }
  void known_text(std::uint32_t known, std::string_view value) {
    number(known);
    if (known == 0) text(value);
  }

 private:
  std::vector<char>& bytes_;
};

class Unpacker {
 public:
  Unpacker(const std::vector<char>& bytes, std::size_t at) noexcept : bytes_(bytes), at_(at) {}

  std::size_t position() const noexcept { return at_; }
  std::uint64_t number() noexcept {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
  }
  std::string_view text() noexcept {
    const auto size = static_cast<std::size_t>(number());
    const std::string_view found(bytes_.data() + at_, size);
    at_ += size;
    return found;
  }
  std::string_view known_text(const TextTable& texts) noexcept {
    const auto known = static_cast<std::uint32_t>(number());
    return known == 0 ? text() : texts.text(known);
  }

 private:
  const std::vector<char>& bytes_;
  std::size_t at_;
};

std::uint64_t zigzag(std::int64_t value) noexcept {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::size_t size_of(std::uint64_t number) noexcept {
  return (static_cast<std::size_t>(std::bit_width(number | 1)) + 6) / 7;
}

std::size_t size_of(std::string_view text) noexcept {
  return size_of(text.size()) + text.size();
}

std::size_t size_of(std::uint32_t known, std::string_view text) noexcept {
  return size_of(std::uint64_t{known}) + (known == 0 ? size_of(text) : 0);
}

std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

// What it takes in a chunk where its cause is not that of the one before.
std::size_t size_of(const Event& event, std::uint32_t type, std::uint32_t actor) noexcept {
  std::size_t size = 1 + size_of(type, event.type) +
                     size_of(zigzag(event.time.time_since_epoch().count())) +
                     size_of(actor, event.actor) + size_of(event.cause) + size_of(event.data);
  if (event.audience.kind == Audience::Kind::named) {
    size += size_of(std::uint64_t{event.audience.names.size()});
    for (const auto& name : event.audience.names) size += size_of(name);
  }
  return size;
}

// An event in a chunk: flags, type, time, actor, [cause], [audience names], data.
struct Fields {
  unsigned flags = 0;
  std::string_view type, actor, data;
  std::size_t cause_at = 0;
  std::int64_t time = 0;
  std::size_t names_at = 0;
  std::size_t end = 0;
};

Fields unpack(const std::vector<char>& bytes, std::size_t at, std::size_t cause_at,
              const TextTable& texts) {
  Unpacker in(bytes, at);
  Fields found;
  found.flags = static_cast<unsigned>(in.number());
  found.type = in.known_text(texts);
  found.time = unzigzag(in.number());
  found.actor = in.known_text(texts);
  found.cause_at = (found.flags & kSameCause) ? cause_at : in.position();
  if (!(found.flags & kSameCause)) in.text();
  found.names_at = in.position();
  if ((found.flags & kAudienceMask) == static_cast<unsigned>(Audience::Kind::named)) {
    for (auto left = in.number(); left > 0; --left) in.text();
  }
  found.data = in.text();
  found.end = in.position();
  return found;
}

Event to_event(const std::vector<char>& bytes, const Fields& fields, std::string_view stream,
               std::uint64_t seq) {
  Event event;
  event.stream = stream;
  event.seq = seq;
  event.type = fields.type;
  event.time = WallTime(std::chrono::microseconds(fields.time));
  event.actor = fields.actor;
  event.cause = Unpacker(bytes, fields.cause_at).text();
  event.data = fields.data;
  event.audience.kind = static_cast<Audience::Kind>(fields.flags & kAudienceMask);
  if (event.audience.kind == Audience::Kind::named) {
    Unpacker in(bytes, fields.names_at);
    for (auto left = in.number(); left > 0; --left) event.audience.names.emplace_back(in.text());
  }
  return event;
}

}  // namespace

std::uint32_t TextTable::number(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  if (texts_.size() >= kMaxTexts || text.size() > kMaxTextBytes) return 0;
  if (texts_.size() == texts_.capacity()) texts_.reserve(2 * texts_.size() + 16);
  const auto [entry, added] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size() + 1));
  texts_.push_back(entry->first);
  return entry->second;
}

std::uint64_t EventLog::last_seq() const noexcept {
  return chunks_.empty() ? 0 : chunks_.back().first_seq + chunks_.back().count - 1;
}

EventLog::Chunk& EventLog::chunk_for(std::size_t bytes) {
  const bool full = chunks_.empty() ||
                    (chunks_.back().count > 0 && chunks_.back().bytes.size() + bytes > kChunkBytes);
  if (full) {
    Chunk fresh;
    fresh.first_seq = last_seq() + 1;
    fresh.bytes.reserve(bytes);
    chunks_.push_back(std::move(fresh));
    return chunks_.back();
  }
  // Grows by what comes and no more: most sessions are idle, and what a doubled buffer holds back
  // adds up, while a chunk is small enough to be copied for each event.
  auto& chunk = chunks_.back();
  chunk.bytes.reserve(chunk.bytes.size() + bytes);
  return chunk;
}

void EventLog::append(const Event& event, TextTable& texts) {
  const auto type = texts.number(event.type);
  const auto actor = texts.number(event.actor);
  auto& chunk = chunk_for(size_of(event, type, actor));
  const bool same_cause =
      chunk.count > 0 && Unpacker(chunk.bytes, chunk.cause_at).text() == event.cause;
  Packer out(chunk.bytes);
  out.number(static_cast<unsigned>(event.audience.kind) | (same_cause ? kSameCause : 0));
  out.known_text(type, event.type);
  out.number(zigzag(event.time.time_since_epoch().count()));
  out.known_text(actor, event.actor);
  if (!same_cause) {
    chunk.cause_at = static_cast<std::uint32_t>(chunk.bytes.size());
    out.text(event.cause);
  }
  if (event.audience.kind == Audience::Kind::named) {
    out.number(event.audience.names.size());
    for (const auto& name : event.audience.names) out.text(name);
  }
  out.text(event.data);
  ++chunk.count;
}

std::vector<Event> EventLog::read(std::string_view stream, std::uint64_t after_seq,
                                  std::size_t limit, const TextTable& texts) const {
  std::vector<Event> found;
  auto chunk =
      std::upper_bound(chunks_.begin(), chunks_.end(), after_seq + 1,
                       [](std::uint64_t seq, const Chunk& other) { return seq < other.first_seq; });
  if (chunk != chunks_.begin()) --chunk;
  for (; chunk != chunks_.end() && found.size() < limit; ++chunk) {
    std::size_t at = 0;
    std::size_t cause_at = 0;
    for (std::uint32_t i = 0; i < chunk->count && found.size() < limit; ++i) {
      const auto fields = unpack(chunk->bytes, at, cause_at, texts);
      const auto seq = chunk->first_seq + i;
      if (seq > after_seq) found.push_back(to_event(chunk->bytes, fields, stream, seq));
      at = fields.end;
      cause_at = fields.cause_at;
    }
  }
  return found;
}

EventLog::Mark EventLog::mark() const noexcept {
  if (chunks_.empty()) return {};
  const auto& last = chunks_.back();
  return {chunks_.size(), last.count, last.bytes.size(), last.cause_at};
}

void EventLog::truncate(const Mark& mark) noexcept {
  chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(mark.chunks), chunks_.end());
  if (chunks_.empty()) return;
  auto& last = chunks_.back();
  last.count = mark.count;
  last.bytes.erase(last.bytes.begin() + static_cast<std::ptrdiff_t>(mark.bytes), last.bytes.end());
  last.cause_at = mark.cause_at;
}

}  // namespace scena::memory
