#include "llm/layers/request_key.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <initializer_list>
#include <map>

#include "base/sha256.hpp"

namespace scena::llm {
namespace {

// --- the hash ------------------------------------------------------------------------------------

// Any odd-looking numbers do; these are digits of pi.
constexpr std::array<std::uint64_t, 4> kSalt = {0x243F6A8885A308D3, 0x13198A2E03707344,
                                                0xA4093822299F31D0, 0x082EFA98EC4E6C89};

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ typedef unsigned __int128 Wide;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// Two lanes, each folds every other 16 bytes in. Quick and even, but not strong: who tries finds
// two texts of one hash. All that he gets for it are misses of his own.
std::uint64_t quick_hash(std::string_view bytes) noexcept {
  std::array<std::uint64_t, 4> words;
  std::array<std::uint64_t, 2> lanes = {kSalt[0] ^ bytes.size(), kSalt[1]};
  const auto take = [&](const char* from) {
    std::memcpy(words.data(), from, sizeof words);
    lanes[0] = fold(words[0] ^ lanes[0], words[1] ^ kSalt[2]);
    lanes[1] = fold(words[2] ^ lanes[1], words[3] ^ kSalt[3]);
  };
  for (; bytes.size() >= sizeof words; bytes.remove_prefix(sizeof words)) take(bytes.data());
  std::array<char, sizeof words> rest{};
  std::memcpy(rest.data(), bytes.data(), bytes.size());
  take(rest.data());
  return fold(lanes[0] ^ kSalt[1], lanes[1] ^ kSalt[2]);
}

// A name is as long as a string can be without memory of its own: it is copied into maps.
constexpr std::size_t kTenantBytes = 7;

void add_raw(std::string& name, std::uint64_t value, std::size_t bytes) {
  name.append(reinterpret_cast<const char*>(&value), bytes);
}

// --- the bytes -----------------------------------------------------------------------------------

// Length in front of every text and a mark for what is absent: no two requests give the same bytes.
class KeyBytes {
 public:
  explicit KeyBytes(std::size_t expected) : bytes_(expected, '\0') {}

  void number(std::int64_t value) { end(put(room(kMostOfNumber), value)); }
  void text(std::string_view piece) {
    char* to = put(room(kMostOfNumber + piece.size()), static_cast<std::int64_t>(piece.size()));
    if (!piece.empty()) std::memcpy(to, piece.data(), piece.size());
    end(to + piece.size());
  }
  // Flags, and texts most of which are empty: a bit for each that is not, then those.
  void head(std::uint32_t flags, std::initializer_list<const std::string*> texts) {
    std::int64_t bits = flags;
    for (const auto* one : texts) bits = 2 * bits + (one->empty() ? 0 : 1);
    number(bits);
    for (const auto* one : texts) {
      if (!one->empty()) text(*one);
    }
  }
  // Behind a flag that tells whether it is there.
  template <class T>
  void if_set(const std::optional<T>& value) {
    if (!value) return;
    if constexpr (std::is_floating_point_v<T>) {
      number(std::bit_cast<std::int64_t>(*value));
    } else {
      number(static_cast<std::int64_t>(*value));
    }
  }
  void map(const std::map<std::string, std::string>& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const auto& [name, value] : values) {
      text(name);
      text(value);
    }
  }
  std::string take() {
    const std::uint64_t size = used_;
    std::memcpy(bytes_.data(), &size, sizeof size);
    bytes_.resize(used_);
    return std::move(bytes_);
  }

 private:
  static constexpr std::size_t kMostOfNumber = 10;

  // Seven bits a byte: nearly every one is small.
  static char* put(char* to, std::int64_t value) noexcept {
    auto rest = static_cast<std::uint64_t>(value);
    for (; rest >= 0x80; rest >>= 7) *to++ = static_cast<char>((rest & 0x7F) | 0x80);
    *to++ = static_cast<char>(rest);
    return to;
  }
  char* room(std::size_t bytes) {
    if (bytes_.size() - used_ < bytes) bytes_.resize(2 * bytes_.size() + bytes);
    return bytes_.data() + used_;
  }
  void end(const char* to) noexcept { used_ = static_cast<std::size_t>(to - bytes_.data()); }

