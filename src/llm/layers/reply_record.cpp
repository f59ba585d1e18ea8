#include "llm/layers/reply_record.hpp"

#include <array>

#include "base/text.hpp"

namespace scena::llm {
namespace {

constexpr char kVersion = 2;  // 1: a start without the model that was asked for
constexpr std::array kCounts = {
    &UsageUpdate::input_tokens,        &UsageUpdate::output_tokens,
    &UsageUpdate::cached_input_tokens, &UsageUpdate::cache_write_tokens,
    &UsageUpdate::reasoning_tokens,    &UsageUpdate::billed_input_tokens,
    &UsageUpdate::billed_output_tokens};

// Takes a record apart. What is out of bounds makes it fail, and reads as empty from there on.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  // The version, which stands first. False: none that is known.
  bool open() {
    version_ = op();
    return version_ >= 1 && version_ <= kVersion;
  }
  char version() const noexcept { return version_; }
  bool sound() const noexcept { return sound_; }
  bool at_end() const noexcept { return rest_.empty(); }

  char op() {
    if (rest_.empty()) return fail();
    const char kind = rest_.front();
    rest_.remove_prefix(1);
    return kind;
  }
  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) return static_cast<std::uint64_t>(fail());
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    return static_cast<std::uint64_t>(fail());
  }
  std::string_view string() {
    const std::uint64_t size = number();
    if (size > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    if (!is_valid_utf8(text)) fail();
    return text;
  }
  std::string copy() { return std::string(string()); }

 private:
  char fail() noexcept {
    sound_ = false;
    rest_ = {};
    return '\0';
  }

  std::string_view rest_;
  char version_ = 0;
  bool sound_ = true;
};

ReplyStart read_start(Reader& reader) {
  ReplyStart start;
  start.provider = reader.copy();
  start.model = reader.copy();
  start.request_id = reader.copy();
  start.route = reader.copy();
  if (reader.version() > 1) start.asked_model = reader.copy();
  start.cached = true;
  return start;
}

UsageUpdate read_usage(Reader& reader) {
  UsageUpdate update;
  const std::uint64_t present = reader.number();
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    if ((present >> i & 1) != 0) update.*kCounts[i] = static_cast<std::int64_t>(reader.number());
  }
  return update;
}

ReplyEnd read_end(Reader& reader) {
  ReplyEnd end;
  end.outcome = Outcome::complete;
  const std::uint64_t reason = reader.number();
  end.reason = reason <= static_cast<std::uint64_t>(FinishReason::other)
                   ? static_cast<FinishReason>(reason)
                   : FinishReason::other;
  end.raw_reason = reader.copy();
  end.ignored = static_cast<std::uint32_t>(reader.number());
  end.extra = reader.copy();
  return end;
}

void read_text(Reader& reader, char kind, ReplySink* sink) {
  const std::string_view piece = reader.string();
  if (!sink || piece.empty()) return;
  if (kind == ReplyRecord::kText) sink->on_text(piece);
  if (kind == ReplyRecord::kReasoning) sink->on_reasoning(piece);
  if (kind == ReplyRecord::kRefusal) sink->on_refusal(piece);
  if (kind == ReplyRecord::kState) sink->on_state(piece);
}

void read_tool(Reader& reader, char kind, ReplySink* sink) {
  const std::size_t index = reader.number();
  if (kind == 'A') {
    const auto piece = reader.string();
    if (sink) sink->on_tool_args(index, piece);
    return;
  }
  ToolCall call;
  call.id = reader.copy();
  call.name = reader.copy();
  if (kind == 'T') {
    if (sink) sink->on_tool_start(index, call.id, call.name);
    return;
  }
  call.arguments = reader.copy();
  call.valid = reader.number() != 0;
  if (sink) sink->on_tool_end(index, call);
}

Citation read_citation(Reader& reader) {
  Citation citation;
  for (auto* text : {&citation.text, &citation.title, &citation.url, &citation.raw})
    *text = reader.copy();
  return citation;
}

// Reads one call and makes it, unless `sink` is null: then it is only checked. False: no call.
bool step(Reader& reader, ReplySink* sink, RecordFacts* facts) {
  const char kind = reader.op();
  switch (kind) {
    case 'S': {
      const ReplyStart start = read_start(reader);
      if (facts) {
        facts->model = start.model;
        facts->asked_model = start.asked_model;
      }
      if (sink) sink->on_start(start);
      return true;
    }
    case ReplyRecord::kText:
    case ReplyRecord::kReasoning:
    case ReplyRecord::kRefusal:
    case ReplyRecord::kState:
      read_text(reader, kind, sink);
      return true;
    case 'T':
    case 'A':
    case 'E':
      read_tool(reader, kind, sink);
      return true;
    case 'C': {
      const Citation citation = read_citation(reader);
      if (sink) sink->on_citation(citation);
      return true;
    }
    case 'U': {
      const UsageUpdate update = read_usage(reader);
      if (facts) facts->usage.merge(update);
      if (sink) sink->on_usage(update);
      return true;
    }
    case 'W': {
      const std::string code = reader.copy();
      const auto detail = reader.string();
      if (sink) sink->on_warning(code, detail);
      return true;
    }
    case 'F':
      if (sink) sink->on_flush();
      return true;
    case 'D': {
      const ReplyEnd end = read_end(reader);
      if (sink) sink->on_done(end);
      return true;
    }
    default:
      return false;
  }
}

