#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "llm/backends/gemini/model_turn.hpp"
#include "llm/backends/gemini/partial_call.hpp"
#include "llm/reply_reader.hpp"
#include "llm/request_fit.hpp"

namespace scena::llm::gemini {

/// The body of generateContent and streamGenerateContent. The same request gives the same bytes.
Result<std::string> write_request(const ReplyRequest& request, std::string_view model);
/// Adds what write_request() has no member for.
void add_unsupported(const ReplyRequest& request, std::string_view model, Unsupported& unsupported);

/// Reads GenerateContentResponse objects, streamed or whole, alone or in an array, bare or in the
/// member "response" of another.
///
/// Thoughts are reasoning; their signatures become the reply's state. Calls of functions are tool
/// calls, whole or in pieces; what the service ran itself is ignored and counted. Only candidate 0
/// is the answer. Usage: the last values count, output is candidates and thoughts together. There
/// is no end mark: complete when a finish reason, or a block of the prompt, was followed by the
/// body's orderly end.
class Reader final : public ReplyReader {
 public:
  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_numbers(std::span<const DeltaNumber> numbers, ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  /// What a number of the usage counts.
  enum class Count : std::uint8_t { other, prompt, tools, cached, candidates, thoughts };
  using Counts = std::array<std::optional<std::int64_t>, 6>;
  struct Part {
    JsonText text;
    JsonText signature;
    std::string_view call;   // JSON of a function call
    std::string_view media;  // JSON of inline data
    bool thought = false;
    bool server_side = false;
  };
  /// What one document said, before any of it is passed on.
  struct Seen {
    std::string_view model, id, error, grounding, citations;
    JsonText finish, finish_message, block;
    std::vector<Part> parts;
    std::vector<std::pair<std::string_view, std::string_view>> others;
    Counts counts;
    DeltaFrame frame;  // its numbers alone
    bool many_numbers = false;
    bool other_candidate = false;
    void clear();
  };

  void read(std::string_view json, ReplyProgress& reply);
  bool read_members(JsonCursor& json, std::string_view document);
  void read_candidate(JsonCursor& json);
  void read_content(JsonCursor& json);
  void read_parts(JsonCursor& json);
  void read_part(JsonCursor& json);
  void read_usage(JsonCursor& json);
  void read_counts(JsonCursor& json, Count count);
  void count(Count count, std::int64_t number) noexcept;
  void report(ReplyProgress& reply);
  EventReading frame() const;
  void pass_on(ReplyProgress& reply);
  void pass_part(const Part& part, ReplyProgress& reply);
  void pass_call(const Part& part, ReplyProgress& reply);
  void pass_citations(ReplyProgress& reply);
  void cite(const Citation& citation, ReplyProgress& reply);
  void finish(ReplyProgress& reply);

  Seen seen_;
  Counts counts_;  // the newest of each
  bool counted_ = false;
  ModelTurn turn_;
  PartialCall partial_;
  std::set<std::string, std::less<>> cited_;
  std::size_t calls_ = 0;
};

}  // namespace scena::llm::gemini