  std::string bytes_;
  std::size_t used_ = sizeof(std::uint64_t);  // the length comes first
};

// Yes and no, the first one as the highest bit.
std::uint32_t flags(std::initializer_list<bool> all) noexcept {
  std::uint32_t bits = 0;
  for (const bool one : all) bits = 2 * bits + (one ? 1 : 0);
  return bits;
}

void add_media(KeyBytes& key, const std::vector<MediaPart>& media) {
  key.number(static_cast<std::int64_t>(media.size()));
  for (const auto& part : media) {
    const auto kind = static_cast<std::uint32_t>(part.kind);
    key.head(kind, {&part.media_type, &part.url, &part.name});
    key.text(part.bytes.empty() ? std::string() : sha256_hex(part.bytes));
  }
}

void add_calls(KeyBytes& key, const std::vector<ToolCall>& calls) {
  key.number(static_cast<std::int64_t>(calls.size()));
  for (const auto& call : calls)
    key.head(flags({call.valid}), {&call.id, &call.name, &call.arguments});
}

void add_message(KeyBytes& key, const PromptMessage& message) {
  const bool media = !message.media.empty(), calls = !message.tool_calls.empty();
  key.head(
      8 * static_cast<std::uint32_t>(message.role) + flags({message.tool_failed, media, calls}),
      {&message.text, &message.name, &message.tool_call_id, &message.state});
  if (media) add_media(key, message.media);
  if (calls) add_calls(key, message.tool_calls);
}

void add_tools(KeyBytes& key, const ReplyRequest& request) {
  key.number(static_cast<std::int64_t>(request.tools.size()));
  for (const auto& tool : request.tools)
    key.head(flags({tool.strict}), {&tool.name, &tool.description, &tool.parameters});
  key.head(2 * static_cast<std::uint32_t>(request.tool_choice.kind) +
               flags({request.parallel_tools.has_value()}),
           {&request.tool_choice.name});
  key.if_set(request.parallel_tools);
}

void add_settings(KeyBytes& key, const ReplyRequest& request, bool scripted) {
  static const std::string kNone;
  key.head(
      flags({request.refuse_unsupported, request.stream, request.temperature.has_value(),
             request.top_p.has_value(), request.max_tokens.has_value(), request.seed.has_value()}),
      {&request.model, &request.reasoning_effort, &request.json_schema, &request.extra.body,
       scripted ? &request.script : &kNone, &request.system});
  key.if_set(request.temperature);
  key.if_set(request.top_p);
  key.if_set(request.max_tokens);
  key.if_set(request.seed);
  key.number(static_cast<std::int64_t>(request.stop.size()));
  for (const auto& stop : request.stop) key.text(stop);
  key.number(static_cast<std::int64_t>(request.max_bytes));
  key.map(request.extra.headers);
  key.map(request.extra.query);
}

// What decides where a rule sends the call, and what an offline script answers by.
void add_context(KeyBytes& key, const ReplyRequest& request, bool scripted) {
  const CallContext& context = request.context;
  key.head(static_cast<std::uint32_t>(context.purpose), {&context.tier, &context.language});
  key.number(context.attempt);
  if (!scripted || request.script.empty()) return;
  key.text(context.character);
  key.number(static_cast<std::int64_t>(context.session_seed));
  key.number(context.turn_number);
  key.number(context.reply_number);
}

std::size_t expected_size(const ReplyRequest& request) {
  std::size_t size = 512 + request.system.size() + request.json_schema.size();
  for (const auto& message : request.messages) size += message.text.size() + 64;
  for (const auto& tool : request.tools) size += tool.description.size() + tool.parameters.size();
  return size;
}

}  // namespace

std::string request_key_prefix(std::string_view tenant) {
  std::string prefix;
  add_raw(prefix, quick_hash(tenant), kTenantBytes);
  return prefix;
}

RequestKey request_key(std::string_view service, const ReplyRequest& request, bool scripted) {
  KeyBytes key(expected_size(request));
  key.text(request.context.tenant);
  key.text(service);
  add_settings(key, request, scripted);
  add_context(key, request, scripted);
  key.number(static_cast<std::int64_t>(request.messages.size()));
  for (const auto& message : request.messages) add_message(key, message);
  add_tools(key, request);
  RequestKey made{request_key_prefix(request.context.tenant), key.take()};
  add_raw(made.name, quick_hash(made.bytes), sizeof(std::uint64_t));
  return made;
}

}  // namespace scena::llm