bool is_sound(std::string_view bytes, RecordFacts* facts) {
  Reader reader(bytes);
  if (!reader.open()) return false;
  char last = '\0';
  while (reader.sound() && !reader.at_end()) {
    Reader ahead = reader;
    last = ahead.op();
    if (!step(reader, nullptr, facts)) return false;
    if (last == 'D') break;
  }
  return reader.sound() && reader.at_end() && last == 'D';
}

// Counts what a service bills as output.
class Counter final : public ReplySink {
 public:
  explicit Counter(ReplyTokens& came) noexcept : came_(came) {}

  void on_start(const ReplyStart&) override {}
  void on_text(std::string_view delta) override { came_.text(delta); }
  void on_reasoning(std::string_view delta) override { came_.reasoning(delta); }
  void on_refusal(std::string_view delta) override { came_.text(delta); }
  void on_tool_start(std::size_t, std::string_view, std::string_view name) override {
    came_.tool_start(name);
  }
  void on_tool_args(std::size_t, std::string_view delta) override { came_.tool_args(delta); }
  void on_tool_end(std::size_t, const ToolCall& call) override { came_.tool_end(call); }
  void on_done(const ReplyEnd&) override {}

 private:
  ReplyTokens& came_;
};

}  // namespace

void ReplyRecord::op(char kind) {
  if (size() == 0) bytes_ += kVersion;
  bytes_ += kind;
}

void ReplyRecord::number(std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
  bytes_ += static_cast<char>(value);
}

void ReplyRecord::string(std::string_view text) {
  number(text.size());
  bytes_ += text;
}

void ReplyRecord::start(const ReplyStart& start) {
  op('S');
  for (const auto* text :
       {&start.provider, &start.model, &start.request_id, &start.route, &start.asked_model})
    string(*text);
}

void ReplyRecord::text(char kind, std::string_view piece) {
  op(kind);
  string(piece);
}

void ReplyRecord::tool_start(std::size_t index, std::string_view id, std::string_view name) {
  op('T');
  number(index);
  string(id);
  string(name);
}

void ReplyRecord::tool_args(std::size_t index, std::string_view piece) {
  op('A');
  number(index);
  string(piece);
}

void ReplyRecord::tool_end(std::size_t index, const ToolCall& call) {
  op('E');
  number(index);
  for (const auto* text : {&call.id, &call.name, &call.arguments}) string(*text);
  number(call.valid ? 1 : 0);
}

void ReplyRecord::citation(const Citation& citation) {
  op('C');
  for (const auto* text : {&citation.text, &citation.title, &citation.url, &citation.raw})
    string(*text);
}

void ReplyRecord::usage(const UsageUpdate& update) {
  op('U');
  std::uint64_t present = 0;
  for (std::size_t i = 0; i < kCounts.size(); ++i) {
    if (update.*kCounts[i]) present |= std::uint64_t{1} << i;
  }
  number(present);
  for (const auto count : kCounts) {
    if (update.*count) number(static_cast<std::uint64_t>(*(update.*count)));
  }
}

void ReplyRecord::warning(std::string_view code, std::string_view detail) {
  op('W');
  string(code);
  string(detail);
}

void ReplyRecord::flush() {
  op('F');
}

void ReplyRecord::done(const ReplyEnd& end) {
  op('D');
  number(static_cast<std::uint64_t>(end.reason));
  string(end.raw_reason);
  number(end.ignored);
  string(end.extra);
}

bool play_record(std::string_view bytes, ReplySink& sink) {
  if (!is_sound(bytes, nullptr)) return false;
  Reader reader(bytes);
  reader.open();
  while (!reader.at_end()) step(reader, &sink, nullptr);
  return true;
}

std::optional<RecordFacts> record_facts(std::string_view bytes) {
  RecordFacts facts;
  if (!is_sound(bytes, &facts)) return std::nullopt;
  Counter counter(facts.came);
  if (!facts.usage.output_tokens) play_record(bytes, counter);
  return facts;
}

}  // namespace scena::llm
