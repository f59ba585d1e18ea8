#pragma once

#include <scena/ext/provider.hpp>
#include <scena/result.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "llm/backends/openai/wire.hpp"
#include "llm/backends/openai_responses/event.hpp"
#include "llm/reply_reader.hpp"

namespace scena::llm::openai_responses {

/// The body of POST {base}/responses. The same request gives the same bytes.
Result<std::string> write_request(const ReplyRequest& request, std::string_view model,
                                  const ModelRecord& record, const openai::Dialect& dialect);

/// Passes on what the events of a response and whole responses say. Complete when
/// response.completed or response.incomplete was seen. What an event delivers piece by piece, the
/// closing ones tell again as a whole: only what no piece brought is taken from them.
class Reader final : public ReplyReader {
 public:
  EventReading read_event(std::string_view type, std::string_view data,
                          ReplyProgress& reply) override;
  void read_whole(std::string_view body, ReplyProgress& reply) override;

 private:
  enum class Channel { text, refusal, reasoning, arguments, citations };
  /// A part of an item that pieces of have come.
  struct Part {
    std::int64_t item;
    std::int64_t part;
    Channel channel;
    bool operator==(const Part&) const = default;
  };
  /// What tells a text, the finest first: what a finer one brought, a coarser one tells again.
  enum class Source { delta, text_done, part_done, item };
  /// A text that came, and the message that it belongs to for sure, else kNoMessage.
  struct Told {
    std::int64_t message;
    Channel channel;
    Source source;
    bool operator==(const Told&) const = default;
  };
  static constexpr std::int64_t kNoMessage = -1;
  /// An item that was announced. Its own index is the place that its events give it, unless they
  /// give that to several: some servers number all items alike, or none.
  struct Known {
    std::int64_t index, place;
    std::string type, id, call_id;
    bool is_message;  // said so before anything of it came
  };

  EventReading take(const ResponseEvent& seen, ReplyProgress& reply);
  bool take_piece(const ResponseEvent& seen, ReplyProgress& reply);
  bool take_item(const ResponseEvent& seen, ReplyProgress& reply);
  void take_text(Part part, const JsonText& text, Source source, ReplyProgress& reply);
  std::int64_t message_of(std::int64_t index) const;
  bool tells_again(const Part& part, Source source, bool any_part) const;
  void take_arguments(std::int64_t item, const JsonText& text, bool whole, ReplyProgress& reply);
  std::int64_t item_of(const ResponseEvent& seen, std::string_view type) const;
  bool is_same(const Known& known, const Item& item, bool begins) const;
  std::int64_t announce(std::int64_t place, const Item& item, bool begins, ReplyProgress& reply);
  void close_item(std::int64_t index, const Item& item, ReplyProgress& reply);
  void close_parts(std::int64_t index, std::string_view list, Channel channel,
                   ReplyProgress& reply);
  void close_part(Part part, std::string_view raw, ReplyProgress& reply);
  static void cite(std::string_view annotation, ReplyProgress& reply);
  void close_output(const Whole& whole, ReplyProgress& reply);
  std::int64_t index_of(const Item& item, std::int64_t place) const;
  bool has_piece(Channel channel) const;
  void take_response(const Whole& whole, ReplyProgress& reply);
  void keep_state(const Item& item);
  void pass_state(ReplyProgress& reply);
  bool mark(const Part& part);

  std::vector<Part> delivered_;
  std::vector<Told> told_;
  std::vector<Known> announced_;
  std::vector<std::int64_t> closed_;
  std::string state_;  // the inside of a list
  bool has_reasoning_ = false;
  bool placed_ = true;  // the event at hand says which item it is about
};

}  // namespace scena::llm::openai_responses
